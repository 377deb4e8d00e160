/** A cluster as an administrator has prepared it, and as it looks when it is in use already. */

import { randomBytes, randomUUID } from 'node:crypto'
import { createExportPolicy, DEFAULT_POLICY } from './operations/exports.ts'
import { svmNamed } from './operations/find.ts'
import { createQtree } from './operations/qtrees.ts'
import { createQuotaRule, enforceRules } from './operations/quotas.ts'
import { createVolume } from './operations/volumes.ts'
import { BUILT_IN_ROLES } from './roles.ts'
import type { Svm } from './state/svm.ts'
import type { Role } from './state/users.ts'
import type { Volume } from './state/volume.ts'
import type { OntapArray } from './state.ts'
import { nextId, now } from './state.ts'

/** Two aggregates, the policies every cluster has, and the SVM of the cluster itself. */
export function prepareCluster(array: OntapArray): void {
  const svm = newSvm('admin', array.identity.name)
  array.svms.set(svm.uuid, svm)
  array.roles.push(...BUILT_IN_ROLES.cluster.map((role) => ({ ...role, svm: svm.uuid })))
  for (const [index, node] of array.nodes.entries()) addAggregate(array, `aggr${index + 1}`, node.name)
  for (const [name, reserve] of [
    ['default', 5],
    ['default-1weekly', 5],
    ['none', 0],
  ] as const) {
    array.snapshotPolicies.set(name, { name, uuid: randomUUID(), reserve })
  }
}

export interface SvmSettings {
  readonly name: string
  readonly dataLifs: readonly string[]
  readonly managementLif: string
  /** Of `3`, `4.0`, `4.1`. */
  readonly nfsVersions: readonly string[]
}

/**
 * A data SVM that serves NFS: a root volume at `/`, an export policy `default` that lets everybody in, both aggregates
 * delegated to it, two QoS policies.
 */
export function addSvm(array: OntapArray, { name, dataLifs, managementLif, nfsVersions }: SvmSettings): Svm {
  const bare = newSvm('data', name)
  array.svms.set(bare.uuid, bare)
  for (const aggregate of array.aggregates.values()) {
    array.aggregates.set(aggregate.name, { ...aggregate, svms: [...aggregate.svms, bare.uuid] })
  }
  array.roles.push(...BUILT_IN_ROLES.svm.map((role) => ({ ...role, svm: bare.uuid })))
  const everybody = ['0.0.0.0/0', '::/0'].map((match) => ({ clients: [match], superuser: ['any'] }))
  createExportPolicy(array, bare.uuid, DEFAULT_POLICY, everybody)
  const root = rootVolume(array, bare)
  array.volumes.put(root)
  array.effects.push({ kind: 'make', volume: root.uuid, size: root.size }, { kind: 'exports' })
  for (const [policy, adaptive] of [
    ['extreme', false],
    ['value', true],
  ] as const) {
    const uuid = randomUUID()
    array.qosPolicies.set(uuid, { name: `${name}_${policy}`, uuid, svm: bare.uuid, adaptive })
  }
  addLif(array, bare, `${name}_mgmt`, managementLif, ['management_https', 'management_ssh'])
  for (const [index, address] of dataLifs.entries()) {
    addLif(array, bare, `${name}_nas${index + 1}`, address, ['data_core', 'data_nfs'])
  }
  const svm = { ...bare, root: root.uuid, nfs: { enabled: true, versions: nfsVersions } }
  array.svms.set(svm.uuid, svm)
  return svm
}

/** Adds a role, or replaces the one of its name. */
export function putRole(array: OntapArray, role: Role): void {
  const index = array.roles.findIndex(({ name, svm }) => name === role.name && svm === role.svm)
  if (index < 0) array.roles.push(role)
  else array.roles[index] = role
}

/** Volumes as nDVP makes them: `netappdvp_bench_0` and so on, of 1 GiB, mounted at their names. */
export function addVolumes(array: OntapArray, svmName: string, count: number): void {
  const svm = svmNamed(array, svmName)
  for (let number = 0; number < count; number += 1) {
    const name = `netappdvp_bench_${number}`
    createVolume(array, { ...THIN, svm: svm.uuid, name, aggregates: ['aggr1'], size: GIB, junction: `/${name}` })
  }
}

