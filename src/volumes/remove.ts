/** Docker's Remove. */

import type { Context } from '../context.ts'
import { hasCode, RequestError } from '../errors.ts'
import type { VolumeName } from '../names.ts'
import { arrayOf } from './array-name.ts'
import { settleEarlier } from './recover.ts'
import { releaseLostOf } from './release-lost.ts'
import type { Parts } from './volumes.ts'

/**
 * Removes a volume nobody on this host has mounted. One that is gone already is fine: Docker repeats calls whose
 * answer it did not get.
 *
 * @throws RequestError VOLUME_IN_USE | VOLUME_KEPT; BackendError
 */
export function remove(parts: Parts, ctx: Context, name: VolumeName): Promise<void> {
  const { driver, locks, settings } = parts

  return locks.hold(ctx, [name], 'remove', async () => {
    if (settings.deletePolicy === 'retain') {
      throw new RequestError(
        'VOLUME_KEPT',
        `Volume "${name}" was kept, with its data: the configuration says deletePolicy "retain" (or disableDelete). Change that, or remove the volume on the array.`,
      )
    }
    await releaseLostOf(parts, ctx, name, Date.now())
    refuseIfMounted(parts, name)
    await settleEarlier(parts, ctx, name)

    try {
      await driver.remove(ctx, arrayOf(parts, name))
    } catch (error) {
      if (!hasCode(error, 'NOT_FOUND')) throw error
      ctx.log.info('The volume to remove is gone already.', { volume: name })
    } finally {
      parts.reads.invalidate()
    }
  })
}

function refuseIfMounted({ mounts }: Parts, name: VolumeName): void {
  const ids = [...mounts.claimsOf(name).keys()]
  if (ids.length === 0) return
  throw new RequestError(
    'VOLUME_IN_USE',
    `Cannot remove volume "${name}": it is mounted on this host for ${ids.length} container(s) (mount IDs ${ids.map((id) => id.slice(0, 12)).join(', ')}). Remove them first; "docker ps -a --filter volume=${name}" lists them.`,
  )
}
