/** An Element (SolidFire) cluster in our words, one property a noun. open.ts makes one. */

import type { Context } from '../../context.ts'
import type { Log } from '../../log.ts'
import type { Secret } from '../../secret.ts'
import type { Bytes } from '../../units.ts'
import type { TlsSettings } from '../tls-settings.ts'

/**
 * Every call may throw BackendError, with one of these codes besides those that are named with it:
 *
 * - `UNREACHABLE`: no answer, or none that says what became of the call. A create, clone or snapshot may have been
 *   done all the same; these are never repeated here. Look for what carries your mark.
 * - `UNAUTHORIZED`, `TOO_OLD`, `MALFORMED`, `REFUSED`.
 * - `BUSY`: the array asked to come back later, and did so at every try. It has done nothing.
 *
 * What is worth repeating is repeated in here, as long as somebody waits (`ctx.gone`, `ctx.signal`).
 */
export interface Element {
  /** The version both sides speak, such as `12.0`. */
  readonly apiVersion: string
  readonly volumes: ElementVolumes
  readonly accounts: ElementAccounts
  readonly snapshots: ElementSnapshots
  readonly accessGroups: ElementAccessGroups
  readonly cluster: ElementCluster
  /** Ends all connections; calls under way fail. */
  close(): Promise<void>
}

export interface ElementSettings {
  /** `https://user:password@mvip/json-rpc/7.0`; see endpoint.ts. */
  readonly endpoint: Secret
  /** These win over those in the endpoint. */
  readonly username?: string
  readonly password?: Secret
  readonly tls: TlsSettings
  /** Pinned certificates are kept here, in `certificates.json`. */
  readonly stateDirectory: string
  readonly maxConcurrentRequests: number
  readonly log: Log
  /** Aborted when the daemon goes down. */
  readonly signal: AbortSignal
  /** Before the second try of a call; doubles from try to try. 1000 unless told. */
  readonly firstPauseMs?: number
}

export interface ElementVolumes {
  /** @throws BackendError FULL | NOT_FOUND (the account). Names need not be unique: the array makes a second one. */
  create(ctx: Context, volume: NewElementVolume): Promise<ElementVolume>

  /** Waits for the array's job and answers the finished volume. @throws BackendError NOT_FOUND | FULL */
  clone(ctx: Context, clone: NewElementClone): Promise<ElementVolume>

  /** Changes what is given. Sizes only grow. @throws BackendError NOT_FOUND */
  modify(ctx: Context, id: number, change: ElementVolumeChange): Promise<ElementVolume>

  /**
   * Puts these attributes in place of all there were. Made once: what a repeat would overwrite may be another host's, so
   * look again first. @throws BackendError NOT_FOUND
   */
  rewrite(ctx: Context, id: number, attributes: ElementAttributes): Promise<void>

  /** The same volume once the array is done making it. @throws BackendError REFUSED when it does not come to be */
  finished(ctx: Context, volume: ElementVolume): Promise<ElementVolume>

  /** Deletes; the array keeps the volume for about eight hours. @throws BackendError NOT_FOUND */
  remove(ctx: Context, id: number): Promise<void>

  /** Ends what `remove` keeps. @throws BackendError NOT_FOUND, also when it is not deleted */
  purge(ctx: Context, id: number): Promise<void>

  /** Those of exactly this name, in any status but `deleted`. One call. */
  named(ctx: Context, accountId: number, name: string): Promise<readonly ElementVolume[]>

  /** Those that there are, deleted ones included: see `status`. One call. */
  withIds(ctx: Context, ids: readonly number[]): Promise<readonly ElementVolume[]>

  /** All that can be used: those that are active. One call per 10,000, and one more after a full page. */
  ofAccount(ctx: Context, accountId: number): Promise<readonly ElementVolume[]>
}

export interface NewElementVolume {
  /** 1 to 64 of `A-Z a-z 0-9 -`. */
  readonly name: string
  readonly accountId: number
  /** Rounded up to a whole MiB by the array. */
  readonly size: Bytes
  readonly enable512e: boolean
  /** Absent: the cluster's default. */
  readonly qos?: Qos
  readonly attributes: ElementAttributes
}

export interface NewElementClone {
  readonly sourceId: number
  /** Absent: as of now. */
  readonly snapshotId?: number
  readonly name: string
  /** Absent: as the source. */
  readonly accountId?: number
  readonly size?: Bytes
  readonly attributes: ElementAttributes
}

export interface ElementVolumeChange {
  readonly qos?: Qos
  readonly size?: Bytes
}

/** Less than 1000 bytes as JSON. */
export type ElementAttributes = Readonly<Record<string, unknown>>

export interface Qos {
  readonly minIOPS: number
  readonly maxIOPS: number
  readonly burstIOPS: number
}

export interface ElementVolume {
  readonly id: number
  readonly name: string
  readonly accountId: number
  /** As the array rounded it: never compare it for equality with what was asked for. */
  readonly size: Bytes
  /** `init` while a clone is being made, `active`, `deleted`. */
  readonly status: string
  readonly iqn: string
  /** 32 hex digits, lower case. */
  readonly naa: string
  readonly enable512e: boolean
  readonly qos: Qos
  readonly attributes: ElementAttributes
  /** IDs of the volume access groups it is in. */
  readonly accessGroups: readonly number[]
  readonly createdAt: Date
  /** `readWrite`, `readOnly`, `locked`, `replicationTarget`, `snapMirrorTarget`. */
  readonly access: string
}

export interface ElementAccounts {
  /** Undefined only when the array says that there is none. */
  find(ctx: Context, username: string): Promise<ElementAccount | undefined>
  /** @throws BackendError NOT_FOUND */
  get(ctx: Context, id: number): Promise<ElementAccount>
  /** The array makes up the secrets. @throws BackendError ALREADY_EXISTS */
  create(ctx: Context, username: string): Promise<ElementAccount>
}

export interface ElementAccount {
  readonly id: number
  readonly username: string
  /** `active`, `locked`, `removed`. */
  readonly status: string
  /** The CHAP password; the CHAP user is `username`. */
  readonly initiatorSecret: Secret
  /** Absent before API 12.2, where CHAP is always on. */
  readonly enableChap?: boolean
}

export interface ElementSnapshots {
  /** @throws BackendError NOT_FOUND for the volume */
  ofVolume(ctx: Context, volumeId: number): Promise<readonly ElementSnapshot[]>
  /** Names need not be unique. @throws BackendError NOT_FOUND */
  create(ctx: Context, volumeId: number, name: string, attributes?: ElementAttributes): Promise<ElementSnapshot>
  /** @throws BackendError NOT_FOUND */
  remove(ctx: Context, id: number): Promise<void>
  /** Puts the volume back to its snapshot; nothing of its present state is kept. @throws BackendError NOT_FOUND */
  restore(ctx: Context, volumeId: number, snapshotId: number): Promise<void>
}

export interface ElementSnapshot {
  readonly id: number
  readonly volumeId: number
  readonly name: string
  readonly createdAt: Date
  readonly size: Bytes
  readonly attributes: ElementAttributes
}

export interface ElementAccessGroups {
  /** Safe to repeat. @throws BackendError NOT_FOUND | FULL */
  addVolumes(ctx: Context, groupId: number, volumeIds: readonly number[]): Promise<void>
}

export interface ElementCluster {
  limits(ctx: Context): Promise<ElementLimits>
}

export interface ElementLimits {
  readonly volumeSizeMax: Bytes
  readonly minIOPS: Range
  readonly maxIOPS: Range
  readonly burstIOPS: Range
}

/** The least and the most. */
export type Range = readonly [least: number, most: number]
