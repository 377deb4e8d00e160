/** How full a volume is. */

import type { Volume } from '../state/volume.ts'
import type { OntapArray } from '../state.ts'
import { EMPTY_BYTES } from '../volume-table.ts'
import { snapshotsOf } from './find.ts'

export interface VolumeSpace {
  /** Bytes that snapshots may take before they take room of data. */
  readonly reserve: number
  /** Of data. */
  readonly used: number
  /** For data. */
  readonly available: number
  readonly snapshotUsed: number
}

export function volumeSpace(array: OntapArray, { uuid, size, snapshotReserve }: Volume): VolumeSpace {
  const reserve = Math.floor((size * snapshotReserve) / 100)
  const used = array.usage.get(uuid) ?? EMPTY_BYTES
  const snapshotUsed = snapshotsOf(array, uuid).reduce((sum, snapshot) => sum + snapshot.size, 0)
  const spilled = Math.max(0, snapshotUsed - reserve)
  return { reserve, used, available: Math.max(0, size - reserve - used - spilled), snapshotUsed }
}
