/**
 * Releases claims whose answer never reached Docker and which nobody took over: Docker sends no Unmount for a Mount
 * it thinks has failed.
 */

import type { Context } from '../context.ts'
import { reasonOf } from '../errors.ts'
import type { VolumeName } from '../names.ts'
import type { LostClaim } from './mounts.ts'
import { releaseAndLetGo } from './unmount.ts'
import type { Parts } from './volumes.ts'

/** Docker repeats a call for about 15 s; this leaves it four times as long. */
export const LOST_CLAIM_GRACE_MS = 60_000

/** To be called now and then. Faults are logged; the next call tries again. */
export async function releaseLost(parts: Parts, ctx: Context, graceMs = LOST_CLAIM_GRACE_MS): Promise<void> {
  const before = Date.now() - graceMs
  for (const name of parts.mounts.names()) {
    if (!parts.mounts.lost(name).some((claim) => claim.since <= before)) continue
    await parts.locks
      .hold(ctx, [name], 'release', () => releaseLostOf(parts, ctx, name, before))
      .catch((error) => ctx.log.warn('Cannot release a lost mount yet.', { volume: name, reason: reasonOf(error) }))
  }
}

/** For a caller that has the lock: the lost claims of one volume made until `before`. */
export async function releaseLostOf(parts: Parts, ctx: Context, name: VolumeName, before: number): Promise<void> {
  for (const claim of parts.mounts.lost(name)) {
    if (claim.since > before) continue
    if (await arrivedAfterAll(parts, ctx, name, claim)) {
      await parts.mounts.answered(name, claim.id, claim.gone)
      continue
    }
    ctx.log.info('Releasing a mount whose answer never reached Docker.', { volume: name, mountId: claim.id })
    await releaseAndLetGo(parts, ctx, name, claim.id)
  }
}

/** Only a claim from before a crash can be in doubt; a container that holds the volume settles it. */
async function arrivedAfterAll({ host, mounts }: Parts, ctx: Context, name: VolumeName, claim: LostClaim) {
  const record = mounts.get(name)
  return claim.inherited && record !== undefined && (await host.isHeldElsewhere(ctx, record.mountpoint))
}
