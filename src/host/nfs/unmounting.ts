/** Unmounting what a server exports, also one that does not answer any more. */

import type { Context } from '../../context.ts'
import { HostError, hasCode } from '../../errors.ts'
import type { Finished } from '../../run.ts'
import { lastWordsOf } from '../command.ts'
import { holdersOf } from '../holders.ts'
import { MOUNT_FAULTS } from '../mount.ts'
import { type Mount, mountAt } from '../mountinfo.ts'
import { isSuperblockShared } from '../namespaces.ts'
import { isAnswering, NFS_PORT } from './server.ts'
import { settingOf } from './source.ts'
import type { NfsTools } from './tools.ts'

/**
 * Takes a mount away. The kernel takes it out of its table first and speaks to the server then, and a server that is
 * lost does not answer; so the table counts, not how umount(8) ended. A handle that has become stale is no hindrance.
 *
 * Only where the table still has it after that: `-f` fails what waits for the server, unless other mounts share the
 * filesystem (qtrees of one volume do) and would lose writes; and at last `-l` takes the path away.
 *
 * @throws HostError MOUNT_BUSY
 */
export async function unmountNfs(tools: NfsTools, ctx: Context, mount: Mount): Promise<void> {
  const { mountpoint, source } = mount
  const plain = await attempt(tools, ctx, mount)
  if (plain.isGone) {
    if (!plain.finished) ctx.log.warn(UNANSWERED, { mountpoint, source })
    return
  }
  if (plain.finished) throw await busy(tools, mount, plain.finished)

  if (!(await isSuperblockShared(mountpoint, await tools.mounts()))) {
    ctx.log.warn(FORCING, { mountpoint, source })
    if ((await attempt(tools, ctx, mount, '--force')).isGone) return
  }
  ctx.log.warn(DETACHING, { mountpoint, source })
  const lazy = await attempt(tools, ctx, mount, '--lazy')
  if (!lazy.isGone) throw await busy(tools, mount, lazy.finished)
}

const UNANSWERED = 'Unmounted, though the server does not answer. What it had not stored yet may be lost.'
const FORCING =
  'An unmount waits for a server that does not answer. Forcing it: what has not been written there is lost.'
const DETACHING =
  'An unmount waits for a server that does not answer. Taking the mount from its path: what still uses it keeps it, unseen, and may lose what it writes.'

interface Attempt {
  /** The kernel's table does not have it any more. */
  readonly isGone: boolean
  /** Absent when it did not end in time. */
  readonly finished?: Finished
}

/**
 * Without the helper umount.nfs(8): all it adds for version 3 is to tell the server's mountd, and it waits for that in
 * vain for 13 s. Without a look at the mount point, which may hang.
 */
async function attempt(
  { run, patience, mounts }: NfsTools,
  ctx: Context,
  { id, mountpoint }: Mount,
  ...how: readonly string[]
): Promise<Attempt> {
  const args = ['--internal-only', '--no-canonicalize', ...how, '--', mountpoint]
  let finished: Finished | undefined
  try {
    finished = await run(ctx, 'umount', args, { accept: MOUNT_FAULTS, timeoutMs: patience.unmountMs })
  } catch (error) {
    if (ctx.signal.aborted || !hasCode(error, 'COMMAND_TIMEOUT')) throw error
  }
  const isGone = mountAt(await mounts(), mountpoint)?.id !== id
  return { isGone, ...(finished && { finished }) }
}

async function busy(tools: NfsTools, mount: Mount, finished: Finished | undefined): Promise<HostError> {
  const { mountpoint } = mount
  const words = finished ? lastWordsOf(finished) : 'it hangs'
  const holders = await holdersOf(mountpoint, await tools.mounts())
  return new HostError(
    'MOUNT_BUSY',
    `Cannot unmount ${mountpoint}: ${words}. ${holders}${await ifSilent(tools, mount)}`,
  )
}

/** A program that has written to a server that is lost does not end before that is back, not even by SIGKILL. */
async function ifSilent({ patience }: NfsTools, mount: Mount): Promise<string> {
  const address = settingOf(mount, 'addr')
  if (address === undefined || !settingOf(mount, 'proto')?.startsWith('tcp')) return ''
  const port = Number(settingOf(mount, 'port') ?? NFS_PORT)
  if (await isAnswering(address, port, patience.answerMs)) return ''
  return ` The server ${address} does not answer, and what waits for it may not end before it does; "umount -f ${mount.mountpoint}" makes it end, and loses what it has not written.`
}
