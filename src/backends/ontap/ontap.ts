/** An ONTAP storage virtual machine in our words, one property a noun. connect.ts makes one; `rest/` and `zapi/` are it. */

import type { Context } from '../../context.ts'
import type { Bytes } from '../../units.ts'

/**
 * Every call may throw BackendError, with one of these codes besides those that are named with it:
 *
 * - `UNREACHABLE`: no answer, or none that says what became of the call. What makes something may have made it all the
 *   same, and is never repeated here. Look for what carries your mark.
 * - `UNAUTHORIZED`: wrong credentials, or a role without the right, which is named as an administrator would grant it.
 * - `TOO_OLD`, `MALFORMED`, `REFUSED` (the array's words are quoted).
 * - `BUSY`: the array asked to come back later, and did so at every try. It has done nothing.
 *
 * What is worth repeating is repeated in here, as long as somebody waits (`ctx.gone`, `ctx.signal`). Jobs of the array
 * are waited for: when a call resolves, what it did can be seen.
 */
export interface Ontap {
  readonly dialect: OntapDialect
  readonly release: OntapRelease
  readonly svm: OntapSvm
  /**
   * To be asked before "there is none" is believed of a volume that was there.
   *
   * @throws BackendError REFUSED when this user can no longer see the SVM
   */
  ensureSeen(ctx: Context): Promise<void>
  readonly volumes: OntapVolumes
  readonly snapshots: OntapSnapshots
  readonly qtrees: OntapQtrees
  readonly quotas: OntapQuotas
  readonly exports: OntapExports
  readonly aggregates: OntapAggregates
  readonly network: OntapNetwork
  readonly events: OntapEvents
  readonly roles: OntapRoles
  /** Ends all connections; calls under way fail. */
  close(): Promise<void>
}

export type OntapDialect = 'rest' | 'zapi'

export interface OntapRelease {
  readonly generation: number
  readonly major: number
  readonly minor: number
  /** As the array says it: `NetApp Release 9.15.1P3: …`. */
  readonly text: string
}

export interface OntapSvm {
  readonly name: string
  readonly uuid: string
}

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

  /** Changes what is given. @throws BackendError NOT_FOUND | FULL | REFUSED */
  change(ctx: Context, volume: OntapVolumeRef, change: OntapVolumeChange): Promise<void>

  /**
   * Unmounts and deletes the volume of this UUID, and no namesake. Without `purge` the array keeps the volume in its
   * recovery queue, where it has one. With `once` it is not tried again in here, whatever the fault.
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

export interface OntapQtrees {
  /** @throws BackendError ALREADY_EXISTS | NOT_FOUND (the volume) | FULL (qtrees are limited) | REFUSED */
  create(ctx: Context, qtree: NewOntapQtree): Promise<void>
  /** @throws BackendError NOT_FOUND */
  changeMode(ctx: Context, qtree: OntapQtreeRef, unixPermissions: number): Promise<void>
  /** Within its volume. @throws BackendError NOT_FOUND | ALREADY_EXISTS */
  rename(ctx: Context, qtree: OntapQtreeRef, name: string): Promise<void>
  /** Resolves once the array has begun; it removes what is in there in its own time. @throws BackendError NOT_FOUND */
  remove(ctx: Context, qtree: OntapQtreeRef): Promise<void>
  /** Those of exactly this name, in volumes whose names begin with `volumePrefix`. One call. */
  named(ctx: Context, name: string, volumePrefix: string): Promise<readonly OntapQtree[]>
  /** All in volumes whose names begin with `volumePrefix`, but the nameless one every volume has. One call a page. */
  inVolumes(ctx: Context, volumePrefix: string): Promise<readonly OntapQtree[]>
}

export interface OntapQtreeRef {
  readonly volume: string
  readonly name: string
  /**
   * Both are known of what a listing answered. With them a rename means that very one, whatever has its name by now; and
   * where the array goes by them, everything does, and it saves a look.
   */
  readonly id?: number
  readonly volumeUuid?: string
}

export interface NewOntapQtree extends OntapQtreeRef {
  /** May be 0. */
  readonly unixPermissions: number
  readonly securityStyle: OntapSecurityStyle
  readonly exportPolicy?: string
}

export interface OntapQtree extends OntapQtreeRef {
  readonly id: number
  readonly unixPermissions?: number
  readonly securityStyle?: string
  readonly exportPolicy?: string
}

