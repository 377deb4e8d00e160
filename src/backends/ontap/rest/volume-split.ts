/** Making a clone independent, by REST. */

import type { Context } from '../../../context.ts'
import type { OntapVolumeRef, OntapVolumes } from '../ontap.ts'
import type { RestClient } from './client.ts'
import { OntapFault } from './faults.ts'
import { flagIn, part } from './maybe.ts'
import { patch, VOLUME } from './volume-calls.ts'

export function restSplit(client: RestClient): OntapVolumes['split'] {
  return async (ctx, volume) => {
    const call = patch(volume, { clone: { split_initiated: true } })
    try {
      await client.change(ctx, { ...call, query: { return_timeout: SPLIT_BEGINS_S }, job: 'begun' }, 'freely')
    } catch (error) {
      if (!(error instanceof OntapFault) || error.fault !== CANNOT_SPLIT) throw error
      if (await isAttached(client, ctx, volume)) throw error
    }
  }
}

/** Time for the array to say what it has against it. */
const SPLIT_BEGINS_S = 5

/** It is no clone, or a split is under way. */
const CANNOT_SPLIT = '918248'

/** Whether it is a clone that nobody has begun to split. */
function isAttached(client: RestClient, ctx: Context, { uuid }: OntapVolumeRef): Promise<boolean> {
  const query = { fields: 'clone.is_flexclone,clone.split_initiated' }
  return client.object(ctx, { method: 'GET', path: VOLUME, keys: { uuid }, query }, (volume) => {
    const clone = part(volume, 'clone')
    return flagIn(clone, 'is_flexclone') === true && flagIn(clone, 'split_initiated') !== true
  })
}
