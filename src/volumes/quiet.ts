/** Copies of a volume in use, taken while its filesystem on this host stands still. */

import { type Context, unstoppable } from '../context.ts'
import { HostError } from '../errors.ts'
import type { VolumeName } from '../names.ts'
import type { Parts } from './volumes.ts'

/** Before an array copies `name` at an instant: what containers on this host have written by now is to be in the copy. */
export async function flushIfMounted({ host, mounts }: Parts, ctx: Context, name: VolumeName): Promise<void> {
  const mountpoint = mounts.get(name)?.mountpoint
  if (mountpoint !== undefined) await host.flush(ctx, mountpoint)
}

/** The mount point to freeze before `name` is copied as it is now; undefined when nothing need be frozen. */
export async function mountpointToFreeze(
  { definition, host, mounts }: Parts,
  ctx: Context,
  name: VolumeName,
): Promise<string | undefined> {
  const mountpoint = definition.copiesNeedQuiet ? mounts.get(name)?.mountpoint : undefined
  return mountpoint !== undefined && (await host.isMounted(ctx, mountpoint)) ? mountpoint : undefined
}

/**
 * Runs `copy` between freeze and thaw, and gives it up when it takes so long that containers would notice. The thaw
 * happens whatever comes; a crash in between is mended at start, from the intent that names `frozen`.
 *
 * @throws HostError COMMAND_TIMEOUT
 */
export async function whileFrozen(
  { host }: Parts,
  ctx: Context,
  frozen: string,
  copy: (ctx: Context) => Promise<void>,
): Promise<void> {
  const limit = AbortSignal.timeout(FROZEN_LIMIT_MS)
  try {
    await host.freeze(ctx, frozen)
    await copy({ ...ctx, signal: AbortSignal.any([ctx.signal, limit]) })
  } catch (error) {
    if (!limit.aborted || ctx.signal.aborted) throw error
    throw new HostError(
      'COMMAND_TIMEOUT',
      `Gave up copying ${frozen}: its containers could not write for ${FROZEN_LIMIT_MS / 1000} s, and the copy was not done. Stop them first, or keep the volumes on XFS or btrfs, which copy at once.`,
      { cause: error },
    )
  } finally {
    await host.thaw(unstoppable(ctx), frozen)
  }
}

/** Programs that wait for a write give up after about as long. */
const FROZEN_LIMIT_MS = 60_000
