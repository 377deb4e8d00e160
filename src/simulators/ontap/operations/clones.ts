/** FlexClones, and making them independent of their sources. */

import { randomUUID } from 'node:crypto'
import { ArrayFault } from '../faults.ts'
import { isAtLeast } from '../releases.ts'
import type { Volume } from '../state/volume.ts'
import { nextId, now, type OntapArray } from '../state.ts'
import { EMPTY_BYTES } from '../volume-table.ts'
import { takeRoom } from './aggregates.ts'
import { onlineVolume, snapshotNamed, svmNameOf, volumeOf } from './find.ts'
import { checkJunction, mountVolume } from './junctions.ts'
import { checkVolumeName } from './names.ts'
import { createSnapshot } from './snapshots.ts'
import { checkPolicies } from './volume-checks.ts'

/** What is wanted of a clone. Plain data: it is kept with the job that will make it. */
export interface NewClone {
  /** UUID */
  readonly svm: string
  /** What it is to have; absent: any. */
  readonly uuid?: string
  readonly name: string
  /** Name of the source. */
  readonly parent: string
  /** Absent: one is taken, named `clone_NAME.DATE_TIME.N`. */
  readonly snapshot?: string
  readonly junction?: string
  /** Absent: not kept from the source. */
  readonly comment?: string
  /** Absent: `none`. */
  readonly guarantee?: 'none' | 'volume'
  readonly exportPolicy?: string
  readonly qosPolicy?: string
}

/** @throws ArrayFault no-svm | no-parent | bad-name … | volume-exists | bad-junction | no-export-policy | no-qos-policy | not-in-release */
export function checkNewClone(array: OntapArray, wanted: NewClone): void {
  const svm = array.svms.get(wanted.svm)
  if (svm?.type !== 'data') throw new ArrayFault('no-svm', { svm: wanted.svm })
  const parent = array.volumes.named(svm.uuid, wanted.parent)
  if (!parent || parent.type === 'del') throw new ArrayFault('no-parent', { volume: wanted.parent, svm: svm.name })
  if (parent.style === 'constituent') throw new ArrayFault('is-constituent', { volume: parent.name })
  if (parent.style === 'flexgroup' && !isAtLeast(array.release, '9.7')) {
    throw new ArrayFault('not-in-release', { field: 'clone of a FlexGroup' })
  }
  checkVolumeName(wanted.name, parent.style)
  if (array.volumes.named(svm.uuid, wanted.name)) {
    throw new ArrayFault('volume-exists', { volume: wanted.name, svm: svm.name })
  }
  checkPolicies(array, svm.uuid, wanted)
  if (wanted.junction !== undefined) checkJunction(array, svm.uuid, wanted.junction)
}

/** The clone has what its source had: size, rights, qtrees. @throws ArrayFault as checkNewClone, no-snapshot | volume-offline | no-space */
export function createClone(array: OntapArray, wanted: NewClone): Volume {
  checkNewClone(array, wanted)
  const parent = onlineVolume(array, array.volumes.named(wanted.svm, wanted.parent)!.uuid)
  for (const place of parent.aggregates) takeRoom(array, place, EMPTY_BYTES)
  const snapshot = wanted.snapshot ?? autoSnapshot(array, parent, wanted.name)
  snapshotNamed(array, parent, snapshot)
  const volume = cloneOf(array, parent, snapshot, wanted)
  array.volumes.put(volume)
  for (const constituent of array.volumes.constituentsOf(parent.uuid)) {
    const name = constituent.name.replace(parent.name, volume.name)
    const facts = { ...wanted, uuid: randomUUID(), name, comment: volume.comment }
    array.volumes.put({ ...cloneOf(array, constituent, snapshot, facts), flexgroup: volume.uuid })
  }
  const qtrees = array.qtrees.get(parent.uuid)
  if (qtrees)
    array.qtrees.set(
      volume.uuid,
      qtrees.map((qtree) => ({ ...qtree, volume: volume.uuid })),
    )
  const bytes = array.usage.get(parent.uuid)
  if (bytes !== undefined) array.usage.set(volume.uuid, bytes)
  array.effects.push({ kind: 'clone', volume: volume.uuid, from: parent.uuid, snapshot, size: volume.size })
  if (wanted.junction !== undefined) mountVolume(array, volume.uuid, wanted.junction)
  return volumeOf(array, volume.uuid)
}

