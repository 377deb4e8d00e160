/**
 * An ONTAP cluster as plain data. Only operations/ changes it; REST and ZAPI are two faces of it.
 *
 * Times are milliseconds of the simulated clock, sizes are bytes.
 */

import { randomBytes, randomUUID } from 'node:crypto'
import type { Job } from './jobs.ts'
import type { Release } from './releases.ts'
import type { Aggregate, Node, QosPolicy, SnapshotPolicy } from './state/cluster.ts'
import type { Effect } from './state/effect.ts'
import type { ExportPolicy } from './state/exports.ts'
import type { LogEntry } from './state/log.ts'
import type { Qtree, QuotaRule } from './state/qtree.ts'
import type { Lif, Svm } from './state/svm.ts'
import type { Role, User } from './state/users.ts'
import type { Snapshot } from './state/volume.ts'
import { VolumeTable } from './volume-table.ts'

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
