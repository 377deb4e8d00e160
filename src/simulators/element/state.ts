/** An Element array as plain data. Only the calls change it. */

import { randomInt, randomUUID } from 'node:crypto'
import { LIMITS, type Limits } from './limits.ts'
import { VolumeTable } from './volume-table.ts'

export type Attributes = Readonly<Record<string, unknown>>

export type Access = 'readWrite' | 'readOnly' | 'locked' | 'replicationTarget' | 'snapMirrorTarget'

export interface Qos {
  readonly minIOPS: number
  readonly maxIOPS: number
  readonly burstIOPS: number
  /** Seconds. */
  readonly burstTime: number
}

/** Times are milliseconds of the simulated clock. */
export interface Volume {
  readonly volumeID: number
  readonly name: string
  readonly accountID: number
  readonly createdAt: number
  readonly status: 'init' | 'active' | 'deleted'
  readonly access: Access
  readonly enable512e: boolean
  readonly qos: Qos
  readonly qosPolicyID: number | null
  readonly volumeAccessGroups: readonly number[]
  readonly deletedAt?: number
  readonly totalSize: number
  readonly attributes: Attributes
  readonly volumeUUID: string
  readonly volumeConsistencyGroupUUID: string
}

export interface Account {
  readonly accountID: number
  readonly username: string
  readonly status: 'active' | 'locked'
  readonly initiatorSecret: string
  readonly targetSecret: string
  readonly attributes: Attributes
  readonly enableChap: boolean
}

export interface Snapshot {
  readonly snapshotID: number
  readonly volumeID: number
  readonly name: string
  readonly createdAt: number
  readonly expiresAt: number | null
  readonly totalSize: number
  readonly snapshotUUID: string
  readonly enableRemoteReplication: boolean
  readonly attributes: Attributes
}

export interface AccessGroup {
  readonly volumeAccessGroupID: number
  readonly name: string
  readonly initiatorIDs: readonly number[]
  readonly attributes: Attributes
}

export interface Initiator {
  readonly initiatorID: number
  readonly initiatorName: string
  readonly alias: string
  readonly attributes: Attributes
}

export interface QosPolicy {
  readonly qosPolicyID: number
  readonly name: string
  readonly qos: Qos
}

/** A clone in the making, or made and its result not yet fetched. */
export interface CloneJob {
  readonly asyncHandle: number
  readonly cloneID: number
  readonly source: number
  readonly volumeID: number
  readonly createdAt: number
  readonly readyAt: number
  readonly done: boolean
}

export interface Identity {
  readonly name: string
  /** Four of `[a-z0-9]`; part of every IQN and device ID. */
  readonly uniqueID: string
  readonly uuid: string
}

/** What a call did to volumes, for those who keep their bytes. */
export type Effect =
  | { readonly kind: 'copy'; readonly from: DataSource; readonly volumeID: number }
  /** Reachable with its present size, account and access, or no longer so: see the volume. */
  | { readonly kind: 'refresh'; readonly volumeID: number }
  | { readonly kind: 'purge'; readonly volumeID: number }
  | { readonly kind: 'snapshot'; readonly volumeID: number; readonly snapshotID: number }
  | { readonly kind: 'drop-snapshot'; readonly snapshotID: number }
  | { readonly kind: 'rollback'; readonly volumeID: number; readonly snapshotID: number }

export type DataSource = { readonly volumeID: number } | { readonly snapshotID: number }

/** Each kind of thing is numbered by itself, from 1, and no number comes twice. */
export type Sequence = 'volume' | 'account' | 'snapshot' | 'accessGroup' | 'initiator' | 'qosPolicy' | 'job' | 'clone'

export interface Session {
  readonly volumeID: number
  readonly initiatorName: string
  readonly initiatorIP: string
}

