/** From a publication to its block device: the one place that knows how each kind is brought here. */

import { lstat } from 'node:fs/promises'
import type { Context } from '../context.ts'
import { errnoOf, HostError } from '../errors.ts'
import type { FilePublication, Publication } from '../publication.ts'
import type { Run } from '../run.ts'
import { printSize } from '../units.ts'
import { type BlockDevice, ensureSize, sizeOf } from './block-device.ts'
import { type LoopDevices, loopDevices } from './loop.ts'

export interface PublishedDevices {
  /**
   * Brings the device here, of the published size, and hands it to `work`. If that fails, a device that was not here
   * before goes away again.
   *
   * @throws HostError DEVICE_MISSING | DEVICE_MISMATCH | PATH_INVALID
   */
  use<T>(ctx: Context, publication: Publication, work: (device: BlockDevice) => Promise<T>): Promise<T>

  /** True when `number` (`major:minor`) is the device of the volume as it is now, not of an earlier one of its name. */
  isOne(ctx: Context, publication: Publication, number: string): Promise<boolean>

  /** Its devices that are here now, whatever has become of the volume meanwhile. Brings none. */
  find(ctx: Context, publication: Publication): Promise<readonly BlockDevice[]>

  /** Makes a device that is here as large as the publication. @throws HostError DEVICE_MISMATCH */
  fit(ctx: Context, publication: Publication, device: BlockDevice): Promise<void>

  /** Safe to repeat, and safe while something has the device open: it goes as soon as that closes it. */
  letGo(ctx: Context, publication: Publication): Promise<void>
}

export function publishedDevices(run: Run): PublishedDevices {
  const loops = loopDevices(run)
  return {
    use(ctx, publication, work) {
      switch (publication.kind) {
        case 'file':
          return useFile(loops, ctx, publication, work)
      }
    },

    isOne(ctx, publication, number) {
      switch (publication.kind) {
        case 'file':
          return loops.isOf(ctx, number, publication.path)
      }
    },

    find(ctx, publication) {
      switch (publication.kind) {
        case 'file':
          return loops.find(ctx, publication.path)
      }
    },

    fit(ctx, publication, device) {
      switch (publication.kind) {
        case 'file':
          return fitFile(loops, ctx, publication, device)
      }
    },

    async letGo(ctx, publication) {
      for (const device of await this.find(ctx, publication)) {
        switch (publication.kind) {
          case 'file':
            await loops.letGo(ctx, device)
        }
      }
    },
  }
}

async function useFile<T>(
  loops: LoopDevices,
  ctx: Context,
  publication: FilePublication,
  work: (device: BlockDevice) => Promise<T>,
): Promise<T> {
  await ensureFile(publication)
  const before = await loops.find(ctx, publication.path)
  const device = await loops.attach(ctx, publication.path)
  try {
    await fitFile(loops, ctx, publication, device)
    return await work(device)
  } catch (error) {
    const isNew = !before.some(({ number }) => number === device.number)
    // Only the first fault counts; what stays behind now, detach lets go.
    if (isNew) await loops.letGo(ctx, device).catch(() => {})
    throw error
  }
}

async function fitFile(
  loops: LoopDevices,
  ctx: Context,
  publication: FilePublication,
  device: BlockDevice,
): Promise<void> {
  await ensureFile(publication)
  if ((await sizeOf(device)) !== publication.size) await loops.refreshSize(ctx, device)
  await ensureSize(device, publication.size)
}

/** @throws HostError DEVICE_MISSING | PATH_INVALID | DEVICE_MISMATCH */
async function ensureFile({ path, size }: FilePublication): Promise<void> {
  const file = await lstat(path).catch((error) => {
    if (errnoOf(error) !== 'ENOENT') throw error
    throw new HostError('DEVICE_MISSING', `The volume's file ${path} does not exist.`, { cause: error })
  })
  if (!file.isFile()) {
    throw new HostError('PATH_INVALID', `The volume's file ${path} is not a regular file, so it was not touched.`)
  }
  if (file.size === size) return
  throw new HostError(
    'DEVICE_MISMATCH',
    `Did not touch ${path}: it has ${file.size} bytes (${printSize(file.size)}), and the volume ${size} (${printSize(size)}). If the volume was resized just now, try again.`,
  )
}
