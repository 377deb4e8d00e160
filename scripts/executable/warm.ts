/** The code cache: what V8 compiled while the daemon really started, for the executable to begin with. */

import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { NODE_FLAGS } from './flags.ts'

/**
 * The same hashes in every run, for the same bytes; bytecode is not dropped for having been used long ago. Some fields
 * that nobody reads hold what was in that memory before: cleared, that is mostly zeros.
 */
const SEEDED = [
  '--hash-seed=1',
  '--random-seed=1',
  '--no-flush-bytecode',
  '--clear-free-memory',
  '--single-threaded-gc',
]

/** Far more than a start takes. */
const PATIENCE_MS = 60_000

/** Few enough to be quick; that all of them have the same stray byte does not happen. */
const RUNS = 5

/**
 * Starts the daemon of `app` with its built-in config below a throw-away root, lets it answer, and returns what was
 * compiled by then. Each daemon then stops as on SIGTERM.
 *
 * A few bytes among a million still come out one way or another (some 30 of 1.2 million, Node 24.21), each in one run of
 * ten or so. A byte that is zero in any of several runs is therefore zero, and another its most frequent value: that is
 * the same in every build. V8 is asked whether it takes the result.
 *
 * @throws Error with the daemon's words when it does not come up or does not end well
 */
export async function warmUp(app: string, cache: string): Promise<Buffer> {
  const runs = await Promise.all(Array.from({ length: RUNS }, (_, run) => runOnce(app, `${cache}.${run}`)))
  await writeFile(cache, settledOf(runs))
  await node([...NODE_FLAGS, join(import.meta.dirname, 'warm-seal.ts'), app, cache], tmpdir())
  return readFile(cache)
}

async function runOnce(app: string, cache: string): Promise<Buffer> {
  const root = await mkdtemp(join(tmpdir(), 'netappdvp-warm-'))
  try {
    await node([...SEEDED, ...NODE_FLAGS, join(import.meta.dirname, 'warm-start.ts'), app, cache, root], root)
    return await readFile(cache)
  } finally {
    await Promise.all([root, cache].map((path) => rm(path, { recursive: true, force: true })))
  }
}

/** @throws Error when they are not of one length: then more than stray bytes differ */
export function settledOf(runs: readonly Buffer[]): Buffer {
  const [first, ...others] = runs as [Buffer, ...Buffer[]]
  if (others.some(({ length }) => length !== first.length)) {
    throw new Error(`The code caches of ${runs.length} runs differ in length: ${runs.map(({ length }) => length)}.`)
  }
  const result = Buffer.from(first)
  for (let at = 0; at < result.length; at += 1) {
    if (others.some((other) => other[at] !== first[at])) result[at] = settled(runs.map((run) => run[at]!))
  }
  return result
}

/** Zero if there is one; else the most frequent, and of those the least. */
function settled(values: readonly number[]): number {
  if (values.includes(0)) return 0
  const count = (value: number) => values.filter((other) => other === value).length
  return values.toSorted((a, b) => count(b) - count(a) || a - b)[0]!
}

async function node(args: readonly string[], home: string): Promise<void> {
  try {
    const env = { PATH: process.env['PATH'], HOME: home, LANG: 'C', TZ: 'UTC', UV_THREADPOOL_SIZE: '1' }
    await promisify(execFile)(process.execPath, args, { env, timeout: PATIENCE_MS, killSignal: 'SIGKILL' })
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string }
    throw new Error(`The daemon could not be started to warm up its code:\n${stdout ?? ''}${stderr ?? ''}`, {
      cause: error,
    })
  }
}
