/** An ONTAP cluster as plain data. Only operations/ changes it; REST and ZAPI are two faces of it. */

import { randomBytes, randomUUID } from 'node:crypto'
import type { Job } from './jobs.ts'
import type { Release } from './releases.ts'
import { VolumeTable } from './volume-table.ts'

/** Times are milliseconds of the simulated clock. Sizes are bytes. */
export interface Volume {
  /** `uuid` of REST, `instance-uuid` of ZAPI. */
  readonly uuid: string
  readonly name: string
  /** UUID of its SVM. */
  readonly svm: string
  readonly style: 'flexvol' | 'flexgroup' | 'constituent'
  /** `del`: in the recovery queue, renamed to `NAME_DSID`. */
  readonly type: 'rw' | 'dp' | 'ls' | 'del'
  readonly isRoot: boolean
  readonly state: 'online' | 'offline' | 'restricted' | 'mixed'
  readonly createdAt: number
  readonly msid: number
  readonly dsid: number
  /** Names. One for a FlexVol or constituent. A FlexGroup's room is taken by its constituents. */
  readonly aggregates: readonly string[]
  /** UUID of the FlexGroup a constituent is part of. */
  readonly flexgroup?: string
  /** Snapshot reserve included. */
  readonly size: number
  /** Percent. */
  readonly snapshotReserve: number
  readonly guarantee: 'none' | 'volume'
  readonly snapshotPolicy: string
  readonly comment: string
  /** Absolute path in the SVM's namespace; absent: not mounted. */
  readonly junction?: string
  readonly securityStyle: 'unix' | 'ntfs' | 'mixed'
  /** `0o755` */
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly exportPolicy: string
  /** Whether clients see `.snapshot`. */
  readonly snapshotDirectory: boolean
  readonly language: string
  readonly encryption: boolean
  readonly tieringPolicy: 'none' | 'snapshot-only' | 'auto' | 'all'
  /** A name, of an adaptive policy or not. */
  readonly qosPolicy?: string
  readonly clone?: CloneOf
  readonly quota: Quota
  /** Of the default qtree's siblings; numbers are not used again. */
  readonly lastQtree: number
  readonly deletedAt?: number
  /** What it was called before it was deleted. */
  readonly deletedName?: string
}

export interface CloneOf {
  /** UUID */
  readonly parent: string
  readonly snapshot: string
  /** When the split that is under way will be done. */
  readonly splitBegun?: number
  readonly splitUntil?: number
}

export interface Quota {
  readonly state: 'off' | 'initializing' | 'on' | 'resizing'
  /** When `initializing` or `resizing` will be over. */
  readonly until?: number
  /** What is enforced now: rules as they were when quotas were last switched on or resized. By qtree ID. */
  readonly enforced: readonly { readonly qtree: number; readonly hardLimit: number }[]
}

export interface Snapshot {
  readonly uuid: string
  readonly name: string
  /** UUID of its volume. */
  readonly volume: string
  readonly createdAt: number
  readonly size: number
  readonly comment: string
  readonly mirrorLabel: string
}

export interface Qtree {
  /** 0 is the nameless one every volume has. */
  readonly id: number
  readonly name: string
  /** UUID of its volume. */
  readonly volume: string
  readonly mode: number
  readonly securityStyle: 'unix' | 'ntfs' | 'mixed'
  /** Absent: the volume's. */
  readonly exportPolicy?: string
  readonly oplocks: boolean
  readonly user?: string
  readonly group?: string
}

export interface QuotaRule {
  readonly uuid: string
  /** UUID */
  readonly volume: string
  readonly type: 'tree' | 'user' | 'group'
  /** Of a tree rule: the qtree it limits, empty for the default. Of others: the qtree it counts in. */
  readonly qtree: string
  /** User or group; empty for the default, and for tree rules. */
  readonly target: string
  /** Bytes; absent: no limit. */
  readonly hardLimit?: number
  readonly softLimit?: number
  readonly fileHardLimit?: number
  readonly fileSoftLimit?: number
}

export interface ExportPolicy {
  /** Beyond 2^32, as arrays have them. */
  readonly id: number
  readonly svm: string
  readonly name: string
  readonly rules: readonly ExportRule[]
}

