/**
 * Drops claims that hold nothing: those whose answer never reached Docker, which sends no Unmount for a Mount it thinks
 * has failed, and those whose container ended while dockerd or the plugin was away, for which it never makes up.
 *
 * A claim is dropped only if others remain, or if the kernel says that no container has the volume.
 */

import type { Context } from '../context.ts'
import { reasonOf } from '../errors.ts'
import type { VolumeName } from '../names.ts'
import { endUnclaimed } from './recover.ts'
import type { LostClaim } from './state/mounts.ts'
import type { Parts } from './volumes.ts'

/** Docker repeats a call for about 15 s; this leaves it four times as long. */
const GRACE_MS = 60_000

/** To be called now and then. Faults are logged; the next call tries again. */
export async function releaseLost(parts: Parts, ctx: Context, graceMs = GRACE_MS): Promise<void> {
  const before = performance.now() - graceMs
  for (const name of parts.mounts.names()) {
    if (!parts.mounts.lost(name).some((claim) => claim.since <= before)) continue
    await parts.locks
      .hold(ctx, [name], 'release', async () => {
        await dropLost(parts, ctx, name, before)
        await endUnclaimed(parts, ctx, name)
      })
      .catch((error) => ctx.log.warn('Cannot release a lost mount yet.', { volume: name, reason: reasonOf(error) }))
  }
}

/** For a caller that has the lock: drops what lost claims made until `before` can be dropped. */
export async function dropLost(
  parts: Parts,
  ctx: Context,
  name: VolumeName,
  before = Number.POSITIVE_INFINITY,
): Promise<void> {
  for (const claim of parts.mounts.lost(name)) {
    if (claim.since > before || !(await holdsNothing(parts, ctx, name, claim))) continue
    ctx.log.info('Dropping a mount whose answer never reached Docker.', { volume: name, mountId: claim.id })
    await parts.mounts.drop(name, claim)
  }
}

/** The last claim is dropped only if no container has the volume; one in doubt is not dropped before it is the last. */
async function holdsNothing(parts: Parts, ctx: Context, name: VolumeName, { inherited }: LostClaim): Promise<boolean> {
  const isLast = parts.mounts.total(name) === 1
  return isLast ? !(await isHeld(parts, ctx, name)) : !inherited
}

/** True when a container has the volume, whatever the claims say. */
export async function isHeld({ host, mounts }: Parts, ctx: Context, name: VolumeName): Promise<boolean> {
  const record = mounts.get(name)
  return record !== undefined && (await host.isHeldElsewhere(ctx, record.mountpoint))
}
