/** Docker's Unmount: a container ends using a volume. */

import { type Context, unwaited } from '../context.ts'
import { hasCode } from '../errors.ts'
import type { VolumeName } from '../names.ts'
import { endUnclaimed, letGo } from './recover.ts'
import { dropLost } from './release-lost.ts'
import { arrayOf } from './request/array-name.ts'
import type { Parts } from './volumes.ts'

/**
 * Forgets one claim of `id`; after the last one the volume is unmounted. An unknown ID succeeds and changes nothing,
 * except that it finishes what is left of an unmount that failed.
 *
 * Unlike other verbs it is done even if Docker has stopped waiting before its turn came: Docker sends one Unmount for
 * each Mount, and none again.
 *
 * @throws HostError MOUNT_BUSY and others; the claim is gone all the same, and the next verb tries again
 */
export function unmount(parts: Parts, ctx: Context, name: VolumeName, id: string): Promise<void> {
  const { locks, mounts } = parts
  return locks.hold(unwaited(ctx), [name], 'unmount', async () => {
    const known = await mounts.release(name, id)
    if (!known) ctx.log.debug('An unknown mount ID was released: nothing to do.', { volume: name, mountId: id })
    if (mounts.total(name) === mounts.lost(name).length) await dropLost(parts, ctx, name)
    if (mounts.get(name)) await endUnclaimed(parts, ctx, name)
    else await endUnrecorded(parts, ctx, name)
  })
}

/** A mount of the volume that is not on record, since the record was lost, goes with the last container it has. */
async function endUnrecorded(parts: Parts, ctx: Context, name: VolumeName): Promise<void> {
  const { driver, host, settings } = parts
  const array = arrayOf(parts, name)
  const mountpoint = `${settings.mountRoot}/${array}`
  if (!(await host.isMounted(ctx, mountpoint)) || (await host.isHeldElsewhere(ctx, mountpoint))) return
  try {
    const publication = await driver.publish(ctx, array, await host.identity(ctx))
    if (await host.isAttached(ctx, publication, mountpoint)) {
      await letGo(parts, ctx, name, { array, mountpoint, publication })
    }
  } catch (error) {
    if (!hasCode(error, 'NOT_FOUND')) throw error
  }
}
