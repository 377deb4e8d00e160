/** Copies of a volume in use, taken while its filesystem on this host stands still. */

import type { Context } from '../context.ts'
import type { VolumeName } from '../names.ts'
import type { Parts } from './volumes.ts'

/** The mount point to freeze before `name` is copied as it is now; undefined when nothing need be frozen. */
export async function mountpointToFreeze(
  { definition, host, mounts }: Parts,
  ctx: Context,
  name: VolumeName,
): Promise<string | undefined> {
  const mountpoint = definition.copiesNeedQuiet ? mounts.get(name)?.mountpoint : undefined
  return mountpoint !== undefined && (await host.isMounted(ctx, mountpoint)) ? mountpoint : undefined
}

/** Runs `copy` between freeze and thaw. A crash in between is mended at start, from the intent that names `frozen`. */
export async function whileFrozen<T>(
  { host }: Parts,
  ctx: Context,
  frozen: string,
  copy: () => Promise<T>,
): Promise<T> {
  await host.freeze(ctx, frozen)
  try {
    return await copy()
  } finally {
    await host.thaw(ctx, frozen)
  }
}
