/** A block device of this machine: how large it is, whether something holds it, what its bytes are. */

import { access, constants, type FileHandle, open, readFile } from 'node:fs/promises'
import type { Context } from '../context.ts'
import { errnoOf, HostError, reasonOf } from '../errors.ts'
import { backoffMs, sleep } from '../retry.ts'
import { type Bytes, KIB, MIB, printSize } from '../units.ts'

export interface BlockDevice {
  /** Its node: `/dev/loop3`. */
  readonly path: string
  /** `major:minor`, as sysfs and mountinfo name it. */
  readonly number: string
  /** What messages call it: its node, and what people know it by. */
  readonly label: string
}

/** @throws HostError DEVICE_MISSING */
export async function sizeOf(device: BlockDevice): Promise<Bytes> {
  try {
    const sectors = await readFile(`/sys/dev/block/${device.number}/size`, 'utf8')
    return (Number(sectors) * SYSFS_SECTOR) as Bytes
  } catch (error) {
    throw missing(device, error)
  }
}

/**
 * True when the kernel has no such device any more: what is mounted from it can only be unmounted. A number is not given
 * to another device before that. Filesystems without a device have the major number 0, and are never gone.
 */
export async function isGone(number: string): Promise<boolean> {
  if (number.startsWith('0:')) return false
  const found = await access(`/sys/dev/block/${number}`).catch(errnoOf)
  return found === 'ENOENT'
}

/** @throws HostError DEVICE_MISMATCH for a device of any other size; DEVICE_MISSING */
export async function ensureSize(device: BlockDevice, wanted: Bytes): Promise<void> {
  const size = await sizeOf(device)
  if (size === wanted) return
  throw new HostError(
    'DEVICE_MISMATCH',
    `Did not touch ${device.label}: it has ${size} bytes (${printSize(size)}), and the volume ${wanted} (${printSize(wanted)}). If the volume was resized just now, try again.`,
  )
}

/**
 * True when nothing has the device for itself: no mount in any mount namespace, no device mapper, no swap, no mkfs.
 *
 * @throws HostError DEVICE_MISSING
 */
export async function isFree(device: BlockDevice): Promise<boolean> {
  try {
    const handle = await open(device.path, constants.O_RDONLY | constants.O_EXCL)
    await handle.close()
    return true
  } catch (error) {
    if (errnoOf(error) === 'EBUSY') return false
    throw missing(device, error)
  }
}

/**
 * Waits a few seconds: the holder may be a mkfs or fsck of ours that has outlived a killed daemon.
 *
 * @throws HostError DEVICE_IN_USE | DEVICE_MISSING
 */
export async function waitUntilFree(ctx: Context, device: BlockDevice, limitMs = FREE_WAIT_MS): Promise<void> {
  const until = performance.now() + limitMs
  for (let attempt = 0; !(await isFree(device)); attempt++) {
    if (performance.now() >= until) {
      throw new HostError(
        'DEVICE_IN_USE',
        `Cannot touch ${device.label}: something else has held it open exclusively for ${limitMs / 1000} s. Find it with "lsblk ${device.path}" or "fuser -v ${device.path}", then try again.`,
      )
    }
    await sleep(backoffMs(attempt, FREE_POLL_MS), ctx.signal)
  }
}

/**
 * True when the device reads as zeros where data would show: its first 8 MiB and its last one, where ext keeps the first
 * copy of its superblock, and at the beginning of each 64th. A device that cannot be read is an error, never an answer.
 *
 * That is proof against whatever has a header, a copy of one or metadata spread over the device, wiped or not, and
 * against anything that fills a 64th. It is none against bytes that somebody wrote to a few places in between; reading
 * terabytes would be. About 13 MiB are read, one piece after the other: a read that a silent array does not answer takes
 * one of the few threads that all work with files shares.
 *
 * @throws HostError DEVICE_MISSING | DEVICE_UNREADABLE
 */
export async function looksBlank(device: BlockDevice, size: Bytes): Promise<boolean> {
  return reading(device, async (handle) => {
    for (const { position, length } of tellingPlaces(size)) {
      if (!isZero(await readFully(handle, position, length))) return false
    }
    return true
  })
}

/**
 * The device's first bytes.
 *
 * @throws HostError DEVICE_MISSING
 */
export function readHead(device: BlockDevice, length: number): Promise<Buffer> {
  return reading(device, (handle) => readFully(handle, 0, length))
}

/** sysfs counts in these, whatever the device's own sectors are. */
const SYSFS_SECTOR = 512

const FREE_WAIT_MS = 5_000
const FREE_POLL_MS = 500

/**
 * mke2fs puts the first copy at the start of block group 1. A group has eight times as many blocks as a block has
 * bytes, and with blocks of 1 KiB begins at block 1.
 *
 * @see mke2fs(8), `-b`: 1, 2 or 4 KiB
 */
const EXT_BACKUPS = [8193 * KIB, 32 * MIB, 128 * MIB]

/** Also where xfs begins its allocation groups, mostly four or eight, each with a copy of the superblock. */
const SAMPLES = 64
const SAMPLE = 64 * KIB

const HEAD_MIB = 8

interface Place {
  readonly position: number
  readonly length: number
}

function tellingPlaces(size: Bytes): readonly Place[] {
  const head = Array.from({ length: HEAD_MIB }, (_, index) => ({ position: index * MIB, length: MIB }))
  const backups = EXT_BACKUPS.map((position) => ({ position, length: 4 * KIB }))
  const samples = Array.from({ length: SAMPLES }, (_, index) => {
    const position = Math.floor((size / SAMPLES) * index)
    return { position: position - (position % (4 * KIB)), length: SAMPLE }
  })
  const tail = { position: Math.max(0, size - MIB), length: MIB }
  // What is found first ends it: the likeliest first.
  return [...head, tail, ...backups, ...samples].flatMap(({ position, length }) =>
    position < size ? [{ position, length: Math.min(length, size - position) }] : [],
  )
}

async function reading<T>(device: BlockDevice, read: (handle: FileHandle) => Promise<T>): Promise<T> {
  try {
    await using handle = await open(device.path, constants.O_RDONLY)
    return await read(handle)
  } catch (error) {
    throw missing(device, error)
  }
}

async function readFully(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length)
  for (let filled = 0; filled < length; ) {
    const { bytesRead } = await handle.read(buffer, filled, length - filled, position + filled)
    if (bytesRead === 0) throw new Error(`it ends after ${position + filled} bytes`)
    filled += bytesRead
  }
  return buffer
}

function isZero(buffer: Buffer): boolean {
  return buffer.equals(Buffer.alloc(buffer.length))
}

function missing(device: BlockDevice, cause: unknown): HostError {
  const gone = ['ENOENT', 'ENXIO', 'ENODEV'].includes(errnoOf(cause) ?? '')
  return new HostError(
    gone ? 'DEVICE_MISSING' : 'DEVICE_UNREADABLE',
    `Cannot read ${device.label}: ${reasonOf(cause)}. Nothing was written to it. See "dmesg" for why, then try again.`,
    { cause },
  )
}
