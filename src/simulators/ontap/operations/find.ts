/** Things of an array by what requests call them. */

import { ArrayFault } from '../faults.ts'
import type { ExportPolicy } from '../state/exports.ts'
import type { Qtree } from '../state/qtree.ts'
import type { Svm } from '../state/svm.ts'
import type { Snapshot, Volume } from '../state/volume.ts'
import type { OntapArray } from '../state.ts'

/** @throws ArrayFault no-svm */
export function svmNamed(array: OntapArray, name: string): Svm {
  const svm = [...array.svms.values()].find((svm) => svm.name === name && svm.type === 'data')
  if (svm) return svm
  throw new ArrayFault('no-svm', { svm: name })
}

export function dataSvms(array: OntapArray): readonly Svm[] {
  return [...array.svms.values()].filter(({ type }) => type === 'data')
}

export function adminSvm(array: OntapArray): Svm {
  return [...array.svms.values()].find(({ type }) => type === 'admin')!
}

/** Deleted ones are not found by their names. @throws ArrayFault no-volume */
export function volumeNamed(array: OntapArray, svm: string, name: string): Volume {
  const volume = array.volumes.named(svm, name)
  if (volume && volume.type !== 'del') return volume
  throw new ArrayFault('no-volume', { volume: name, svm: array.svms.get(svm)?.name ?? svm })
}

/** @throws ArrayFault no-volume */
export function volumeOf(array: OntapArray, uuid: string): Volume {
  const volume = array.volumes.get(uuid)
  if (volume && volume.type !== 'del') return volume
  throw new ArrayFault('no-volume', { volume: uuid, svm: '' })
}

/** @throws ArrayFault no-volume | volume-offline */
export function onlineVolume(array: OntapArray, uuid: string): Volume {
  const volume = volumeOf(array, uuid)
  if (volume.state === 'online') return volume
  throw new ArrayFault('volume-offline', { volume: volume.name })
}

export function snapshotsOf(array: OntapArray, volume: string): readonly Snapshot[] {
  return array.snapshots.get(volume) ?? []
}

/** @throws ArrayFault no-snapshot */
export function snapshotNamed(array: OntapArray, volume: Volume, name: string): Snapshot {
  const snapshot = snapshotsOf(array, volume.uuid).find((snapshot) => snapshot.name === name)
  if (snapshot) return snapshot
  throw new ArrayFault('no-snapshot', { snapshot: name, volume: volume.name, svm: svmNameOf(array, volume) })
}

/** The nameless one first. */
export function qtreesOf(array: OntapArray, volume: Volume): readonly Qtree[] {
  return [defaultQtree(volume), ...(array.qtrees.get(volume.uuid) ?? [])]
}

function defaultQtree({ uuid, mode, securityStyle }: Volume): Qtree {
  return { id: 0, name: '', volume: uuid, mode, securityStyle, oplocks: true }
}

/** @throws ArrayFault no-qtree, default-qtree for an empty name */
export function qtreeNamed(array: OntapArray, volume: Volume, name: string): Qtree {
  if (name === '') throw new ArrayFault('default-qtree', { volume: volume.name })
  const qtree = array.qtrees.get(volume.uuid)?.find((qtree) => qtree.name === name)
  if (qtree) return qtree
  throw new ArrayFault('no-qtree', { qtree: name, volume: volume.name, svm: svmNameOf(array, volume) })
}

export function exportPoliciesOf(array: OntapArray, svm: string): readonly ExportPolicy[] {
  return [...array.exportPolicies.values()].filter((policy) => policy.svm === svm)
}

/** @throws ArrayFault no-export-policy */
export function exportPolicyNamed(array: OntapArray, svm: string, name: string): ExportPolicy {
  const policy = exportPoliciesOf(array, svm).find((policy) => policy.name === name)
  if (policy) return policy
  throw new ArrayFault('no-export-policy', { policy: name, svm: array.svms.get(svm)?.name ?? svm })
}

export function svmNameOf(array: OntapArray, { svm }: { readonly svm: string }): string {
  return array.svms.get(svm)?.name ?? svm
}
