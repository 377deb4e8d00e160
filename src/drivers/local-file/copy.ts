/** Fills data files: empty, reserved, or copied. */

import { constants } from 'node:fs'
import { copyFile, open } from 'node:fs/promises'
import type { Context } from '../../context.ts'
import { errnoOf } from '../../errors.ts'
import type { Run } from '../../run.ts'
import type { Bytes } from '../../units.ts'

/** A file of `size` that reads as zeros; `reserved` takes its blocks at once. */
export async function makeFile(run: Run, ctx: Context, path: string, size: Bytes, reserved: boolean): Promise<void> {
  await setLength(path, size)
  if (reserved) await run(ctx, 'fallocate', ['--length', String(size), '--', path], { timeoutMs: COPY_TIMEOUT_MS })
}

/**
 * Copies a file as it is at one instant where the filesystem can share blocks (btrfs, XFS); else block by block without
 * the holes. The caller sees to it that nobody writes meanwhile. A reserved copy shares nothing.
 */
export async function copyData(run: Run, ctx: Context, from: string, to: string, reserved: boolean): Promise<void> {
  if (!reserved && (await reflink(from, to))) return
  const sparse = reserved ? '--sparse=never' : '--sparse=always'
  await run(ctx, 'cp', ['--reflink=never', sparse, '--', from, to], { timeoutMs: COPY_TIMEOUT_MS })
}

/** Lengthens a file; the new part reads as zeros and takes no blocks. */
export async function setLength(path: string, size: Bytes): Promise<void> {
  const file = await open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_NOFOLLOW, 0o600)
  try {
    await file.truncate(size)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** Copying and reserving take as long as the disk does; Docker's patience is the caller's matter. */
const COPY_TIMEOUT_MS = 60 * 60 * 1000

/** False where the filesystem cannot. */
async function reflink(from: string, to: string): Promise<boolean> {
  try {
    await copyFile(from, to, constants.COPYFILE_FICLONE_FORCE | constants.COPYFILE_EXCL)
    return true
  } catch (error) {
    if (['ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EXDEV', 'EINVAL', 'ENOTTY'].includes(errnoOf(error) ?? '')) return false
    throw error
  }
}
