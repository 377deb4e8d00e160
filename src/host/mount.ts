/** Mounting and unmounting of filesystems on block devices, and holding them still. */

import type { Context } from '../context.ts'
import { HostError } from '../errors.ts'
import type { Finished, Run } from '../run.ts'
import type { BlockDevice } from './block-device.ts'
import { lastWordsOf } from './command.ts'
import { type Mount, mountAt, readMounts } from './mountinfo.ts'
import { processesUsing } from './processes.ts'

export interface Mounter {
  /** @throws HostError MOUNT_FAILED */
  mount(ctx: Context, device: BlockDevice, mountpoint: string, how: MountHow): Promise<void>

  /** Takes the topmost mount away; none is fine. @throws HostError MOUNT_BUSY | COMMAND_TIMEOUT */
  unmount(ctx: Context, mountpoint: string): Promise<void>

  /** Writes out what the kernel still holds back. Nothing mounted is fine. */
  flush(ctx: Context, mountpoint: string): Promise<void>

  /** Flushes and stops writes. Fine when that is so already. A freeze that fails leaves nothing frozen. */
  freeze(ctx: Context, mountpoint: string): Promise<void>

  /** Lets writes go on; nothing frozen is fine. */
  thaw(ctx: Context, mountpoint: string): Promise<void>
}

export interface MountHow {
  readonly type: string
  readonly options: readonly string[]
}

export function mounter(run: Run): Mounter {
  const thaw = async (ctx: Context, mountpoint: string): Promise<void> => {
    if (!(await find(mountpoint))) return
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
        `Cannot unmount ${mountpoint}: ${lastWordsOf(finished)}. ${await holdersOf(mountpoint)}`,
      )
    },

    async flush(ctx, mountpoint) {
      if (!(await find(mountpoint))) return
      await run(ctx, 'sync', ['--file-system', '--', mountpoint], { timeoutMs: MOUNT_LIMIT_MS })
    },

    async freeze(ctx, mountpoint) {
      // fsfreeze stops whatever filesystem the path is on: the root's, if nothing is mounted there.
      if (!(await find(mountpoint))) return
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
const MOUNT_FAULTS = [1, 2, 4, 8, 16, 32, 64]

/** An unmount flushes all that was written and not yet stored; so do the others. */
const MOUNT_LIMIT_MS = 2 * 60_000

/** fsfreeze(8) has no finer codes; these are EBUSY and EINVAL in the C locale that programs run in. */
const FSFREEZE_FAULT = 1
const FROZEN = /Device or resource busy/
const NOT_FROZEN = /Invalid argument/

async function find(mountpoint: string): Promise<Mount | undefined> {
  return mountAt(await readMounts(), mountpoint)
}

/** Why it is busy, and what to do. */
async function holdersOf(mountpoint: string): Promise<string> {
  const below = (await readMounts()).find((mount) => mount.mountpoint.startsWith(`${mountpoint}/`))
  if (below) return `${below.mountpoint} is mounted below it: unmount that first.`

  const processes = await processesUsing(mountpoint)
  if (processes.length === 0) return 'No process has it open; a loop device, swap file or NFS export of this host may.'
  const names = processes.map(({ pid, name }) => `${name} (process ${pid})`)
  return `In use by ${names.join(', ')}: end what uses it, then try again.`
}

function cannot(verb: string, mountpoint: string, finished: Finished): HostError {
  return new HostError('COMMAND_FAILED', `Cannot ${verb} the filesystem at ${mountpoint}: ${lastWordsOf(finished)}.`)
}
