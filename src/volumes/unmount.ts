/** Docker's Unmount: a container ends using a volume. */

import type { Context } from '../context.ts'
import type { VolumeName } from '../names.ts'
import { letGo, settleEarlier } from './recover.ts'
import type { Parts } from './volumes.ts'

/**
 * Forgets one claim of `id`; after the last one the volume is unmounted. An unknown ID succeeds and changes nothing,
 * except that it finishes an unmount that failed earlier: Docker asks again exactly then.
 *
 * @throws HostError MOUNT_BUSY and others; the claim is gone all the same, and the next verb tries again
 */
export function unmount(parts: Parts, ctx: Context, name: VolumeName, id: string): Promise<void> {
  return parts.locks.hold(ctx, [name], 'unmount', () => releaseAndLetGo(parts, ctx, name, id))
}

/** The same for a caller that has the lock. */
export async function releaseAndLetGo(parts: Parts, ctx: Context, name: VolumeName, id: string): Promise<void> {
  const { mounts } = parts
  const known = await mounts.release(name, id)
  if (!known) ctx.log.debug('An unknown mount ID was released: nothing to do.', { volume: name, mountId: id })
  if (mounts.claimsOf(name).size > 0) return

  await settleEarlier(parts, ctx, name)
  const record = mounts.get(name)
  if (record) await letGo(parts, ctx, name, record)
  parts.reads.invalidate()
}
