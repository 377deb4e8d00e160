/** The bytes of volumes and snapshots: sparse files in one directory, copied by sharing their blocks. */

import { constants, copyFile, mkdir, open, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'

export interface BackingFiles {
  pathOf(name: string): string
  /** Makes a file, or makes it larger; never smaller. */
  ensure(name: string, size: number): Promise<void>
  /** Puts the bytes of `from` in `to`, which then has `size` bytes. A device made of `to` stays one. */
  copy(from: string, to: string, size: number): Promise<void>
  remove(name: string): Promise<void>
}

/** @throws Error when the directory's filesystem cannot share blocks between files */
export async function openBackingFiles(path: string): Promise<BackingFiles> {
  // Loop devices name their files by the whole path.
  const directory = resolve(path)
  await mkdir(directory, { recursive: true, mode: 0o700 })
  await ensureSharing(directory)
  const pathOf = (name: string) => join(directory, `${name}.img`)
  return {
    pathOf,
    async ensure(name, size) {
      // `a` makes the file and never empties it.
      const file = await open(pathOf(name), 'a', 0o600)
      try {
        if ((await file.stat()).size < size) await file.truncate(size)
      } finally {
        await file.close()
      }
    },
    async copy(from, to, size) {
      await copyFile(pathOf(from), pathOf(to), constants.COPYFILE_FICLONE_FORCE)
      await truncate(pathOf(to), size)
    },
    remove: (name) => rm(pathOf(name), { force: true }),
  }
}

async function ensureSharing(directory: string): Promise<void> {
  const [from, to] = ['probe-1', 'probe-2'].map((name) => join(directory, `.${name}-${process.pid}`)) as [
    string,
    string,
  ]
  try {
    await writeFile(from, Buffer.alloc(PROBE_BYTES, 1))
    await copyFile(from, to, constants.COPYFILE_FICLONE_FORCE)
    if ((await stat(to)).size !== PROBE_BYTES) throw new Error('The copy is not whole.')
  } catch (error) {
    throw new Error(
      `${directory} cannot hold volumes: its filesystem does not copy files by sharing their blocks (${(error as NodeJS.ErrnoException).code}). Put it on XFS or btrfs.`,
      { cause: error },
    )
  } finally {
    await Promise.all([from, to].map((path) => rm(path, { force: true })))
  }
}

const PROBE_BYTES = 65_536
