/** `npm run build -- [--arch x64|arm64] [--if-stale]` */

import { relative, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { build, megabytes } from './build.ts'
import { ARCHITECTURES, type Arch, NODE_VERSION } from './node-binary.ts'
import { isStale } from './stale.ts'

const root = resolve(import.meta.dirname, '../..')

try {
  await run()
} catch (error) {
  process.stderr.write(`build: ${error instanceof Error ? error.message : error}\n`)
  process.exitCode = 1
}

async function run(): Promise<void> {
  const { values } = parseArgs({ options: { arch: { type: 'string' }, 'if-stale': { type: 'boolean' } } })
  const arch = parseArch(values.arch ?? process.arch)
  if (process.version !== `v${NODE_VERSION}`)
    throw new Error(`This is Node ${process.version}; the code cache is good only for v${NODE_VERSION}. Run "npm ci".`)
  if (values['if-stale'] && !(await isStale(root))) return

  const { path, size, sha256 } = await build({ root, arch, say: (line) => process.stdout.write(`${line}\n`) })
  process.stdout.write(`${relative(process.cwd(), path)}  ${megabytes(size)}  sha256 ${sha256}\n`)
}

function parseArch(text: string): Arch {
  const arch = ARCHITECTURES.find((known) => known === text)
  if (arch === undefined) throw new Error(`Cannot build for ${text}: known are ${ARCHITECTURES.join(' and ')}.`)
  return arch
}
