/** Volumes that are files: reached through a loop device. */

import { lstat } from 'node:fs/promises'
import { errnoOf, HostError } from '../errors.ts'
import type { FilePublication } from '../publication.ts'
import type { Run } from '../run.ts'
import { printSize } from '../units.ts'
import { ensureSize, sizeOf } from './block-device.ts'
import type { DevicesOf } from './devices.ts'
import { loopDevices } from './loop.ts'

export function fileDevices(run: Run): DevicesOf<FilePublication> {
  const loops = loopDevices(run)
  const devices: DevicesOf<FilePublication> = {
    async use(ctx, publication, work) {
      await ensureFile(publication)
      const before = await loops.find(ctx, publication.path)
      const device = await loops.attach(ctx, publication.path)
      try {
        await devices.fit(ctx, publication, device)
        return await work(device)
      } catch (error) {
        const isNew = !before.some(({ number }) => number === device.number)
        // Only the first fault counts; what stays behind now, detach lets go.
        if (isNew) await loops.letGo(ctx, device).catch(() => {})
        throw error
      }
    },

    isOne: (ctx, { path }, number) => loops.isOf(ctx, number, path),
    find: (ctx, { path }) => loops.find(ctx, path),

    async fit(ctx, publication, device) {
      await ensureFile(publication)
      if ((await sizeOf(device)) !== publication.size) await loops.refreshSize(ctx, device)
      await ensureSize(device, publication.size)
    },

    async letGo(ctx, { path }) {
      for (const device of await loops.find(ctx, path)) await loops.letGo(ctx, device)
    },
  }
  return devices
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
