/** Calls on volumes that more than one verb makes. */

import type { OntapVolumeRef } from '../ontap.ts'
import type { Call } from './call.ts'

export const VOLUMES = '/storage/volumes'
export const VOLUME = '/storage/volumes/{uuid}'

export function patch({ uuid }: OntapVolumeRef, body: object): Call {
  return { method: 'PATCH', path: VOLUME, keys: { uuid }, body, job: 'awaited' }
}
