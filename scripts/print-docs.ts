/** `npm run docs`: brings README's tables and the published schemas up to date. */

import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { generated } from './docs/generated.ts'

const root = resolve(import.meta.dirname, '..')

for (const [path, text] of generated(root)) {
  if (read(path) === text) continue
  writeFileSync(join(root, path), text)
  process.stdout.write(`${path}\n`)
}

function read(path: string): string | undefined {
  try {
    return readFileSync(join(root, path), 'utf8')
  } catch {
    return undefined
  }
}