/** It goes on by itself. @throws ArrayFault no-volume | volume-offline | not-a-clone | splitting | no-space */
export function startSplit(array: OntapArray, uuid: string): void {
  const volume = onlineVolume(array, uuid)
  const { clone } = volume
  if (!clone) throw new ArrayFault('not-a-clone', { volume: volume.name })
  if (clone.splitUntil !== undefined) throw new ArrayFault('splitting', { volume: volume.name })
  if (volume.guarantee === 'volume' && volume.style === 'flexvol') takeRoom(array, volume.aggregates[0]!, volume.size)
  const splitBegun = now(array)
  array.volumes.put({ ...volume, clone: { ...clone, splitBegun, splitUntil: splitBegun + array.durations.split } })
}

/** @throws ArrayFault no-volume | not-splitting */
export function stopSplit(array: OntapArray, uuid: string): void {
  const volume = volumeOf(array, uuid)
  const { clone } = volume
  if (clone?.splitUntil === undefined) throw new ArrayFault('not-splitting', { volume: volume.name })
  array.volumes.put({ ...volume, clone: { parent: clone.parent, snapshot: clone.snapshot } })
}

/** Percent; undefined when no split is under way. */
export function splitProgress(array: OntapArray, { clone }: Volume): number | undefined {
  if (clone?.splitUntil === undefined || clone.splitBegun === undefined) return undefined
  const whole = Math.max(1, clone.splitUntil - clone.splitBegun)
  return Math.min(100, Math.floor(((now(array) - clone.splitBegun) * 100) / whole))
}

/** The clone is one no longer. */
export function endSplit(array: OntapArray, volume: Volume): void {
  for (const part of [volume, ...array.volumes.constituentsOf(volume.uuid)]) {
    const { clone: _, ...rest } = part
    array.volumes.put(rest)
  }
}

function autoSnapshot(array: OntapArray, parent: Volume, clone: string): string {
  const [, day = '', time = ''] = /^(\S+)T(\d\d:\d\d:\d\d)/.exec(new Date(now(array)).toISOString()) ?? []
  const name = `clone_${clone}.${day}_${time.replaceAll(':', '')}.${nextId(array, 'autoSnapshot') % 10}`
  return createSnapshot(array, parent.uuid, { name }).name
}

function cloneOf(array: OntapArray, parent: Volume, snapshot: string, wanted: NewClone): Volume {
  const { junction: _, qosPolicy: __, ...facts } = parent
  return {
    ...facts,
    uuid: wanted.uuid ?? randomUUID(),
    name: wanted.name,
    type: 'rw',
    createdAt: now(array),
    msid: nextId(array, 'msid'),
    dsid: nextId(array, 'dsid'),
    isRoot: false,
    comment: wanted.comment ?? '',
    guarantee: wanted.guarantee ?? 'none',
    ...(wanted.exportPolicy !== undefined && { exportPolicy: wanted.exportPolicy }),
    ...(wanted.qosPolicy !== undefined && { qosPolicy: wanted.qosPolicy }),
    clone: { parent: parent.uuid, snapshot },
    quota: { state: 'off', enforced: [] },
  }
}

export function parentNameOf(array: OntapArray, { clone }: Volume): string | undefined {
  return clone && array.volumes.get(clone.parent)?.name
}

export function parentSvmNameOf(array: OntapArray, { clone }: Volume): string | undefined {
  const parent = clone && array.volumes.get(clone.parent)
  return parent && svmNameOf(array, parent)
}
