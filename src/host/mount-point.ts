/** The directory a volume is mounted on. It exists only while it is needed. */

import { lstat, mkdir, rmdir } from 'node:fs/promises'
import { normalize } from 'node:path'
import type { Context } from '../context.ts'
import { errnoOf, HostError, reasonOf } from '../errors.ts'

/**
 * Makes the directory, and those above it, of mode 0755. Only to be called after the kernel's table has shown that
 * nothing is mounted there: looking at a mount point may hang.
 *
 * No part of the path may be a symbolic link: the kernel's table shows where it leads, and the mount would not be
 * found again.
 *
 * @throws HostError PATH_INVALID | STATE_UNWRITABLE
 */
export async function ensureMountPoint(path: string): Promise<void> {
  if (!path.startsWith('/') || normalize(path) !== path || path.endsWith('/')) {
    throw invalid(path, 'it is not an absolute path in its shortest form')
  }
  const names = path.split('/').slice(1)
  for (const [index] of names.entries()) await ensureDirectory(`/${names.slice(0, index + 1).join('/')}`, path)
}

/**
 * Removes the directory. What somebody has put into it, while nothing was mounted there, is never removed: the
 * directory stays then, with a warning.
 */
export async function removeMountPoint(ctx: Context, path: string): Promise<void> {
  try {
    await rmdir(path)
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return
    ctx.log.warn('Cannot remove a mount point; look into it and remove it by hand.', { path, reason: reasonOf(error) })
  }
}

/** Tries first and looks afterwards, so that two volumes' first mounts may make the directories they share. */
async function ensureDirectory(directory: string, mountpoint: string): Promise<void> {
  try {
    await mkdir(directory, { mode: 0o755 })
  } catch (error) {
    const errno = errnoOf(error)
    if (errno === 'ENAMETOOLONG') throw invalid(mountpoint, 'it is too long', error)
    if (errno !== 'EEXIST' && (await kindOf(directory)) === undefined) {
      throw new HostError('STATE_UNWRITABLE', `Cannot make the mount point ${mountpoint}: ${reasonOf(error)}.`, {
        cause: error,
      })
    }
    const kind = await kindOf(directory)
    if (kind !== 'a directory') throw invalid(mountpoint, `${directory} is ${kind ?? 'missing'}`, error)
  }
}

async function kindOf(path: string): Promise<string | undefined> {
  try {
    const found = await lstat(path)
    if (found.isDirectory()) return 'a directory'
    return found.isSymbolicLink() ? 'a symbolic link' : 'not a directory'
  } catch {
    return undefined
  }
}

function invalid(path: string, found: string, cause?: unknown): HostError {
  return new HostError(
    'PATH_INVALID',
    `Cannot mount at ${path}: ${found}. The mount point and all above it must be plain directories.`,
    { cause },
  )
}
