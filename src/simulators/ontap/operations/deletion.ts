/** Deleting volumes, and the queue that keeps deleted ones for a while. */

import { ArrayFault } from '../faults.ts'
import { isAtLeast } from '../releases.ts'
import type { Volume } from '../state/volume.ts'
import { now, type OntapArray } from '../state.ts'
import { changed } from './changed.ts'
import { svmNameOf, volumeOf } from './find.ts'
import { unmountVolume } from './junctions.ts'
import { setState } from './volume-changes.ts'

export interface Deletion {
  /** Else it must be unmounted and offline already. */
  readonly unmountAndOffline: boolean
  /** Whether it skips the recovery queue. */
  readonly purge: boolean
}

/**
 * Clones count until they are split or purged: those in the recovery queue, too.
 *
 * @throws ArrayFault no-volume | is-root | is-constituent | has-clones | volume-mounted | volume-online
 */
export function deleteVolume(array: OntapArray, uuid: string, { unmountAndOffline, purge }: Deletion): void {
  const volume = volumeOf(array, uuid)
  checkDeletable(array, volume)
  if (unmountAndOffline) {
    if (volume.junction !== undefined) unmountVolume(array, uuid)
    if (volume.state === 'online') setState(array, uuid, 'offline')
  } else {
    if (volume.junction !== undefined) throw new ArrayFault('volume-mounted', { volume: volume.name })
    if (volume.state === 'online') throw new ArrayFault('volume-online', { volume: volume.name })
  }
  if (purge || !hasQueue(array, volume)) purgeVolume(array, uuid)
  else queue(array, volumeOf(array, uuid))
}

/** Volumes of an SVM in the recovery queue. */
export function recoveryQueue(array: OntapArray, svm: string): readonly Volume[] {
  return array.volumes.deleted().filter((volume) => volume.svm === svm && volume.style !== 'constituent')
}

/** Ends a volume for good, with all that is in it. */
export function purgeVolume(array: OntapArray, uuid: string): void {
  const volume = array.volumes.get(uuid)
  if (!volume) return
  for (const constituent of array.volumes.constituentsOf(uuid)) array.volumes.remove(constituent.uuid)
  array.volumes.remove(uuid)
  array.snapshots.delete(uuid)
  array.qtrees.delete(uuid)
  array.quotaRules.delete(uuid)
  array.usage.delete(uuid)
  array.effects.push({ kind: 'destroy', volume: uuid })
}

/** By the name it has in the queue. @throws ArrayFault no-volume | has-clones */
export function purgeFromQueue(array: OntapArray, svm: string, name: string): void {
  const volume = recoveryQueue(array, svm).find((volume) => volume.name === name)
  if (!volume) throw new ArrayFault('no-volume', { volume: name, svm: array.svms.get(svm)?.name ?? svm })
  checkCloneless(array, volume)
  purgeVolume(array, volume.uuid)
}

/** Gives it back under its old name, offline. @throws ArrayFault no-volume | volume-exists */
export function recoverFromQueue(array: OntapArray, svm: string, name: string): void {
  const volume = recoveryQueue(array, svm).find((volume) => volume.name === name)
  if (!volume) throw new ArrayFault('no-volume', { volume: name, svm: array.svms.get(svm)?.name ?? svm })
  const { deletedName = name } = volume
  if (array.volumes.named(svm, deletedName)) {
    throw new ArrayFault('volume-exists', { volume: deletedName, svm: svmNameOf(array, volume) })
  }
  for (const part of [volume, ...array.volumes.constituentsOf(volume.uuid)]) array.volumes.put(asItWas(part))
}

function asItWas({ deletedAt: _, deletedName, ...rest }: Volume): Volume {
  return { ...rest, type: 'rw', name: deletedName ?? rest.name }
}

function checkDeletable(array: OntapArray, volume: Volume): void {
  const { name } = volume
  if (volume.isRoot) throw new ArrayFault('is-root', { volume: name })
  if (volume.style === 'constituent') throw new ArrayFault('is-constituent', { volume: name })
  checkCloneless(array, volume)
}

function checkCloneless(array: OntapArray, { uuid, name, svm }: Volume): void {
  const clones = array.volumes.clonesOf(uuid).filter(({ style }) => style !== 'constituent')
  if (clones.length === 0) return
  const names = clones.map((clone) => clone.name).join(', ')
  throw new ArrayFault('has-clones', { volume: name, svm: svmNameOf(array, { svm }), clones: names })
}

/** From 8.3; FlexGroups have one from 9.9.1 (unsure). */
function hasQueue(array: OntapArray, { style, svm }: Volume): boolean {
  if (array.svms.get(svm)?.retentionHours === 0) return false
  return style === 'flexvol' || isAtLeast(array.release, '9.9.1')
}

function queue(array: OntapArray, volume: Volume): void {
  const { name, dsid, uuid } = volume
  const gone = { type: 'del', deletedAt: now(array), state: 'offline' } as const
  array.volumes.put({ ...volume, ...gone, deletedName: name, name: `${name}_${dsid}` })
  for (const constituent of array.volumes.constituentsOf(uuid)) {
    const { name: deletedName, dsid: number } = constituent
    array.volumes.put({ ...constituent, ...gone, deletedName, name: `${deletedName}_${number}` })
  }
  changed(array, 'exports')
}
