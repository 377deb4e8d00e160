/** Filesystems on block devices: what is there, making, checking and growing one. None is ever forced. */

import type { Context } from '../context.ts'
import { HostError } from '../errors.ts'
import type { Filesystem } from '../publication.ts'
import type { Finished, Run } from '../run.ts'
import type { BlockDevice } from './block-device.ts'
import { lastWordsOf } from './command.ts'

export interface Filesystems {
  /**
   * What blkid recognises on the device. Undefined is no proof that it is blank: blkid says as little of a device that
   * it cannot read.
   */
  identify(ctx: Context, device: BlockDevice): Promise<Signature | undefined>

  /**
   * Makes a filesystem. The caller has proved that the device may be written to: mke2fs without a terminal asks
   * nothing and overwrites whatever it finds; mkfs.xfs refuses what blkid recognises.
   */
  make(ctx: Context, device: BlockDevice, type: Filesystem, uuid: string): Promise<void>

  /** Takes the signature of a filesystem away, so that mkfs accepts the device. Nothing else of it is written to. */
  erase(ctx: Context, device: BlockDevice, type: Filesystem): Promise<void>

  /** Looks at every structure of a filesystem that was never mounted, and changes nothing. */
  isSound(ctx: Context, device: BlockDevice, type: Filesystem): Promise<boolean>

  /** Mends what may be mended unattended. xfs replays its log as it is mounted. @throws HostError FILESYSTEM_DAMAGED */
  check(ctx: Context, device: BlockDevice, type: Filesystem): Promise<void>

  /** Grows a mounted filesystem to its device's size. Does nothing when it has that. */
  grow(ctx: Context, device: BlockDevice, type: Filesystem, mountpoint: string): Promise<void>
}

/** What a device carries, in blkid's words. */
export interface Signature {
  /** `ext4`, `LVM2_member`, `crypto_LUKS`, `swap`, …; absent when there is only a partition table. */
  readonly type?: string
  readonly uuid?: string
  /** `dos`, `gpt`, … */
  readonly partitionTable?: string
  /** Signatures of several kinds, none of which blkid prefers. */
  readonly ambivalent: boolean
}

export function filesystems(run: Run): Filesystems {
  return {
    async identify(ctx, device) {
      const accept = [BLKID_NOTHING, BLKID_AMBIVALENT]
      const { exitCode, stdout } = await run(ctx, 'blkid', ['-p', '-o', 'export', '--', device.path], { accept })
      if (exitCode === BLKID_NOTHING) return undefined
      return { ...parseBlkid(stdout), ambivalent: exitCode === BLKID_AMBIVALENT }
    },

    async make(ctx, device, type, uuid) {
      const args =
        type === 'xfs'
          ? ['-q', '-K', '-m', `uuid=${uuid}`, device.path]
          : ['-q', '-E', 'nodiscard', '-U', uuid, device.path]
      await run(ctx, `mkfs.${type}`, args, { timeoutMs: MKFS_LIMIT_MS })
    },

    async erase(ctx, device, type) {
      await run(ctx, 'wipefs', ['--all', '--types', type, '--', device.path])
    },

    async isSound(ctx, device, type) {
      const [program, args] = type === 'xfs' ? ['xfs_repair', ['-n']] : ['e2fsck', ['-n', '-f']]
      const options = { accept: ANY_FAULT, timeoutMs: CHECK_LIMIT_MS }
      return (await run(ctx, program, [...args, device.path], options)).exitCode === 0
    },

    async check(ctx, device, type) {
      if (type === 'xfs') return
      const options = { accept: ANY_FAULT, timeoutMs: CHECK_LIMIT_MS }
      const finished = await run(ctx, 'e2fsck', ['-p', device.path], options)
      if (finished.exitCode >= E2FSCK_UNMENDED) throw damaged(device, finished)
      if (finished.exitCode > 0) {
        ctx.log.warn('The filesystem check mended faults.', { device: device.label, words: lastWordsOf(finished) })
      }
    },

    async grow(ctx, device, type, mountpoint) {
      const [program, args] = type === 'xfs' ? ['xfs_growfs', ['-d', mountpoint]] : ['resize2fs', [device.path]]
      await run(ctx, program, args, { timeoutMs: GROW_LIMIT_MS })
    },
  }
}

/** @see blkid(8), EXIT STATUS. 2 also stands for a device that is missing or cannot be read. */
const BLKID_NOTHING = 2
const BLKID_AMBIVALENT = 8

/**
 * e2fsck adds up: 1 mended, 2 mended and a mounted root should reboot, 4 faults left, 8 operational, 16 usage,
 * 32 cancelled. Data volumes are not mounted as they are checked, so 2 is as good as 1.
 *
 * @see e2fsck(8), EXIT CODE; xfs_repair(8), EXIT STATUS: 1 faults, 2 a log to replay
 */
const E2FSCK_UNMENDED = 4
const ANY_FAULT = Array.from({ length: 63 }, (_, index) => index + 1)

/** mke2fs writes all inode tables of an ext3: minutes for terabytes. */
const MKFS_LIMIT_MS = 30 * 60_000
/** A full check reads all metadata; killing it leaves the filesystem as unchecked as before. */
const CHECK_LIMIT_MS = 2 * 60 * 60_000
const GROW_LIMIT_MS = 30 * 60_000

/** Parses `blkid -o export`, one `NAME=value` a line. An ambivalent device has no lines. */
export function parseBlkid(text: string): Omit<Signature, 'ambivalent'> {
  const lookUp = (name: string) => new RegExp(`^${name}=(.+)$`, 'm').exec(text)?.[1]
  const [type, uuid, partitionTable] = [lookUp('TYPE'), lookUp('UUID'), lookUp('PTTYPE')]
  return { ...(type && { type }), ...(uuid && { uuid }), ...(partitionTable && { partitionTable }) }
}

function damaged(device: BlockDevice, finished: Finished): HostError {
  return new HostError(
    'FILESYSTEM_DAMAGED',
    `Cannot mount ${device.label}: e2fsck found faults that it may not mend unattended (exit code ${finished.exitCode}): ${lastWordsOf(finished)}. Take a snapshot or copy of the volume, then mend it by hand with "e2fsck -f".`,
  )
}
