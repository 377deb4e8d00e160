/** An array as it is kept in a file. */

import type { Job } from './jobs.ts'
import type { Release } from './releases.ts'
import type { Aggregate, Node, QosPolicy, SnapshotPolicy } from './state/cluster.ts'
import type { ExportPolicy } from './state/exports.ts'
import type { LogEntry } from './state/log.ts'
import type { Qtree, QuotaRule } from './state/qtree.ts'
import type { Lif, Svm } from './state/svm.ts'
import type { Role, User } from './state/users.ts'
import type { Snapshot, Volume } from './state/volume.ts'
import type { Identity, OntapArray, Sequence } from './state.ts'

export interface SavedArray {
  readonly identity: Identity
  readonly release: Release
  readonly lif: OntapArray['lif']
  readonly clockAheadMs: number
  readonly last: Readonly<Record<Sequence, number>>
  readonly nodes: readonly Node[]
  readonly svms: readonly Svm[]
  readonly aggregates: readonly Aggregate[]
  readonly lifs: readonly Lif[]
  readonly volumes: readonly Volume[]
  readonly snapshots: readonly Snapshot[]
  readonly qtrees: readonly Qtree[]
  readonly quotaRules: readonly QuotaRule[]
  readonly exportPolicies: readonly ExportPolicy[]
  readonly snapshotPolicies: readonly SnapshotPolicy[]
  readonly qosPolicies: readonly QosPolicy[]
  readonly jobs: readonly Job[]
  readonly users: readonly User[]
  readonly roles: readonly Role[]
  readonly log: readonly LogEntry[]
}

export function saved(array: OntapArray): SavedArray {
  const { identity, release, lif, clockAheadMs, last, nodes, users, roles, log } = array
  return {
    ...{ identity, release, lif, clockAheadMs, last, nodes, users, roles, log },
    svms: [...array.svms.values()],
    aggregates: [...array.aggregates.values()],
    lifs: [...array.lifs.values()],
    volumes: array.volumes.all(),
    snapshots: [...array.snapshots.values()].flat(),
    qtrees: [...array.qtrees.values()].flat(),
    quotaRules: [...array.quotaRules.values()].flat(),
    exportPolicies: [...array.exportPolicies.values()],
    snapshotPolicies: [...array.snapshotPolicies.values()],
    qosPolicies: [...array.qosPolicies.values()],
    jobs: [...array.jobs.values()],
  }
}

/** Fills a new array with what was saved. Release, durations and address stay those it was started with. */
export function restore(array: OntapArray, from: SavedArray): void {
  Object.assign(array, { identity: from.identity, clockAheadMs: from.clockAheadMs })
  Object.assign(array.last, from.last)
  array.nodes.splice(0, array.nodes.length, ...from.nodes)
  for (const svm of from.svms) array.svms.set(svm.uuid, svm)
  for (const aggregate of from.aggregates) array.aggregates.set(aggregate.name, aggregate)
  for (const lif of from.lifs) array.lifs.set(lif.uuid, lif)
  for (const volume of from.volumes) array.volumes.put(volume)
  fill(array.snapshots, from.snapshots)
  fill(array.qtrees, from.qtrees)
  fill(array.quotaRules, from.quotaRules)
  for (const policy of from.exportPolicies) array.exportPolicies.set(policy.id, policy)
  for (const policy of from.snapshotPolicies) array.snapshotPolicies.set(policy.name, policy)
  for (const policy of from.qosPolicies) array.qosPolicies.set(policy.uuid, policy)
  for (const job of from.jobs) array.jobs.set(job.uuid, job)
  array.users.push(...from.users)
  array.roles.push(...from.roles)
  array.log.push(...from.log)
}

function fill<T extends { readonly volume: string }>(table: Map<string, readonly T[]>, rows: readonly T[]): void {
  for (const row of rows) table.set(row.volume, [...(table.get(row.volume) ?? []), row])
}
