/** Grows a volume, in use or not. */

import type { Context } from '../context.ts'
import { RequestError } from '../errors.ts'
import type { VolumeName } from '../names.ts'
import { parseSize } from '../units.ts'
import { settleEarlier } from './recover.ts'
import { arrayOf, dockerNameOf } from './request/array-name.ts'
import { grownSize } from './request/sizes.ts'
import type { Parts } from './volumes.ts'

/**
 * Needs no intent: what is interrupted between array and filesystem is finished by the next resize or mount, which
 * grow the filesystem to its device.
 *
 * @throws RequestError OPTION_INVALID | SIZE_TOO_SMALL | SIZE_TOO_LARGE | VOLUME_NOT_FOUND | NOT_SUPPORTED; BackendError FULL
 */
export async function resize(parts: Parts, ctx: Context, name: VolumeName, asked: string): Promise<void> {
  const { driver, host, locks, mounts, settings } = parts
  const wanted = parseSize(asked)
  const array = arrayOf(parts, name)

  await locks.hold(ctx, [name], 'resize', async () => {
    if (!driver.resize) {
      throw new RequestError('NOT_SUPPORTED', `Cannot resize volume "${name}": ${settings.driverName} cannot.`)
    }
    await settleEarlier(parts, ctx, name)
    const volume = await driver.find(ctx, array)
    if (!volume || dockerNameOf(parts, volume) !== name) {
      throw new RequestError('VOLUME_NOT_FOUND', `Volume "${name}" does not exist.`)
    }

    const size = grownSize(parts, wanted, volume.size, `volume "${name}"`)
    try {
      if (size > volume.size) await driver.resize(ctx, array, size)
      const record = mounts.get(name)
      // What is mounted from a file server is as large as that says, and stays mounted from where it is.
      if (!record || record.publication.kind === 'nfs') return
      const publication = await driver.publish(ctx, array, await host.identity(ctx))
      await mounts.update(name, { ...record, publication })
      await host.grow(ctx, publication, record.mountpoint)
    } finally {
      parts.reads.invalidate()
    }
  })
}