export interface ElementArray {
  identity: Identity
  limits: Limits
  /** `ip:port` of the storage address. */
  svip: string
  mvip: string
  /** Newest version of the API. */
  apiVersion: string
  /** How far the simulated clock is ahead of the machine's. */
  clockAheadMs: number
  /** How long a clone takes. */
  cloneMs: number
  readonly last: Record<Sequence, number>
  readonly volumes: VolumeTable
  readonly accounts: Map<number, Account>
  readonly snapshots: Map<number, Snapshot>
  readonly accessGroups: Map<number, AccessGroup>
  readonly initiators: Map<number, Initiator>
  readonly qosPolicies: Map<number, QosPolicy>
  readonly jobs: Map<number, CloneJob>
  /** Not yet carried out, oldest first. */
  readonly effects: Effect[]
  /** Who is logged in; empty without a data plane. */
  sessions: () => readonly Session[]
}

export function newArray(settings: Pick<ElementArray, 'svip' | 'mvip' | 'apiVersion' | 'cloneMs'>): ElementArray {
  return {
    identity: { name: 'simulated', uniqueID: randomUniqueId(), uuid: randomUUID() },
    limits: LIMITS,
    ...settings,
    clockAheadMs: 0,
    last: { volume: 0, account: 0, snapshot: 0, accessGroup: 0, initiator: 0, qosPolicy: 0, job: 0, clone: 0 },
    volumes: new VolumeTable(),
    accounts: new Map(),
    snapshots: new Map(),
    accessGroups: new Map(),
    initiators: new Map(),
    qosPolicies: new Map(),
    jobs: new Map(),
    effects: [],
    sessions: () => [],
  }
}

export function now(array: ElementArray): number {
  return Date.now() + array.clockAheadMs
}

export function nextId(array: ElementArray, sequence: Sequence): number {
  array.last[sequence] += 1
  return array.last[sequence]
}

/** What is kept in a file. */
export interface SavedArray {
  readonly identity: Identity
  readonly limits: Limits
  readonly clockAheadMs: number
  readonly last: Readonly<Record<Sequence, number>>
  readonly volumes: readonly Volume[]
  readonly accounts: readonly Account[]
  readonly snapshots: readonly Snapshot[]
  readonly accessGroups: readonly AccessGroup[]
  readonly initiators: readonly Initiator[]
  readonly qosPolicies: readonly QosPolicy[]
  readonly jobs: readonly CloneJob[]
}

export function saved(array: ElementArray): SavedArray {
  return {
    identity: array.identity,
    limits: array.limits,
    clockAheadMs: array.clockAheadMs,
    last: array.last,
    volumes: array.volumes.all(),
    accounts: [...array.accounts.values()],
    snapshots: [...array.snapshots.values()],
    accessGroups: [...array.accessGroups.values()],
    initiators: [...array.initiators.values()],
    qosPolicies: [...array.qosPolicies.values()],
    jobs: [...array.jobs.values()],
  }
}

/** Fills a new array with what was saved. */
export function restore(array: ElementArray, from: SavedArray): void {
  Object.assign(array, { identity: from.identity, limits: from.limits, clockAheadMs: from.clockAheadMs })
  Object.assign(array.last, from.last)
  for (const volume of from.volumes) array.volumes.put(volume)
  for (const account of from.accounts) array.accounts.set(account.accountID, account)
  for (const snapshot of from.snapshots) array.snapshots.set(snapshot.snapshotID, snapshot)
  for (const group of from.accessGroups) array.accessGroups.set(group.volumeAccessGroupID, group)
  for (const initiator of from.initiators) array.initiators.set(initiator.initiatorID, initiator)
  for (const policy of from.qosPolicies) array.qosPolicies.set(policy.qosPolicyID, policy)
  for (const job of from.jobs) array.jobs.set(job.asyncHandle, job)
}

const UNIQUE_ID_CHARACTERS = 'abcdefghijklmnopqrstuvwxyz0123456789'

function randomUniqueId(): string {
  return Array.from({ length: 4 }, () => UNIQUE_ID_CHARACTERS[randomInt(UNIQUE_ID_CHARACTERS.length)]).join('')
}