export interface ExportRule {
  /** From 1; gaps are kept. */
  readonly index: number
  readonly clients: readonly string[]
  /** `any`, `nfs`, `nfs3`, `nfs4`, `cifs`, `flexcache` */
  readonly protocols: readonly string[]
  /** `any`, `none`, `never`, `sys`, `krb5`, `krb5i`, `krb5p`, `ntlm` */
  readonly ro: readonly string[]
  readonly rw: readonly string[]
  readonly superuser: readonly string[]
  readonly anonymousUser: string
}

export interface Svm {
  readonly uuid: string
  readonly name: string
  /** The cluster itself is the one of type `admin`. */
  readonly type: 'data' | 'admin'
  readonly state: 'running' | 'stopped'
  /** UUID of the root volume; the admin SVM has none here. */
  readonly root?: string
  readonly nfs: NfsService
  /** Hours that a deleted volume stays; 0: not at all. */
  readonly retentionHours: number
  /** Most volumes it may have. */
  readonly maxVolumes?: number
  readonly language: string
  /** Present when its root volume has load-sharing mirrors. */
  readonly loadSharing?: LoadSharing
}

export interface NfsService {
  readonly enabled: boolean
  /** Of `3`, `4.0`, `4.1`. */
  readonly versions: readonly string[]
}

/** Clients see the namespace through the mirrors of the root volume, as of their last update. */
export interface LoadSharing {
  /** UUIDs of the mirrors. */
  readonly mirrors: readonly string[]
  /** When the update that is under way will be done. */
  readonly updatingUntil?: number
  readonly updatedAt: number
  /** Junctions as of the last update. */
  readonly shown: Readonly<Record<string, string>>
}

export interface Aggregate {
  readonly name: string
  readonly uuid: string
  /** Name of its node. */
  readonly node: string
  readonly size: number
  /** What others than the volumes here take of it. */
  readonly otherUsed: number
  readonly diskType: 'ssd' | 'ssd_nvm' | 'sas' | 'fsas' | 'vmdisk'
  /** UUIDs of the SVMs it is delegated to. */
  readonly svms: readonly string[]
  readonly canEncrypt: boolean
}

export interface Lif {
  readonly uuid: string
  readonly name: string
  /** UUID */
  readonly svm: string
  readonly address: string
  readonly prefixLength: number
  /** As REST names services: `data_nfs`, `data_iscsi`, `management_https`. */
  readonly services: readonly string[]
  readonly enabled: boolean
  readonly up: boolean
  readonly node: string
  readonly port: string
}

export interface Node {
  readonly name: string
  readonly uuid: string
  readonly serial: string
  readonly model: string
}

export interface SnapshotPolicy {
  readonly name: string
  readonly uuid: string
  /** Percent that a volume made with this policy reserves unless told. */
  readonly reserve: number
}

export interface QosPolicy {
  readonly name: string
  readonly uuid: string
  readonly svm: string
  readonly adaptive: boolean
}

export interface User {
  readonly name: string
  /** UUID of its SVM; that of the admin SVM for users of the cluster. */
  readonly svm: string
  /** Absent: by certificate only. */
  readonly password?: string
  /** PEM of its certificate, or of who issued it; the certificate's common name is then the user's. */
  readonly certificate?: string
  readonly role: string
}

/**
 * What a role allows, in both notations. The most exact entry counts; what none covers is denied.
 *
 * @see docs.netapp.com, "security login rest-role create" and "security login role create"
 */
export interface Role {
  readonly name: string
  /** UUID of its SVM. */
  readonly svm: string
  readonly rest: readonly RestRight[]
  readonly commands: readonly CommandRight[]
}

export type RestAccess = 'none' | 'readonly' | 'read_create' | 'read_modify' | 'read_create_modify' | 'all'

export interface RestRight {
  /** `/api/storage/volumes`; `*` stands for one part. Counts for what is below it, too. */
  readonly path: string
  readonly access: RestAccess
}

export interface CommandRight {
  /** `DEFAULT`, `volume`, `volume create`: ZAPI calls are judged by the command that does the same. */
  readonly command: string
  readonly access: 'none' | 'readonly' | 'all'
}

export interface LogEntry {
  readonly at: number
  /** UUID of the SVM whose user wrote it. */
  readonly svm: string
  readonly computer: string
  readonly source: string
  readonly version: string
  readonly category: string
  readonly description: string
  readonly eventId: number
  readonly severity: string
  readonly autosupport: boolean
}

/**
 * What an operation did, for those who keep the bytes. `volume` is a UUID. `exports`: junctions, policies, rules, modes
 * or what shows of `.snapshot` changed, and what is wanted now is in the state.
 */
