/** The code cache: what V8 compiled while the daemon really started, for the executable to begin with. */

import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { NODE_FLAGS } from './flags.ts'

/** The same hashes in every run, for the same bytes; bytecode is not dropped for having been used long ago. */
const SEEDED = ['--hash-seed=1', '--random-seed=1', '--no-flush-bytecode']

/** Far more than a start takes. */
const PATIENCE_MS = 60_000

/**
 * Starts the daemon of `app` with its built-in config below a throw-away root, lets it answer, and writes to `cache`
 * what was compiled by then. The daemon then stops as on SIGTERM.
 *
 * @throws Error with the daemon's words when it does not come up or does not end well
 */
export async function warmUp(app: string, cache: string): Promise<Buffer> {
  const root = await mkdtemp(join(tmpdir(), 'netappdvp-warm-'))
  try {
    await node([...SEEDED, ...NODE_FLAGS, join(import.meta.dirname, 'warm-start.ts'), app, cache, root], root)
    await node([...NODE_FLAGS, join(import.meta.dirname, 'warm-seal.ts'), app, cache], root)
    return await readFile(cache)
  } finally {
    await rm(root, { recursive: true, force: true })
  }
}

async function node(args: readonly string[], home: string): Promise<void> {
  try {
    const env = { PATH: process.env['PATH'], HOME: home, LANG: 'C', TZ: 'UTC' }
    await promisify(execFile)(process.execPath, args, { env, timeout: PATIENCE_MS, killSignal: 'SIGKILL' })
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string }
    throw new Error(`The daemon could not be started to warm up its code:\n${stdout ?? ''}${stderr ?? ''}`, {
      cause: error,
    })
  }
}
