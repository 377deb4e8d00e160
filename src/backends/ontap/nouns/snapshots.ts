/** Snapshots of a volume. */

import type { Context } from '../../../context.ts'
import type { Bytes } from '../../../units.ts'
import type { OntapVolumeRef } from './volumes.ts'

export interface OntapSnapshots {
  /** @throws BackendError NOT_FOUND for the volume */
  ofVolume(ctx: Context, volume: OntapVolumeRef): Promise<readonly OntapSnapshot[]>
  /** @throws BackendError NOT_FOUND | ALREADY_EXISTS | FULL (their number is limited) */
  create(ctx: Context, volume: OntapVolumeRef, name: string, comment: string): Promise<void>
  /** @throws BackendError NOT_FOUND | HAS_DEPENDENTS (clones, mirrors) */
  remove(ctx: Context, volume: OntapVolumeRef, name: string): Promise<void>
  /** Puts the volume back to its snapshot; newer ones are lost. @throws BackendError NOT_FOUND */
  restore(ctx: Context, volume: OntapVolumeRef, name: string): Promise<void>
}

export interface OntapSnapshot {
  readonly name: string
  readonly createdAt: Date
  readonly size?: Bytes
  readonly comment: string
}
