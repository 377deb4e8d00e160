/** Unmounting what a server exports, also one that does not answer any more. */

import type { Context } from '../../context.ts'
import { HostError, hasCode } from '../../errors.ts'
import type { Finished } from '../../run.ts'
import { lastWordsOf } from '../command.ts'
import { holdersOf } from '../holders.ts'
import { MOUNT_FAULTS } from '../mount.ts'
import { type Mount, mountAt } from '../mountinfo.ts'
import { isAnswering, NFS_PORT } from './server.ts'
import { settingOf } from './source.ts'
import type { NfsTools } from './tools.ts'

/**
 * Takes a mount away, by a plain umount(2) and nothing stronger.
 *
 * - While a program has not written all it wrote, it does not end, not even by SIGKILL, and the mount is busy: nothing
 *   is lost, and the next unmount finishes.
 * - Else the kernel takes the mount out of its table first and speaks to the server then, which may be silent for as
 *   long as a takeover lasts. What the server has not stored by then is written as soon as it answers. So the table
 *   counts, not how umount(8) ended: the volume is unmounted, and whoever waits need not wait for the server.
 *
 * Hence a server that is silent never keeps a mount in the table; and `-f` would fail what waits for it, written data
 * first, even where the mount then turns out to be busy and stays. (Seen on Linux 6.1, NFS 3 and 4.1: after `-f`, 3 MB
 * that a program had written were lost; without it, all came through.) `-l` would hide a mount that is in use.
 *
 * @throws HostError MOUNT_BUSY
 */
export async function unmountNfs(tools: NfsTools, ctx: Context, mount: Mount): Promise<void> {
  const { mountpoint, source } = mount
  const finished = await unmountPlainly(tools, ctx, mountpoint)
  const isGone = mountAt(await tools.mounts(), mountpoint)?.id !== mount.id
  if (!isGone) throw await busy(tools, mount, finished)
  if (!finished) ctx.log.warn(UNANSWERED, { mountpoint, source })
}

const UNANSWERED =
  'Unmounted, though the server does not answer. What it has not stored yet is written once it does; if this host is restarted before, that is lost.'

/**
 * Without the helper umount.nfs(8): all it adds for version 3 is to tell the server's mountd, and it waits for that in
 * vain for 13 s. Without a look at the mount point, which may hang.
 *
 * @returns undefined when it did not end in time
 */
async function unmountPlainly(
  { run, patience }: NfsTools,
  ctx: Context,
  mountpoint: string,
): Promise<Finished | undefined> {
  const args = ['--internal-only', '--no-canonicalize', '--', mountpoint]
  try {
    return await run(ctx, 'umount', args, { accept: MOUNT_FAULTS, timeoutMs: patience.unmountMs })
  } catch (error) {
    if (ctx.signal.aborted || !hasCode(error, 'COMMAND_TIMEOUT')) throw error
    return undefined
  }
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
