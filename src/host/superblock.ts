/** The superblocks of ext and xfs: what a filesystem is, which one it is, and how large it takes itself to be. */

import type { Bytes } from '../units.ts'

export interface Superblock {
  readonly type: 'ext2' | 'ext3' | 'ext4' | 'xfs'
  /** Lower case, with dashes. */
  readonly uuid: string
  /** Of the filesystem, which may be smaller than its device. */
  readonly size: Bytes
  /** False while mkfs.xfs is at work, or when it was interrupted. mke2fs writes the superblock last. */
  readonly complete: boolean
}

/** How much of a device's beginning holds either superblock. */
export const SUPERBLOCK_REACH = 4096

/** Reads the superblock in a device's first bytes; undefined when there is none that makes sense. */
export function parseSuperblock(head: Uint8Array): Superblock | undefined {
  if (head.length < SUPERBLOCK_REACH) return undefined
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength)
  return parseXfs(view) ?? parseExt(view)
}

/** @see fs/xfs/libxfs/xfs_format.h, struct xfs_dsb: big-endian, at the very beginning. */
const XFS = { magic: 0, blockSize: 4, blocks: 8, uuid: 32, inProgress: 126 } as const
const XFS_MAGIC = 0x58465342

function parseXfs(view: DataView): Superblock | undefined {
  if (view.getUint32(XFS.magic) !== XFS_MAGIC) return undefined
  const blockSize = view.getUint32(XFS.blockSize)
  if (!isPowerOfTwo(blockSize) || blockSize < 512 || blockSize > 65536) return undefined

  const size = bytesOf(view.getBigUint64(XFS.blocks), blockSize)
  if (size === undefined) return undefined
  return { type: 'xfs', uuid: uuidAt(view, XFS.uuid), size, complete: view.getUint8(XFS.inProgress) === 0 }
}

/** @see Documentation/filesystems/ext4/super.rst: little-endian, 1024 bytes in. */
const EXT = {
  blocksLow: 1024 + 0x4,
  logBlockSize: 1024 + 0x18,
  magic: 1024 + 0x38,
  compat: 1024 + 0x5c,
  incompat: 1024 + 0x60,
  roCompat: 1024 + 0x64,
  uuid: 1024 + 0x68,
  blocksHigh: 1024 + 0x150,
} as const
const EXT_MAGIC = 0xef53
const MAX_LOG_BLOCK_SIZE = 6

const HAS_JOURNAL = 0x4
const JOURNAL_DEVICE = 0x8
const SIXTY_FOUR_BIT = 0x80
/** filetype, recover, meta_bg. */
const EXT3_INCOMPAT = 0x2 | 0x4 | 0x10
/** sparse_super, large_file, btree_dir. */
const EXT3_RO_COMPAT = 0x1 | 0x2 | 0x4

function parseExt(view: DataView): Superblock | undefined {
  if (view.getUint16(EXT.magic, true) !== EXT_MAGIC) return undefined
  const logBlockSize = view.getUint32(EXT.logBlockSize, true)
  const incompat = view.getUint32(EXT.incompat, true)
  if (logBlockSize > MAX_LOG_BLOCK_SIZE || (incompat & JOURNAL_DEVICE) !== 0) return undefined

  const low = BigInt(view.getUint32(EXT.blocksLow, true))
  const high = (incompat & SIXTY_FOUR_BIT) === 0 ? 0n : BigInt(view.getUint32(EXT.blocksHigh, true))
  const size = bytesOf((high << 32n) | low, 1024 << logBlockSize)
  if (size === undefined) return undefined
  return { type: extTypeOf(view, incompat), uuid: uuidAt(view, EXT.uuid), size, complete: true }
}

/** As blkid tells them apart: ext4 has a feature that ext3 does not know, ext3 has a journal. */
function extTypeOf(view: DataView, incompat: number): 'ext2' | 'ext3' | 'ext4' {
  const roCompat = view.getUint32(EXT.roCompat, true)
  if ((incompat & ~EXT3_INCOMPAT) !== 0 || (roCompat & ~EXT3_RO_COMPAT) !== 0) return 'ext4'
  return (view.getUint32(EXT.compat, true) & HAS_JOURNAL) === 0 ? 'ext2' : 'ext3'
}

function bytesOf(blocks: bigint, blockSize: number): Bytes | undefined {
  const bytes = blocks * BigInt(blockSize)
  return bytes > 0n && bytes <= BigInt(Number.MAX_SAFE_INTEGER) ? (Number(bytes) as Bytes) : undefined
}

function uuidAt(view: DataView, offset: number): string {
  const hex = Buffer.from(view.buffer, view.byteOffset + offset, 16).toString('hex')
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

function isPowerOfTwo(value: number): boolean {
  return value > 0 && (value & (value - 1)) === 0
}
