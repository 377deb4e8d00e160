/** Mounting and unmounting of filesystems on block devices, flushing of all, and holding them still. */

import type { Context } from '../context.ts'
import { HostError, hasCode, reasonOf } from '../errors.ts'
import type { Finished, Run } from '../run.ts'
import type { BlockDevice } from './block-device.ts'
import { lastWordsOf } from './command.ts'
import { holdersOf } from './holders.ts'
import { type Mount, mountAt, readMounts } from './mountinfo.ts'
import { isNfs } from './nfs/source.ts'

export interface Mounter {
  /** @throws HostError MOUNT_FAILED */
  mount(ctx: Context, device: BlockDevice, mountpoint: string, how: MountHow): Promise<void>

  /** Takes the topmost mount away; none is fine. @throws HostError MOUNT_BUSY | COMMAND_TIMEOUT */
  unmount(ctx: Context, mountpoint: string): Promise<void>

  /** Writes out what the kernel still holds back. Nothing mounted is fine. */
  flush(ctx: Context, mountpoint: string): Promise<void>

  /** Flushes and stops writes. Fine when that is so already, or cannot be. A freeze that fails leaves nothing frozen. */
  freeze(ctx: Context, mountpoint: string): Promise<void>

  /** Lets writes go on; nothing frozen is fine. */
  thaw(ctx: Context, mountpoint: string): Promise<void>
}

export interface MountHow {
  readonly type: string
  readonly options: readonly string[]
}

/** @param mounts reads the kernel's table */
export function mounter(run: Run, mounts: () => Promise<readonly Mount[]> = () => readMounts()): Mounter {
  const find = async (mountpoint: string) => mountAt(await mounts(), mountpoint)
  // Not where nothing is mounted, nor where a file server's directory is: fsfreeze(8) would hang with the server.
  const canFreeze = async (mountpoint: string) => {
    const mount = await find(mountpoint)
    return mount !== undefined && !isNfs(mount)
  }
  const thaw = async (ctx: Context, mountpoint: string): Promise<void> => {
    if (!(await canFreeze(mountpoint))) return
    const finished = await run(ctx, 'fsfreeze', ['--unfreeze', mountpoint], { accept: [FSFREEZE_FAULT] })
    if (finished.exitCode !== 0 && !NOT_FROZEN.test(finished.stderr)) throw cannot('thaw', mountpoint, finished)
  }

  return {
    async mount(ctx, device, mountpoint, { type, options }) {
      const args = ['-t', type, ...(options.length > 0 ? ['-o', options.join(',')] : []), '--', device.path, mountpoint]
      const finished = await run(ctx, 'mount', args, { accept: MOUNT_FAULTS, timeoutMs: MOUNT_LIMIT_MS })
      if (finished.exitCode === 0) return
      throw new HostError(
        'MOUNT_FAILED',
        `Cannot mount ${device.label} as ${type} at ${mountpoint} (exit code ${finished.exitCode}): ${lastWordsOf(finished)}. See the last lines of "dmesg" for the kernel's reason.`,
      )
    },

    async unmount(ctx, mountpoint) {
      const before = await find(mountpoint)
      if (!before) return
      const options = { accept: MOUNT_FAULTS, timeoutMs: MOUNT_LIMIT_MS }
      const finished = await run(ctx, 'umount', ['--no-canonicalize', '--', mountpoint], options)
      if (finished.exitCode === 0 || (await find(mountpoint))?.id !== before.id) return
      throw new HostError(
        'MOUNT_BUSY',
        `Cannot unmount ${mountpoint}: ${lastWordsOf(finished)}. ${await holdersOf(mountpoint, await mounts())}`,
      )
    },

    async flush(ctx, mountpoint) {
      const mount = await find(mountpoint)
      if (!mount) return
      const timeoutMs = isNfs(mount) ? SERVER_LIMIT_MS : MOUNT_LIMIT_MS
      try {
        await run(ctx, 'sync', ['--file-system', '--', mountpoint], { timeoutMs })
      } catch (error) {
        if (!isNfs(mount) || !hasCode(error, 'COMMAND_TIMEOUT')) throw error
        throw new HostError(
          'COMMAND_TIMEOUT',
          `Cannot write out what was written to ${mountpoint}: ${reasonOf(error)}. ${mount.source} does not answer; see the server and the network.`,
          { cause: error },
        )
      }
    },

    async freeze(ctx, mountpoint) {
      // fsfreeze stops whatever filesystem the path is on: the root's, if nothing is mounted there.
      if (!(await canFreeze(mountpoint))) return
      try {
        const options = { accept: [FSFREEZE_FAULT], timeoutMs: MOUNT_LIMIT_MS }
        const finished = await run(ctx, 'fsfreeze', ['--freeze', mountpoint], options)
        if (finished.exitCode !== 0 && !FROZEN.test(finished.stderr)) throw cannot('freeze', mountpoint, finished)
      } catch (error) {
        // One that ran out of time may take hold yet.
        await thaw(ctx, mountpoint).catch(() => {})
        throw error
      }
    },

    thaw,
  }
}

/** @see mount(8), EXIT STATUS: a sum of these, of which 32 is the kernel's refusal. */
export const MOUNT_FAULTS = [1, 2, 4, 8, 16, 32, 64]

/** An unmount flushes all that was written and not yet stored; so do the others. */
const MOUNT_LIMIT_MS = 2 * 60_000

/** A server that is lost may never take what was written; Docker waits 120 s for the copy that is to be made. */
const SERVER_LIMIT_MS = 30_000

/** fsfreeze(8) has no finer codes; these are EBUSY and EINVAL in the C locale that programs run in. */
const FSFREEZE_FAULT = 1
const FROZEN = /Device or resource busy/
const NOT_FROZEN = /Invalid argument/

function cannot(verb: string, mountpoint: string, finished: Finished): HostError {
  return new HostError('COMMAND_FAILED', `Cannot ${verb} the filesystem at ${mountpoint}: ${lastWordsOf(finished)}.`)
}
