/** Loop devices: block devices made of files. Wraps losetup(8), and knows one device a file. */

import { readFile, stat } from 'node:fs/promises'
import type { Context } from '../context.ts'
import { errnoOf, HostError } from '../errors.ts'
import { backoffMs, sleep } from '../retry.ts'
import type { Run } from '../run.ts'
import type { BlockDevice } from './block-device.ts'
import { lastWordsOf } from './command.ts'

export interface LoopDevices {
  /** Those made of the file at `path`, and those left of an earlier file of that path that was deleted. */
  find(ctx: Context, path: string): Promise<readonly LoopDevice[]>

  /** True when `number` (`major:minor`) is a loop device of the file that is at `path` now. */
  isOf(ctx: Context, number: string, path: string): Promise<boolean>

  /** The loop device of a file: the one it has, or a new one. @throws HostError COMMAND_FAILED | DEVICE_MISSING */
  attach(ctx: Context, path: string): Promise<BlockDevice>

  /** Makes the device as large as its file has become. */
  refreshSize(ctx: Context, device: BlockDevice): Promise<void>

  /** Lets the device go, at once or, when something has it open, as soon as that closes it. Safe to repeat. */
  letGo(ctx: Context, device: BlockDevice): Promise<void>
}

export interface LoopDevice extends BlockDevice {
  /** Its file was deleted, and lives on only through the device. */
  readonly deleted: boolean
}

export function loopDevices(run: Run): LoopDevices {
  return {
    async find(ctx, path) {
      const { stdout } = await run(ctx, 'losetup', ['--list', '--raw', '--noheadings', '--output', COLUMNS.join(',')])
      const file = await inodeOf(path)
      return parseLoopList(stdout).flatMap((row) => {
        const deleted = row.file === `${path} (deleted)`
        const same = row.inode === file?.inode && row.fileDevice === file?.device
        return deleted || same ? { path: row.path, number: row.number, label: `${row.path} (${path})`, deleted } : []
      })
    },

    async isOf(ctx, number, path) {
      // The kernel's own word, without a program; it says ` (deleted)` after the path of a file that was.
      const file = await readFile(`/sys/dev/block/${number}/loop/backing_file`, 'utf8').catch(() => '')
      if (file === `${path}\n`) return true
      return (await this.find(ctx, path)).some((device) => device.number === number && !device.deleted)
    },

    async attach(ctx, path) {
      await ensureAttached(run, ctx, path)
      const devices = await this.find(ctx, path)
      const device = devices.find(({ deleted }) => !deleted)
      if (device) return device
      throw new HostError('DEVICE_MISSING', `The loop device of ${path} went away again at once. Try again.`)
    },

    async refreshSize(ctx, device) {
      await run(ctx, 'losetup', ['--set-capacity', device.path])
    },

    async letGo(ctx, device) {
      const finished = await run(ctx, 'losetup', ['--detach', device.path], { accept: [FAILURE] })
      if (finished.exitCode === 0 || NOT_ATTACHED.test(finished.stderr)) return
      throw new HostError('COMMAND_FAILED', `Cannot let go of ${device.label}: ${lastWordsOf(finished)}.`)
    },
  }
}

/** One row of what losetup lists. */
export interface LoopRow {
  readonly path: string
  readonly number: string
  readonly fileDevice: string
  /** Decimal text: 64 bits, which a number cannot hold. */
  readonly inode: string
  /** As the kernel names it; ` (deleted)` is appended to the path of a deleted file. */
  readonly file: string
}

/**
 * Parses `losetup --list --raw`, one line a device, blanks within a column as `\x20`:
 *   /dev/loop0 \x20\x207:0\x20\x20 \x20\x20\x20\x20\x20254:0\x20\x20 2146462 /tmp/try/a\x20(deleted)
 *
 * Raw and not JSON, whose numbers lose digits of a 64-bit inode, and which util-linux before 2.33 writes as text.
 */
export function parseLoopList(text: string): readonly LoopRow[] {
  return text.split('\n').flatMap((line) => {
    const columns = line.split(' ').map(unescapeHex)
    if (columns.length < COLUMNS.length) return []
    const [path, number, fileDevice, inode, file] = columns as [string, string, string, string, string]
    return { path, number: number.trim(), fileDevice: fileDevice.trim(), inode, file }
  })
}

const COLUMNS = ['NAME', 'MAJ:MIN', 'BACK-MAJ:MIN', 'BACK-INO', 'BACK-FILE'] as const

/** losetup(8) has no finer codes. */
const FAILURE = 1

/** The texts of ENXIO and ENODEV, in the C locale that programs run in. */
const NOT_ATTACHED = /No such device/
const TAKEN_MEANWHILE = /Device or resource busy|Resource temporarily unavailable/
const MAX_ATTEMPTS = 8

/**
 * With `--nooverlap` losetup takes the device a file has already and calls off its going away, if that was due.
 * Without, `--find` races with every other losetup of the machine for the first free device.
 */
async function ensureAttached(run: Run, ctx: Context, path: string): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    const args = ['--find', '--show', '--nooverlap', '--', path]
    const finished = await run(ctx, 'losetup', args, { accept: [FAILURE] })
    if (finished.exitCode === 0) return
    if (attempt + 1 >= MAX_ATTEMPTS || !TAKEN_MEANWHILE.test(finished.stderr)) {
      throw new HostError(
        'COMMAND_FAILED',
        `Cannot make a loop device of ${path}: ${lastWordsOf(finished)}. See "losetup --list" for those in use.`,
      )
    }
    await sleep(backoffMs(attempt, 500), ctx.signal)
  }
}

/** What tells a file from every other one; undefined when there is none at `path`. */
async function inodeOf(path: string): Promise<{ inode: string; device: string } | undefined> {
  try {
    const { ino, dev } = await stat(path, { bigint: true })
    return { inode: `${ino}`, device: `${majorOf(dev)}:${minorOf(dev)}` }
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw error
  }
}

/** @see gnu_dev_makedev in glibc, sysmacros.h: both numbers lie in two parts. */
function majorOf(dev: bigint): bigint {
  return ((dev >> 8n) & 0xfffn) | ((dev >> 32n) & ~0xfffn)
}

function minorOf(dev: bigint): bigint {
  return (dev & 0xffn) | ((dev >> 12n) & 0xffffff00n)
}

/** losetup writes blanks, backslashes and bytes that do not print as `\x` and two hex digits. */
function unescapeHex(column: string): string {
  const bytes = column.replace(/\\x([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return Buffer.from(bytes, 'latin1').toString('utf8')
}
