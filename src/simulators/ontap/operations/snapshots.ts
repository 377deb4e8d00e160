/** Snapshots of volumes. */

import { randomUUID } from 'node:crypto'
import { ArrayFault } from '../faults.ts'
import { MOST_SNAPSHOTS, MOST_SNAPSHOTS_BEFORE_9_4 } from '../limits.ts'
import { isAtLeast } from '../releases.ts'
import type { Snapshot, Volume } from '../state/volume.ts'
import { now, type OntapArray } from '../state.ts'
import { changed } from './changed.ts'
import { onlineVolume, snapshotNamed, snapshotsOf, svmNameOf } from './find.ts'
import { checkSnapshotName } from './names.ts'

export interface NewSnapshot {
  readonly name: string
  readonly comment?: string
  readonly mirrorLabel?: string
}

/** @throws ArrayFault no-volume | volume-offline | not-read-write | bad-name | snapshot-exists | snapshot-limit */
export function createSnapshot(array: OntapArray, volume: string, wanted: NewSnapshot): Snapshot {
  const of = onlineVolume(array, volume)
  if (of.type !== 'rw') throw new ArrayFault('not-read-write', { volume: of.name })
  checkSnapshotName(wanted.name)
  const others = snapshotsOf(array, volume)
  if (others.some(({ name }) => name === wanted.name)) {
    throw new ArrayFault('snapshot-exists', { snapshot: wanted.name, volume: of.name, svm: svmNameOf(array, of) })
  }
  const most = isAtLeast(array.release, '9.4') ? MOST_SNAPSHOTS : MOST_SNAPSHOTS_BEFORE_9_4
  if (others.length >= most) throw new ArrayFault('snapshot-limit', { volume: of.name, most })
  const { name, comment = '', mirrorLabel = '' } = wanted
  const snapshot = { uuid: randomUUID(), name, volume, createdAt: now(array), size: EMPTY_SIZE, comment, mirrorLabel }
  array.snapshots.set(volume, [...others, snapshot])
  array.effects.push({ kind: 'snapshot', volume, snapshot: name })
  return snapshot
}

/** @throws ArrayFault no-volume | volume-offline | no-snapshot | snapshot-busy */
export function deleteSnapshot(array: OntapArray, volume: string, name: string): void {
  const of = onlineVolume(array, volume)
  const snapshot = snapshotNamed(array, of, name)
  checkFree(array, of, snapshot)
  drop(array, snapshot)
}

/** @throws ArrayFault no-volume | no-snapshot | bad-name | snapshot-exists */
export function renameSnapshot(array: OntapArray, volume: string, name: string, to: string): void {
  const of = onlineVolume(array, volume)
  const snapshot = snapshotNamed(array, of, name)
  checkSnapshotName(to)
  const others = snapshotsOf(array, volume)
  if (others.some((other) => other.name === to && other !== snapshot)) {
    throw new ArrayFault('snapshot-exists', { snapshot: to, volume: of.name, svm: svmNameOf(array, of) })
  }
  array.snapshots.set(
    volume,
    others.map((other) => (other === snapshot ? { ...other, name: to } : other)),
  )
  for (const clone of array.volumes.clonesOf(volume)) {
    if (clone.clone?.snapshot === name) array.volumes.put({ ...clone, clone: { ...clone.clone, snapshot: to } })
  }
  changed(array, 'exports')
}

/** Newer snapshots are lost. @throws ArrayFault no-volume | volume-offline | no-snapshot | snapshot-busy (a newer one) */
export function restoreSnapshot(array: OntapArray, volume: string, name: string): void {
  const of = onlineVolume(array, volume)
  const snapshot = snapshotNamed(array, of, name)
  const all = snapshotsOf(array, volume)
  const newer = all.slice(all.indexOf(snapshot) + 1)
  for (const lost of newer) checkFree(array, of, lost)
  array.effects.push({ kind: 'restore', volume, snapshot: name })
  for (const lost of newer) drop(array, lost)
}

/** Who needs a snapshot, as ZAPI says it; REST has `volume_clone`. */
export function ownersOf(array: OntapArray, { volume, name }: Snapshot): readonly string[] {
  return array.volumes.clonesOf(volume).some(({ clone }) => clone?.snapshot === name) ? ['volume clone'] : []
}

/** Unsure what an empty one takes; arrays show a little. */
const EMPTY_SIZE = 180_224

function checkFree(array: OntapArray, volume: Volume, snapshot: Snapshot): void {
  const owners = ownersOf(array, snapshot)
  if (owners.length === 0) return
  const { name } = snapshot
  const values = { snapshot: name, volume: volume.name, svm: svmNameOf(array, volume), owners: owners.join(', ') }
  throw new ArrayFault('snapshot-busy', values)
}

function drop(array: OntapArray, { volume, name }: Snapshot): void {
  array.snapshots.set(
    volume,
    snapshotsOf(array, volume).filter((snapshot) => snapshot.name !== name),
  )
  array.effects.push({ kind: 'unsnapshot', volume, snapshot: name })
}