/** Qtrees as nDVP makes them, 200 to a pool, of 1 GiB: `netappdvp_bench_0` and so on. */
export function addQtrees(array: OntapArray, svmName: string, count: number): void {
  const svm = svmNamed(array, svmName)
  if (count > 0) {
    const clients = [{ clients: ['0.0.0.0/0'], protocols: ['nfs'], superuser: ['any'] }]
    createExportPolicy(array, svm.uuid, POOL_POLICY, clients)
  }
  for (let first = 0; first < count; first += QTREES_PER_POOL) {
    const name = `ndvp_qtree_pool_netappdvp_${tenCapitals()}`
    const qtrees = Math.min(QTREES_PER_POOL, count - first)
    const place = { svm: svm.uuid, name, aggregates: ['aggr1'], junction: `/${name}` }
    const pool = createVolume(array, { ...THIN, ...place, size: qtrees * GIB, exportPolicy: POOL_POLICY })
    createQuotaRule(array, pool.uuid, { type: 'tree', qtree: '', target: '' })
    for (let index = 0; index < qtrees; index += 1) {
      const qtree = `netappdvp_bench_${first + index}`
      createQtree(array, pool.uuid, { name: qtree, mode: 0o777, exportPolicy: POOL_POLICY })
      createQuotaRule(array, pool.uuid, { type: 'tree', qtree, target: '', hardLimit: GIB })
    }
    enforceRules(array, array.volumes.get(pool.uuid)!)
  }
}

const GIB = 1024 ** 3
const QTREES_PER_POOL = 200
const POOL_POLICY = 'ndvp_qtree_pool_export_policy'

const THIN = {
  style: 'flexvol',
  guarantee: 'none',
  snapshotPolicy: 'none',
  mode: 0o777,
  snapshotDirectory: false,
} as const

function newSvm(type: Svm['type'], name: string): Svm {
  return {
    uuid: randomUUID(),
    name,
    type,
    state: 'running',
    nfs: { enabled: false, versions: [] },
    retentionHours: 12,
    language: 'c.utf_8',
  }
}

function rootVolume(array: OntapArray, svm: Svm): Volume {
  return {
    uuid: randomUUID(),
    name: `${svm.name}_root`,
    svm: svm.uuid,
    style: 'flexvol',
    type: 'rw',
    isRoot: true,
    state: 'online',
    createdAt: now(array),
    msid: nextId(array, 'msid'),
    dsid: nextId(array, 'dsid'),
    aggregates: ['aggr1'],
    size: GIB,
    snapshotReserve: 5,
    guarantee: 'volume',
    snapshotPolicy: 'none',
    comment: '',
    junction: '/',
    securityStyle: 'unix',
    mode: 0o755,
    uid: 0,
    gid: 0,
    exportPolicy: DEFAULT_POLICY,
    snapshotDirectory: true,
    language: svm.language,
    encryption: false,
    tieringPolicy: 'none',
    quota: { state: 'off', enforced: [] },
    lastQtree: 0,
  }
}

function addAggregate(array: OntapArray, name: string, node: string): void {
  const size = 20 * 1024 ** 4
  array.aggregates.set(name, {
    ...{ name, uuid: randomUUID(), node, size, otherUsed: GIB, diskType: 'ssd', svms: [], canEncrypt: true },
  })
}

function addLif(array: OntapArray, svm: Svm, name: string, address: string, services: readonly string[]): void {
  const [node] = array.nodes
  const place = { node: node!.name, port: 'e0c', prefixLength: address.includes(':') ? 64 : 24 }
  const uuid = randomUUID()
  array.lifs.set(uuid, { uuid, name, svm: svm.uuid, address, services, enabled: true, up: true, ...place })
}

/** `UEWXZKDBQO` */
function tenCapitals(): string {
  return Array.from(randomBytes(10), (byte) => String.fromCharCode(65 + (byte % 26))).join('')
}