export interface OntapQuotas {
  /**
   * The rules for single qtrees, in volumes whose names begin with `volumePrefix`; with `qtree` only for those of that
   * name. One call a page.
   */
  treeRules(ctx: Context, volumePrefix: string, qtree?: string): Promise<readonly OntapTreeRule[]>
  /**
   * Makes or changes a qtree's rule. Rules count once `apply` is done with the volume, and where the array applies them
   * at once (`appliesAtOnce`), with quotas on, without.
   */
  setTreeRule(ctx: Context, rule: OntapTreeRule): Promise<void>
  /** None is fine. */
  removeTreeRule(ctx: Context, qtree: OntapQtreeRef): Promise<void>
  readonly appliesAtOnce: boolean
  /** Switches quotas of a volume on, or has it take up changed rules, and waits. Needs a rule. @throws NOT_FOUND */
  apply(ctx: Context, volume: OntapVolumeRef): Promise<void>
}

export interface OntapTreeRule {
  readonly volume: string
  /** Empty: the default for qtrees without a rule of their own. */
  readonly qtree: string
  /** Absent: no limit. */
  readonly hardLimit?: Bytes
}

export interface OntapExports {
  /** Undefined when the SVM has no such policy. */
  rules(ctx: Context, policy: string): Promise<readonly OntapExportRule[] | undefined>
  /** @throws BackendError ALREADY_EXISTS */
  createPolicy(ctx: Context, policy: string): Promise<void>
  /** Read and write, by any security, root as root. One that is there already is fine. @throws BackendError NOT_FOUND */
  addRule(ctx: Context, policy: string, clients: string): Promise<void>
  /** None is fine. */
  removeRule(ctx: Context, policy: string, index: number): Promise<void>
}

export interface OntapExportRule {
  readonly index: number
  /** Addresses, networks, host names, `@netgroup`. */
  readonly clients: readonly string[]
  readonly protocols: readonly string[]
  readonly ro: readonly string[]
  readonly rw: readonly string[]
  readonly superuser: readonly string[]
}

export interface OntapAggregates {
  /** Those this SVM may use; none is an answer. One call. */
  assigned(ctx: Context): Promise<readonly OntapAggregate[]>
  /** All, with what is used of them. Only the cluster's own users may ask. @throws BackendError UNAUTHORIZED */
  usage(ctx: Context): Promise<readonly OntapAggregateUsage[]>
}

export interface OntapAggregate {
  readonly name: string
  readonly available?: Bytes
}

export interface OntapAggregateUsage {
  readonly name: string
  readonly size: Bytes
  readonly used: Bytes
}

export interface OntapNetwork {
  /** Addresses of the SVM that serve NFS, whether up or not. */
  nfsInterfaces(ctx: Context): Promise<readonly OntapInterface[]>
  /**
   * Has new junctions show on the load-sharing mirrors of the SVM's root volume, and waits, 30 s at most. Does nothing,
   * and costs no call after the first, where there are none.
   */
  updateLoadSharing(ctx: Context): Promise<void>
}

export interface OntapInterface {
  readonly name: string
  /** IPv4, or IPv6 without brackets. */
  readonly address: string
  readonly up: boolean
}

export interface OntapEvents {
  /** Writes to the array's event log. */
  log(ctx: Context, event: OntapEvent): Promise<void>
}

export interface OntapEvent {
  /** Name of this host. */
  readonly computer: string
  readonly source: string
  readonly version: string
  /** `initialized`, `heartbeat`. */
  readonly category: string
  readonly description: string
}

export interface OntapRoles {
  /**
   * What a user may do, as far as the array tells; undefined when it shows no such user. The one of the cluster where
   * several are of that name.
   *
   * @throws BackendError UNAUTHORIZED: few roles may look at roles
   */
  ofUser(ctx: Context, user: string): Promise<OntapRole | undefined>
}

export interface OntapRole {
  readonly name: string
  /** In the notation of this dialect; empty when the role is written in the other one's. */
  readonly rights: readonly OntapRight[]
}

export interface OntapRight {
  /** `/api/storage/volumes` of REST; `volume create`, `volume`, `DEFAULT` of ZAPI. */
  readonly to: string
  readonly access: 'none' | 'readonly' | 'read_create' | 'read_modify' | 'read_create_modify' | 'all'
}
