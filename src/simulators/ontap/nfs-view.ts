/** What NFS clients of an array are to see: where each volume is mounted in the namespace, and who may mount it. */

import { createHash } from 'node:crypto'
import type { NfsClients, NfsExport } from '../data-plane/nfs-exports.ts'
import type { Mount } from '../data-plane/nfs-namespace.ts'
import { shownJunctions } from './operations/junctions.ts'
import type { ExportPolicy, ExportRule } from './state/exports.ts'
import type { Qtree } from './state/qtree.ts'
import type { Svm } from './state/svm.ts'
import type { Volume } from './state/volume.ts'
import type { OntapArray } from './state.ts'

export interface NfsView {
  /** By path: what is in another comes after it. */
  readonly mounts: readonly Mount[]
  readonly exports: readonly NfsExport[]
  readonly addresses: readonly string[]
  readonly versions: readonly string[]
}

/**
 * The kernel has one namespace where an array has one an SVM: of two junctions of one name, the first SVM's shows.
 */
export function nfsView(array: OntapArray): NfsView {
  const svms = [...array.svms.values()].filter(
    ({ type, state, nfs }) => type === 'data' && state === 'running' && nfs.enabled,
  )
  const shown = new Map<string, Shown>()
  for (const svm of svms)
    for (const one of shownBy(array, svm)) if (!shown.has(one.mount.path)) shown.set(one.mount.path, one)
  const all = [...shown.values()].sort((a, b) => (a.mount.path < b.mount.path ? -1 : 1))
  return {
    mounts: all.map(({ mount }) => mount),
    exports: all.map(({ mount: { path }, fsid, clients }) => ({ path, fsid, clients })),
    addresses: addressesOf(array, svms),
    versions: [...new Set(svms.flatMap(({ nfs }) => nfs.versions))],
  }
}

interface Shown {
  readonly mount: Mount
  readonly fsid: string
  readonly clients: readonly NfsClients[]
}

/** Clients walk through the SVM's root: where nobody may enter that, nobody gets anywhere. */
function shownBy(array: OntapArray, svm: Svm): readonly Shown[] {
  const root = svm.root === undefined ? undefined : array.volumes.get(svm.root)
  const mayEnter = root !== undefined && clientsOf(array, svm, root.exportPolicy).length > 0
  return [...shownJunctions(array, svm.uuid)]
    .filter(([, volume]) => hasFiles(volume) && volume.state === 'online')
    .flatMap(([path, volume]) => shownOf(array, svm, path, volume))
    .map((one) => (mayEnter ? one : { ...one, clients: [] }))
}

/** Of a root volume there are none: it only holds the junctions. Those of a deleted one stay, as it may be recovered. */
export function hasFiles({ isRoot, type, style }: Volume): boolean {
  return !isRoot && (type === 'rw' || type === 'del') && style !== 'constituent'
}

/** The volume itself, its snapshots where they show, and qtrees that have rules of their own. */
function shownOf(array: OntapArray, svm: Svm, path: string, volume: Volume): readonly Shown[] {
  const { uuid, exportPolicy } = volume
  const clients = clientsOf(array, svm, exportPolicy)
  const snapshots = volume.snapshotDirectory ? (array.snapshots.get(uuid) ?? []) : []
  const qtrees = (array.qtrees.get(uuid) ?? []).filter((qtree) => hasRules(qtree, volume))
  return [
    { mount: { path, volume: uuid }, fsid: uuid, clients },
    ...snapshots.map(({ name, uuid: fsid }) => ({
      mount: { path: `${path}/.snapshot/${name}`, volume: uuid, snapshot: fsid },
      fsid,
      clients: clients.map((client) => ({ ...client, readOnly: true })),
    })),
    ...qtrees.map((qtree) => ({
      mount: { path: `${path}/${qtree.name}`, volume: uuid, qtree: qtree.name },
      fsid: uuidOf(`${uuid} ${qtree.id}`),
      clients: clientsOf(array, svm, qtree.exportPolicy ?? exportPolicy),
    })),
  ]
}

function hasRules({ exportPolicy }: Qtree, volume: Volume): boolean {
  return exportPolicy !== undefined && exportPolicy !== volume.exportPolicy
}

function clientsOf(array: OntapArray, svm: Svm, name: string): readonly NfsClients[] {
  return policyOf(array, svm, name)?.rules.flatMap(clientsByRule) ?? []
}

function policyOf(array: OntapArray, { uuid }: Svm, name: string): ExportPolicy | undefined {
  return [...array.exportPolicies.values()].find((policy) => policy.svm === uuid && policy.name === name)
}

/** A host says who its users are (`sys`). Rules for other ways to tell let nobody in. */
function clientsByRule({ clients, protocols, ro, rw, superuser, anonymousUser }: ExportRule): readonly NfsClients[] {
  const isNfs = protocols.some((protocol) => ['any', 'nfs', 'nfs3', 'nfs4'].includes(protocol))
  if (!isNfs || (!bySys(ro) && !bySys(rw))) return []
  const anonymous = Number.parseInt(anonymousUser, 10)
  return clients.map((match) => ({
    match,
    readOnly: !bySys(rw),
    rootIsRoot: bySys(superuser),
    anonymousUser: Number.isNaN(anonymous) ? NOBODY : anonymous,
  }))
}

const NOBODY = 65_534

function bySys(flavours: readonly string[]): boolean {
  return flavours.includes('any') || flavours.includes('sys')
}

function addressesOf(array: OntapArray, svms: readonly Svm[]): readonly string[] {
  const serving = [...array.lifs.values()].filter(
    ({ svm, services, enabled, up }) =>
      enabled && up && services.includes('data_nfs') && svms.some(({ uuid }) => uuid === svm),
  )
  return [...new Set(serving.map(({ address }) => address))]
}

/** The same for the same text, at every start. */
function uuidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-')
}
