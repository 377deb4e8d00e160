/** Docker's Mount: a container begins to use a volume. */

import type { Context } from '../context.ts'
import { hasCode, RequestError, reasonOf } from '../errors.ts'
import type { ArrayName, VolumeName } from '../names.ts'
import { type Format, hostKeyOf, type Publication } from '../publication.ts'
import { during, endUnclaimed, settleBeforeMount } from './recover.ts'
import { isHeld } from './release-lost.ts'
import { arrayOf } from './request/array-name.ts'
import type { MountIntent } from './state/journal.ts'
import type { Parts } from './volumes.ts'

/**
 * Mounts `name` for the mount ID `id` and says where. A second container joins the first's mount.
 *
 * @throws RequestError VOLUME_NOT_FOUND; BackendError; HostError
 */
export function mount(parts: Parts, ctx: Context, name: VolumeName, id: string): Promise<string> {
  const { host, mounts, locks, settings } = parts
  const array = arrayOf(parts, name)
  const mountpoint = `${settings.mountRoot}/${array}`
  const isHere = async () => {
    const record = mounts.get(name)
    return record !== undefined && host.isAttached(ctx, record.publication, mountpoint)
  }

  return locks.hold(ctx, [name], 'mount', async () => {
    if (mounts.total(name) === 0 && (await isHere())) await tryEndUnclaimed(parts, ctx, name)
    // Before settling anything: an unmount that cannot be done is void once somebody joins.
    if (await isHere()) {
      await forgetMissed(parts, ctx, name, id)
      await mounts.claim(name, id, ctx.gone)
      return mountpoint
    }

    await settleBeforeMount(parts, ctx, name)
    await during<MountIntent, void>(parts, ctx, { verb: 'mount', name, array, mountpoint }, async (_, note) => {
      const publication = await publish(parts, ctx, name, array)
      await note({ publication })
      const ready = await formatOnce(parts, ctx, array, publication)
      await host.attach(ctx, ready, mountpoint)
      await mounts.begin(name, { array, mountpoint, publication: ready }, id, ctx.gone)
    })
    parts.reads.invalidate()
    return mountpoint
  })
}

/**
 * What is left of an unmount that failed may be of a volume that another host has removed since, and made anew. It is
 * joined only if it cannot be unmounted yet.
 */
async function tryEndUnclaimed(parts: Parts, ctx: Context, name: VolumeName): Promise<void> {
  try {
    await endUnclaimed(parts, ctx, name)
  } catch (error) {
    ctx.log.warn('An earlier unmount cannot be finished; its mount is used again.', {
      volume: name,
      reason: reasonOf(error),
    })
  }
}

/**
 * A mount ID comes again for `docker cp` while its container runs, and then the container has the volume. If none has,
 * the ID's earlier claims have missed their Unmount: Docker uses the ID again, for the container's next run, when it was
 * killed while the container ran, or could not reach the plugin as it ended.
 */
async function forgetMissed(parts: Parts, ctx: Context, name: VolumeName, id: string): Promise<void> {
  if (!parts.mounts.claimsOf(name).has(id) || (await isHeld(parts, ctx, name))) return
  ctx.log.warn('No container has the volume; earlier mounts of this ID are void.', { volume: name, mountId: id })
  await parts.mounts.forget(name, id)
  // Those in doubt since a crash are no longer so: Docker asks again for the answer that it did not get.
  const inDoubt = parts.mounts.lost(name).filter((claim) => claim.id === id && claim.inherited)
  for (const claim of inDoubt) await parts.mounts.drop(name, claim)
}

async function publish({ driver, host }: Parts, ctx: Context, name: VolumeName, array: ArrayName) {
  try {
    return await driver.publish(ctx, array, await host.identity(ctx))
  } catch (error) {
    if (!hasCode(error, 'NOT_FOUND')) throw error
    throw new RequestError('VOLUME_NOT_FOUND', `Volume "${name}" does not exist.`, { cause: error })
  }
}

/**
 * Gives a volume its filesystem, once in its life. The array remembers each stage before the next one begins, so that
 * a device is formatted only while nothing can have been written to it:
 *
 *   new ── proved blank ──▶ formatting ── mkfs ended well ──▶ ready ── may be mounted
 */
async function formatOnce(parts: Parts, ctx: Context, array: ArrayName, publication: Publication) {
  const { driver, host } = parts
  // What a file server gives has its filesystem.
  if (publication.kind === 'nfs' || publication.format.state === 'ready' || !driver.noteFormat) return publication

  const { format } = publication
  await host.proveFormattable(ctx, publication)
  const uuid = format.state === 'formatting' ? format.uuid : crypto.randomUUID()
  const formatting: Format = { state: 'formatting', uuid, host: hostKeyOf(await host.identity(ctx)) }
  await driver.noteFormat(ctx, array, formatting)
  await host.format(ctx, { ...publication, format: formatting }, uuid)
  const ready: Format = { state: 'ready', uuid }
  await driver.noteFormat(ctx, array, ready)
  ctx.log.info('Formatted.', { volume: array, filesystem: publication.filesystem, uuid })
  return { ...publication, format: ready }
}
