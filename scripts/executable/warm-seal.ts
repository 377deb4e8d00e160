/** Run by warm.ts: `warm-seal.ts APP CACHE`, with the executable's flags and no others. */

import { readFileSync, writeFileSync } from 'node:fs'
import { appScript } from './app-script.ts'

/** V8's hash of its flags in the header of cached data (SerializedCodeData in code-serializer.h): four bytes. */
const FLAG_HASH = { at: 12, to: 16 }

const [app, path] = process.argv.slice(2) as [string, string]
const cache = readFileSync(path)
appScript('0').createCachedData().copy(cache, FLAG_HASH.at, FLAG_HASH.at, FLAG_HASH.to)
writeFileSync(path, cache)

if (appScript(readFileSync(app, 'latin1'), cache).cachedDataRejected)
  throw new Error('V8 would reject the code cache under the flags of the executable.')
