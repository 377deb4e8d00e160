/** Docker's Remove. */

import type { Context } from '../context.ts'
import type { Volume } from '../drivers/driver.ts'
import { hasCode, RequestError } from '../errors.ts'
import type { ArrayName, VolumeName } from '../names.ts'
import { endUnclaimed } from './recover.ts'
import { isHeld } from './release-lost.ts'
import { arrayOf, dockerNameOf } from './request/array-name.ts'
import type { Parts } from './volumes.ts'

/**
 * Removes a volume no container on this host has. One that is gone already is fine: Docker repeats calls whose answer
 * it did not get.
 *
 * @throws RequestError VOLUME_IN_USE | VOLUME_KEPT | VOLUME_FOREIGN; BackendError; HostError MOUNT_BUSY
 */
export function remove(parts: Parts, ctx: Context, name: VolumeName): Promise<void> {
  const { driver, known, locks, settings } = parts
  const array = arrayOf(parts, name)

  return locks.hold(ctx, [name], 'remove', async () => {
    if (settings.deletePolicy === 'retain') {
      throw new RequestError(
        'VOLUME_KEPT',
        `Volume "${name}" was kept, with its data: the configuration says deletePolicy "retain" (or disableDelete). Change that, or remove the volume on the array.`,
      )
    }
    await voidClaims(parts, ctx, name)
    await endUnclaimed(parts, ctx, name)
    await refuseIfMounted(parts, ctx, name, array)
    try {
      const found = await driver.find(ctx, array)
      if (found && dockerNameOf(parts, found) === name) {
        refuseIfForeign(parts, name, found)
        await driver.remove(ctx, found)
      } else {
        ctx.log.info('The volume to remove is gone already.', { volume: name })
      }
      known.remove(name)
    } catch (error) {
      if (!hasCode(error, 'NOT_FOUND')) throw error
    } finally {
      parts.reads.invalidate()
    }
  })
}

/**
 * Docker asks to remove a volume only when none of its containers refers to it. If the kernel agrees, what claims there
 * are have missed their Unmount.
 */
async function voidClaims(parts: Parts, ctx: Context, name: VolumeName): Promise<void> {
  const { mounts } = parts
  const ids = [...mounts.claimsOf(name).keys()]
  if (ids.length === 0) return
  if (await isHeld(parts, ctx, name)) {
    throw new RequestError(
      'VOLUME_IN_USE',
      `Cannot remove volume "${name}": a container on this host has it (mount IDs ${ids.map((id) => id.slice(0, 12)).join(', ')}). Remove the container first; "docker ps -a --filter volume=${name}" lists those of Docker.`,
    )
  }
  ctx.log.warn('No container has the volume that is to be removed; its claims are void.', {
    volume: name,
    ids: ids.join(' '),
  })
  await mounts.void(name)
}

/** Somebody else's data: a name, or a place, that we would have chosen too proves nothing. */
function refuseIfForeign({ settings }: Parts, name: VolumeName, { foreign }: Volume): void {
  if (!foreign || settings.allowForeignDelete) return
  throw new RequestError(
    'VOLUME_FOREIGN',
    `Volume "${name}" was kept: it carries no mark of this plugin, nDVP or Trident, so somebody else may have made it. If it may go, set "allowForeignDelete": true in the configuration, or remove it on the array.`,
  )
}

/** The kernel is right: what is mounted there, though it is not on record, may be in use. */
async function refuseIfMounted({ host, settings }: Parts, ctx: Context, name: VolumeName, array: ArrayName) {
  const mountpoint = `${settings.mountRoot}/${array}`
  if (!(await host.isMounted(ctx, mountpoint))) return
  throw new RequestError(
    'VOLUME_IN_USE',
    `Cannot remove volume "${name}": it is mounted at ${mountpoint}, though that is not on record. Stop what uses it and unmount it by hand, then try again.`,
  )
}
