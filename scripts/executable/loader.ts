/** The executable's main script: runs the bundle it carries, with the code V8 had compiled when it was warmed up. */

import { getAssetKeys, getRawAsset } from 'node:sea'
import { type App, appScript } from './app-script.ts'

const source = asset('app').toString('latin1')
const script = appScript(source, getAssetKeys().includes('cache') ? asset('cache') : undefined)
const app: App = script.runInThisContext()
app(require)

function asset(name: 'app' | 'cache'): Buffer {
  return Buffer.from(getRawAsset(name) as ArrayBuffer)
}
