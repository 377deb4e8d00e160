/**
 * Programs that outlive the process which started them. Killed, the plugin leaves behind what it was running just then
 * (systemd ends that too, a plain SIGKILL does not), and a late fsfreeze or mount would act after recovery has tidied up.
 */

import { readFile } from 'node:fs/promises'
import type { Context } from '../context.ts'
import { HostError } from '../errors.ts'
import { sleep } from '../retry.ts'
import type { Run } from '../run.ts'
import { run } from './command.ts'
import { processIds, statusOf } from './processes.ts'

/**
 * In the environment of every program an instance starts: `OWNER PROGRAM`. What such a program starts in its turn has it
 * too, and may be meant to stay (mount.nfs starts rpc.statd); so an orphan is one that also goes by that program's name.
 */
const MARK = 'NETAPPDVP_STARTED'

/** `run`, with each program marked as started by `owner`. */
export function runFor(owner: string): Run {
  return (ctx, program, args, options = {}) =>
    run(ctx, program, args, { ...options, env: { ...options.env, [MARK]: markOf(owner, program) } })
}

/** The kernel keeps 15 characters of a process's name. */
function markOf(owner: string, program: string): string {
  return `${owner} ${program.slice(0, 15)}`
}

/**
 * Waits until no program of an earlier process of `owner` runs any more; ends those that take long.
 *
 * @throws HostError COMMAND_TIMEOUT for one that not even SIGKILL ends, and that may do harm yet: it waits in the kernel
 */
export async function endOrphans(ctx: Context, owner: string, patienceMs = PATIENCE_MS): Promise<void> {
  for (const signal of [undefined, 'SIGTERM', 'SIGKILL'] as const) {
    const orphans = await orphansOf(owner)
    if (orphans.length === 0) return
    ctx.log.warn('Programs of an earlier run are still at work.', {
      pids: orphans.join(' '),
      ending: signal ?? 'waiting',
    })
    for (const pid of signal ? orphans : []) kill(pid, signal as NodeJS.Signals)
    await waitForEnd(ctx, owner, patienceMs)
  }
  for (const pid of await orphansOf(owner)) {
    const { name } = await statusOf(pid)
    if (!(await isHarmless(pid, name))) throw stillAtWork(pid, name)
    ctx.log.warn('A program of an earlier run waits in the kernel for storage that does not answer.', { pid, name })
  }
}

/**
 * A sync, and umount(8) of NFS, wait for a server, for ever if it is lost for good, and do nothing afterwards: the mount has
 * been taken from its path. A disk's umount ends when its session gives up, and the disk has to stay until then.
 */
async function isHarmless(pid: number, name: string): Promise<boolean> {
  if (name !== 'umount') return name === 'sync'
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
  return command.split('\0').includes(OF_NFS)
}

/** Only NFS is unmounted with it. */
const OF_NFS = '--internal-only'

function stillAtWork(pid: number, name: string): HostError {
  return new HostError(
    'COMMAND_TIMEOUT',
    `Cannot start while ${name} (process ${pid}), begun by an earlier run, is at work: it does not end, so it waits in the kernel. See "dmesg" for the device it waits for.`,
  )
}

/** Each for waiting, for SIGTERM (e2fsck ends cleanly on it) and for SIGKILL. */
const PATIENCE_MS = 5_000
const POLL_MS = 50

async function waitForEnd(ctx: Context, owner: string, patienceMs: number): Promise<void> {
  for (let waitedMs = 0; waitedMs < patienceMs && (await orphansOf(owner)).length > 0; waitedMs += POLL_MS) {
    await sleep(POLL_MS, ctx.signal)
  }
}

/** Those of this process itself are none. */
async function orphansOf(owner: string): Promise<readonly number[]> {
  const pids = await processIds()
  const orphaned = await Promise.all(pids.map((pid) => isOrphan(pid, owner)))
  return pids.filter((_, index) => orphaned[index])
}

/** A process that has ended, or is another user's, shows nothing. */
async function isOrphan(pid: number, owner: string): Promise<boolean> {
  const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')
  if (!environment.includes(`${MARK}=${owner} `)) return false
  const { name, parent } = await statusOf(pid)
  return parent !== process.pid && environment.split('\0').includes(`${MARK}=${markOf(owner, name)}`)
}

/** Each was started as the leader of a process group, which has its helpers. */
function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal)
  } catch {
    // It has ended by itself.
  }
}
