/** Volumes of an SVM: FlexVols and FlexGroups. */

import type { Context } from '../../../context.ts'
import type { Bytes } from '../../../units.ts'

/** What names a volume in either dialect. With its style, ZAPI need not look it up. */
export type OntapVolumeRef = Pick<OntapVolume, 'name' | 'uuid'> & Partial<Pick<OntapVolume, 'style'>>

export interface OntapVolumes {
  /**
   * Makes a volume, junction included, and waits until it is online. When that fails on the way, parts of it may be
   * there: the caller looks for its comment.
   *
   * @throws BackendError ALREADY_EXISTS | FULL | REFUSED (also for a policy or aggregate the array does not have, named)
   */
  create(ctx: Context, volume: NewOntapVolume): Promise<OntapVolume>

  /**
   * Clones a volume of the same SVM as of a snapshot, or as of now (the array then takes one named `clone_…`). Nobody
   * sees a clone of that name without its comment; when something fails on the way, it is taken back.
   *
   * @throws BackendError ALREADY_EXISTS | FULL | NOT_FOUND (the source or its snapshot)
   */
  clone(ctx: Context, clone: NewOntapClone): Promise<OntapVolume>

  /**
   * What an interrupted clone of this intent has left under a name that clones have only in the making. Absent where
   * they have none.
   */
  remnantsOf?(ctx: Context, intent: string): Promise<readonly OntapVolumeRef[]>

  /** Begins to make a clone independent of its source. Does nothing when it is. @throws BackendError NOT_FOUND */
  split(ctx: Context, volume: OntapVolumeRef): Promise<void>

  /** Changes what is given; over ZAPI size and junction by the name alone. @throws BackendError NOT_FOUND | FULL | REFUSED */
  change(ctx: Context, volume: OntapVolumeRef, change: OntapVolumeChange): Promise<void>

  /**
   * Unmounts and deletes the volume of this UUID. ZAPI takes only a name: there it must just have been found under it,
   * and is looked for again with `purge`, and before the call is repeated. Without `purge` the array keeps the volume in
   * its recovery queue, where it has one. With `once` it is not tried again in here, whatever the fault.
   *
   * @throws BackendError NOT_FOUND | HAS_DEPENDENTS (clones of it)
   */
  remove(
    ctx: Context,
    volume: OntapVolumeRef,
    options: { readonly purge: boolean; readonly once?: true },
  ): Promise<void>

  /** Of exactly this name; undefined only when the array says that there is none. One call. */
  find(ctx: Context, name: string): Promise<OntapVolume | undefined>

  /**
   * All whose names begin with `prefix`: read-write ones, none of the SVM's root, of constituents, or deleted. One call
   * a page.
   */
  withPrefix(ctx: Context, prefix: string): Promise<readonly OntapVolume[]>

  /** Names of the volumes cloned from this one. */
  clonesOf(ctx: Context, volume: OntapVolumeRef): Promise<readonly string[]>
}

export interface NewOntapVolume {
  /** Letters, digits and `_`, none of the latter first; 1 to 203 characters, 197 for a FlexGroup. */
  readonly name: string
  readonly style: OntapVolumeStyle
  /** Exactly one for a FlexVol. */
  readonly aggregates: readonly string[]
  /** Of a FlexGroup: parts on each aggregate, each of at least 200 MB. Absent: as the array has it. */
  readonly constituentsPerAggregate?: number
  /** Snapshot reserve included. */
  readonly size: Bytes
  readonly spaceGuarantee: 'none' | 'volume'
  readonly snapshotPolicy: string
  /** Percent of `size` for snapshots only; absent: the array's default for the policy. */
  readonly snapshotReserve?: number
  /** A mode such as 0o755. */
  readonly unixPermissions: number
  readonly securityStyle: OntapSecurityStyle
  readonly exportPolicy: string
  /** Whether clients see `.snapshot`. */
  readonly snapshotDirectory: boolean
  /** Absolute path in the SVM's namespace; absent: not mounted there. */
  readonly junctionPath?: string
  /** At most 1023 characters. */
  readonly comment: string
  /** Absent: as the aggregate has it. @throws REFUSED where the release or licence cannot */
  readonly encryption?: boolean
  /** `none`, `snapshot-only`, `auto`, `all`; absent: the array's default. */
  readonly tieringPolicy?: string
  /** At most one of the two. */
  readonly qosPolicy?: string
  readonly adaptiveQosPolicy?: string
}

export type OntapVolumeStyle = 'flexvol' | 'flexgroup'
export type OntapSecurityStyle = 'unix' | 'mixed'

export interface NewOntapClone {
  readonly name: string
  readonly source: string
  readonly snapshot?: string
  readonly junctionPath: string
  readonly comment: string
  readonly style: OntapVolumeStyle
  /** A UUID that names the attempt. */
  readonly intent: string
}

export interface OntapVolumeChange {
  /** Snapshot reserve included. */
  readonly size?: Bytes
  readonly comment?: string
  readonly junctionPath?: string
  readonly unixPermissions?: number
  readonly exportPolicy?: string
  readonly snapshotPolicy?: string
  readonly snapshotDirectory?: boolean
  readonly qosPolicy?: string
  readonly adaptiveQosPolicy?: string
}

export interface OntapVolume {
  readonly name: string
  readonly uuid: string
  readonly style: OntapVolumeStyle
  /** `online`, `offline`, `restricted`, `mixed`, `error`; with some, the array leaves out most of the rest. */
  readonly state: string
  /** Snapshot reserve included. */
  readonly size: Bytes
  /** Percent; 0 when the array does not say. */
  readonly snapshotReserve: number
  readonly used?: Bytes
  readonly aggregates: readonly string[]
  /** Absent when it is not mounted in the SVM's namespace. */
  readonly junctionPath?: string
  readonly comment: string
  readonly spaceGuarantee?: string
  readonly snapshotPolicy?: string
  /** Absent where the release does not say. */
  readonly snapshotDirectory?: boolean
  readonly unixPermissions?: number
  readonly securityStyle?: string
  readonly exportPolicy?: string
  readonly encryption?: boolean
  readonly tieringPolicy?: string
  /** Adaptive or not. */
  readonly qosPolicy?: string
  readonly snapshotCount?: number
  readonly createdAt?: Date
  readonly clonedFrom?: { readonly volume: string; readonly snapshot?: string }
  /** Absent for one that holds data. Others take a name, and are nobody's to use. */
  readonly role?: 'root' | 'mirror' | 'constituent'
  /** Volumes cloned from it; absent where the dialect does not say. */
  readonly cloneCount?: number
}
