/** Builds the executable: bundle, warm start for the code cache, Node, pkg. */

import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { build as esbuild } from 'esbuild'
import { allSchemas } from '../../src/daemon/schemas.ts'
import { bundle } from './bundle.ts'
import { writeLicenses } from './licenses.ts'
import { type Arch, NODE_VERSION, readStrippedNode } from './node-binary.ts'
import { pack } from './pack.ts'
import { readStamps } from './stamps.ts'
import { warmUp } from './warm.ts'

export interface Order {
  /** The checkout. */
  readonly root: string
  readonly arch: Arch
  /** Told what was done, a line a step. */
  readonly say?: (line: string) => void
  /** Relative to `root`; `bin/netappdvp.ts` unless told. */
  readonly entry?: string
}

export interface Built {
  readonly path: string
  readonly size: number
  readonly sha256: string
}

/**
 * Puts the executable into dist/, beside it the bundle that stack traces point into and the licences of what it holds.
 * The old one is replaced at the end, in one step, so that a build may fail or run twice at once.
 */
export async function build({ root, arch, say = () => {}, entry = 'bin/netappdvp.ts' }: Order): Promise<Built> {
  const dist = join(root, 'dist')
  await mkdir(dist, { recursive: true })
  const work = await mkdtemp(join(dist, '.work-'))
  const step = stepper(say)

  try {
    const stamps = readStamps(root)
    const { code, modules } = await bundle({ root, entry, stamps, schemas: allSchemas() })
    await writeFile(join(work, 'app.cjs'), code)
    await bundleLoader(join(work, 'loader.cjs'))
    step(
      'bundle',
      `${kilobytes(code.length)}, ${modules.length} modules; ${stamps.version} ${stamps.build} ${stamps.built}`,
    )

    const native = arch === process.arch
    const cache = native ? await warmUp(join(work, 'app.cjs'), join(work, 'cache')) : undefined
    step('warm start', cache ? `${kilobytes(cache.length)} of code cache` : `no code cache: ${arch} does not run here`)

    const node = await readStrippedNode(root, arch)
    step('node', `${NODE_VERSION} ${arch}, ${megabytes(node.length)} without symbols`)

    const assets = { app: 'app.cjs', ...(cache && { cache: 'cache' }) }
    const packed = await pack(work, { arch, node, loader: 'loader.cjs', assets })
    step('executable', 'packed')

    const path = join(dist, native ? 'netappdvp' : `netappdvp-${arch}`)
    await writeLicenses(root, modules, join(dist, 'LICENSES.txt'))
    await rename(join(work, 'app.cjs'), join(dist, 'netappdvp.cjs'))
    await rename(packed, path)
    return { path, size: (await stat(path)).size, sha256: await sha256Of(path) }
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

async function bundleLoader(outfile: string): Promise<void> {
  const absWorkingDir = join(import.meta.dirname, '../..')
  const entryPoints = [join(import.meta.dirname, 'loader.ts')]
  await esbuild({
    absWorkingDir,
    entryPoints,
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node24',
  })
}

/** Says what a step came to and how long it took since the last. */
function stepper(say: (line: string) => void): (name: string, outcome: string) => void {
  let begun = performance.now()
  return (name, outcome) => {
    const now = performance.now()
    say(`${name.padEnd(11)} ${String(Math.round(now - begun)).padStart(6)} ms  ${outcome}`)
    begun = now
  }
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer)
  return hash.digest('hex')
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1e3).toFixed(0)} kB`
}

export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`
}