export type Effect =
  | { readonly kind: 'make'; readonly volume: string; readonly size: number }
  | {
      readonly kind: 'clone'
      readonly volume: string
      readonly from: string
      readonly snapshot?: string
      readonly size: number
    }
  | { readonly kind: 'resize'; readonly volume: string; readonly size: number }
  | { readonly kind: 'destroy'; readonly volume: string }
  | { readonly kind: 'snapshot' | 'unsnapshot' | 'restore'; readonly volume: string; readonly snapshot: string }
  | { readonly kind: 'qtree' | 'unqtree'; readonly volume: string; readonly qtree: string }
  | { readonly kind: 'rename-qtree'; readonly volume: string; readonly qtree: string; readonly to: string }
  | { readonly kind: 'quota'; readonly volume: string; readonly qtree: string; readonly limit?: number }
  | { readonly kind: 'exports' }

export interface Identity {
  readonly name: string
  readonly uuid: string
}

/** Each kind of thing is numbered by itself, and no number comes twice. */
export type Sequence = 'dsid' | 'msid' | 'exportPolicy' | 'job' | 'autoSnapshot'

/** How long things take. Milliseconds. */
export interface Durations {
  /** Whatever REST or ZAPI does as a job. */
  readonly job: number
  /** Splitting a clone from its source. */
  readonly split: number
  /** Switching quotas on, or having them take up rules. */
  readonly quota: number
}

export interface OntapArray {
  identity: Identity
  release: Release
  durations: Durations
  /** Whose address this is: of one SVM (its name), or of the cluster. */
  lif: { readonly scope: 'svm' | 'cluster'; readonly svm: string }
  /** How far the simulated clock is ahead of the machine's. */
  clockAheadMs: number
  readonly last: Record<Sequence, number>
  readonly nodes: Node[]
  /** By UUID. */
  readonly svms: Map<string, Svm>
  /** By name. */
  readonly aggregates: Map<string, Aggregate>
  /** By UUID. */
  readonly lifs: Map<string, Lif>
  readonly volumes: VolumeTable
  /** By UUID of the volume, oldest first. */
  readonly snapshots: Map<string, readonly Snapshot[]>
  /** By UUID of the volume, in the order of IDs; the nameless one is not in here. */
  readonly qtrees: Map<string, readonly Qtree[]>
  /** By UUID of the volume. */
  readonly quotaRules: Map<string, readonly QuotaRule[]>
  /** By ID. */
  readonly exportPolicies: Map<number, ExportPolicy>
  /** By name. Of the cluster. */
  readonly snapshotPolicies: Map<string, SnapshotPolicy>
  /** By UUID. */
  readonly qosPolicies: Map<string, QosPolicy>
  /** By UUID. */
  readonly jobs: Map<string, Job>
  readonly users: User[]
  readonly roles: Role[]
  /** Oldest first; the last thousand. */
  readonly log: LogEntry[]
  /** Not yet carried out, oldest first. */
  readonly effects: Effect[]
  /** Bytes that hosts have written, by UUID of the volume, as far as somebody says. Not kept. */
  readonly usage: Map<string, number>
}

export function newArray(settings: Pick<OntapArray, 'release' | 'durations' | 'lif'>): OntapArray {
  return {
    identity: { name: 'cluster1', uuid: randomUUID() },
    ...settings,
    clockAheadMs: 0,
    last: { dsid: 1024, msid: 2_147_484_672, exportPolicy: 0, job: 0, autoSnapshot: 0 },
    nodes: ['cluster1-01', 'cluster1-02'].map(newNode),
    svms: new Map(),
    aggregates: new Map(),
    lifs: new Map(),
    volumes: new VolumeTable(),
    snapshots: new Map(),
    qtrees: new Map(),
    quotaRules: new Map(),
    exportPolicies: new Map(),
    snapshotPolicies: new Map(),
    qosPolicies: new Map(),
    jobs: new Map(),
    users: [],
    roles: [],
    log: [],
    effects: [],
    usage: new Map(),
  }
}

export function now(array: OntapArray): number {
  return Date.now() + array.clockAheadMs
}

export function nextId(array: OntapArray, sequence: Sequence): number {
  array.last[sequence] += 1
  return array.last[sequence]
}

function newNode(name: string): Node {
  return { name, uuid: randomUUID(), serial: `4082368-${randomBytes(2).readUInt16BE()}`, model: 'SIMBOX' }
}
