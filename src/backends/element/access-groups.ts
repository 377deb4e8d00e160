/** Volume access groups of an Element cluster: which initiators reach which volumes without CHAP. */

import type { Context } from '../../context.ts'
import { hasCode } from '../../errors.ts'
import type { Client } from './client.ts'
import type { ElementAccessGroups } from './element.ts'

export function elementAccessGroups(client: Client): ElementAccessGroups {
  const add = async (ctx: Context, volumeAccessGroupID: number, volumes: readonly number[]) => {
    const params = { volumeAccessGroupID, volumes }
    await client.call(ctx, { method: 'AddVolumesToVolumeAccessGroup', params }, 'freely', () => {})
  }

  return {
    /** Some versions accept a volume that is a member already, others refuse it, and nobody says whether the rest then got in. */
    async addVolumes(ctx, groupId, volumeIds) {
      try {
        await add(ctx, groupId, volumeIds)
      } catch (error) {
        if (!hasCode(error, 'ALREADY_EXISTS')) throw error
        if (volumeIds.length > 1) for (const id of volumeIds) await this.addVolumes(ctx, groupId, [id])
      }
    },
  }
}
