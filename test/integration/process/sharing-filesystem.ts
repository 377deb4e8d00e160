/** A filesystem that can share blocks between files, made for a test: XFS on a loop device of its own. */

import { mkdir, mkdtemp, realpath, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from './leftovers.ts'

export interface SharingFilesystem {
  readonly directory: string
  remove(): Promise<void>
}

/** mkfs.xfs makes nothing below 300 MiB; the file is sparse. */
const SIZE = 320 << 20

/** @returns undefined where there is no XFS */
export async function sharingFilesystem(): Promise<SharingFilesystem | undefined> {
  const base = await realpath(await mkdtemp(join(tmpdir(), 'netappdvp-xfs-')))
  const [image, directory] = [join(base, 'image'), join(base, 'mounted')]
  const remove = () => rm(base, { recursive: true, force: true })
  try {
    await writeFile(image, '')
    await truncate(image, SIZE)
    await mkdir(directory)
    await run('mkfs.xfs', ['-q', '-m', 'reflink=1', image])
    await run('mount', ['-o', 'loop', image, directory])
  } catch {
    await remove()
    return undefined
  }
  return {
    directory,
    async remove() {
      await run('umount', [directory])
      await remove()
    },
  }
}
