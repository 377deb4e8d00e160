/** Making, changing and deleting volumes. */

import { randomUUID } from 'node:crypto'
import { ArrayFault } from '../faults.ts'
import { LARGEST_VOLUME, LONGEST_COMMENT, SMALLEST_VOLUME } from '../limits.ts'
import { isAtLeast } from '../releases.ts'
import { nextId, now, type OntapArray, type Svm, type Volume } from '../state.ts'
import { EMPTY_BYTES } from '../volume-table.ts'
import { takeRoom, usableAggregate } from './aggregates.ts'
import { changed } from './changed.ts'
import { exportPolicyNamed, volumeOf } from './find.ts'
import { constituentsOf, planConstituents, resizeConstituents } from './flexgroups.ts'
import { checkJunction, mountVolume, unmountVolume } from './junctions.ts'
import { checkVolumeName } from './names.ts'

/** What is wanted of a new volume. Plain data: it is kept with the job that will make it. */
export interface NewVolume {
  /** UUID */
  readonly svm: string
  /** What it is to have; absent: any. */
  readonly uuid?: string
  readonly name: string
  readonly style: 'flexvol' | 'flexgroup'
  /** Names. A FlexVol needs exactly one; a FlexGroup with none takes what the SVM has. */
  readonly aggregates: readonly string[]
  /** Of a FlexGroup; absent: 4. */
  readonly constituentsPerAggregate?: number
  /** Absent: 20 MiB, or the least for a FlexGroup. */
  readonly size?: number
  readonly type?: 'rw' | 'dp'
  readonly guarantee?: 'none' | 'volume'
  /** Absent: `default`. */
  readonly snapshotPolicy?: string
  readonly snapshotReserve?: number
  readonly comment?: string
  readonly junction?: string
  readonly securityStyle?: 'unix' | 'ntfs' | 'mixed'
  readonly mode?: number
  readonly uid?: number
  readonly gid?: number
  /** Absent: `default`. */
  readonly exportPolicy?: string
  readonly snapshotDirectory?: boolean
  readonly encryption?: boolean
  readonly tieringPolicy?: Volume['tieringPolicy']
  readonly qosPolicy?: string
}

/**
 * What an array looks at before it begins.
 *
 * @throws ArrayFault no-svm | name-too-long | name-bad-start | bad-name | volume-exists | one-aggregate | no-aggregates |
 * no-aggregate | not-assigned | no-snapshot-policy | no-export-policy | no-qos-policy | bad-junction | bad-value |
 * not-in-release | volume-limit
 */
export function checkNewVolume(array: OntapArray, wanted: NewVolume): void {
  const svm = array.svms.get(wanted.svm)
  if (svm?.type !== 'data') throw new ArrayFault('no-svm', { svm: wanted.svm })
  checkVolumeName(wanted.name, wanted.style)
  checkNameIsFree(array, svm, wanted.name)
  checkPlace(array, svm, wanted)
  checkPolicies(array, svm.uuid, wanted)
  checkValues(array, wanted)
  if (wanted.junction !== undefined) checkJunction(array, svm.uuid, wanted.junction)
  const { maxVolumes } = svm
  if (maxVolumes !== undefined && volumeCount(array, svm) >= maxVolumes) {
    throw new ArrayFault('volume-limit', { svm: svm.name, most: maxVolumes })
  }
}

/** Online, and mounted if it has a junction. @throws ArrayFault as checkNewVolume, too-small | too-large | no-space */
export function createVolume(array: OntapArray, wanted: NewVolume): Volume {
  checkNewVolume(array, wanted)
  const constituents = wanted.style === 'flexgroup' ? planConstituents(array, wanted) : undefined
  const smallest = constituents?.smallest ?? SMALLEST_VOLUME
  const size = roundUp(wanted.size ?? smallest)
  checkSize(size, smallest, wanted.name)
  const volume = newVolume(array, { ...wanted, size, aggregates: constituents?.aggregates ?? wanted.aggregates })
  if (constituents) {
    for (const constituent of constituentsOf(array, volume, constituents.places)) array.volumes.put(constituent)
  } else {
    takeRoom(array, volume.aggregates[0]!, volume.guarantee === 'volume' ? size : EMPTY_BYTES)
  }
  array.volumes.put(volume)
  array.effects.push({ kind: 'make', volume: volume.uuid, size })
  if (wanted.junction !== undefined) mountVolume(array, volume.uuid, wanted.junction)
  return volumeOf(array, volume.uuid)
}

export interface VolumeChange {
  readonly name?: string
  readonly size?: number
  readonly state?: 'online' | 'offline' | 'restricted'
  readonly comment?: string
  /** `null` unmounts. */
  readonly junction?: string | null
  readonly securityStyle?: Volume['securityStyle']
  readonly mode?: number
  readonly uid?: number
  readonly gid?: number
  readonly exportPolicy?: string
  readonly snapshotPolicy?: string
  readonly snapshotReserve?: number
  readonly snapshotDirectory?: boolean
  readonly guarantee?: Volume['guarantee']
  readonly tieringPolicy?: Volume['tieringPolicy']
  /** `null`: none. */
  readonly qosPolicy?: string | null
}

/**
 * Applies one change after the other; those before one that is refused stay.
 *
 * @throws ArrayFault no-volume | volume-offline | too-small | no-space | volume-exists | no-…-policy | bad-junction |
 * is-root | bad-value
 */
export function changeVolume(array: OntapArray, uuid: string, change: VolumeChange): Volume {
  const { name, size, state, junction, ...settings } = change
  volumeOf(array, uuid)
  if (state === 'online') setState(array, uuid, state)
  if (Object.keys(settings).length > 0) changeSettings(array, volumeOf(array, uuid), settings)
  if (size !== undefined) resizeVolume(array, uuid, size)
  if (name !== undefined) renameVolume(array, uuid, name)
  if (junction === null) unmountVolume(array, uuid)
  else if (junction !== undefined) mountVolume(array, uuid, junction)
  if (state !== undefined && state !== 'online') {
    if (volumeOf(array, uuid).junction !== undefined) unmountVolume(array, uuid)
    setState(array, uuid, state)
  }
  return volumeOf(array, uuid)
}

/** Snapshot reserve included. @throws ArrayFault no-volume | volume-offline | too-small | too-large | no-space */
export function resizeVolume(array: OntapArray, uuid: string, wanted: number): void {
  const volume = onlineVolume(array, uuid)
  const size = roundUp(wanted)
  if (volume.style === 'flexgroup') resizeConstituents(array, volume, size)
  else {
    const used = array.usage.get(uuid) ?? 0
    checkSize(size, Math.max(SMALLEST_VOLUME, used), volume.name)
    const more = volume.guarantee === 'volume' ? size - volume.size : 0
    takeRoom(array, volume.aggregates[0]!, Math.max(0, more))
  }
  array.volumes.put({ ...volume, size })
  array.effects.push({ kind: 'resize', volume: uuid, size })
}

/** @throws ArrayFault no-volume | volume-exists | bad-name … */
export function renameVolume(array: OntapArray, uuid: string, name: string): void {
  const volume = volumeOf(array, uuid)
  checkVolumeName(name, volume.style === 'flexgroup' ? 'flexgroup' : 'flexvol')
  if (name === volume.name) return
  checkNameIsFree(array, array.svms.get(volume.svm)!, name)
  array.volumes.put({ ...volume, name })
}

/** Only unmounted ones go offline. @throws ArrayFault no-volume | is-root | volume-mounted | volume-offline (is already) */
export function setState(array: OntapArray, uuid: string, state: 'online' | 'offline' | 'restricted'): void {
  const volume = volumeOf(array, uuid)
  if (state !== 'online') {
    if (volume.isRoot) throw new ArrayFault('is-root', { volume: volume.name })
    if (volume.junction !== undefined) throw new ArrayFault('volume-mounted', { volume: volume.name })
    if (volume.state === state) throw new ArrayFault('volume-offline', { volume: volume.name })
  }
  array.volumes.put({ ...volume, state })
  for (const constituent of array.volumes.constituentsOf(uuid)) array.volumes.put({ ...constituent, state })
  changed(array, 'exports')
}

/** @throws ArrayFault no-volume | volume-offline */
export function onlineVolume(array: OntapArray, uuid: string): Volume {
  const volume = volumeOf(array, uuid)
  if (volume.state === 'online') return volume
  throw new ArrayFault('volume-offline', { volume: volume.name })
}

/** Those that can be seen, the root included. */
function volumeCount(array: OntapArray, { uuid }: Svm): number {
  return array.volumes.all().filter(({ svm, type, style }) => svm === uuid && type !== 'del' && style !== 'constituent')
    .length
}

function checkNameIsFree(array: OntapArray, svm: Svm, name: string): void {
  if (array.volumes.named(svm.uuid, name)) throw new ArrayFault('volume-exists', { volume: name, svm: svm.name })
}

function checkPlace(array: OntapArray, svm: Svm, { style, aggregates }: NewVolume): void {
  if (style === 'flexvol' && aggregates.length !== 1) {
    throw new ArrayFault('one-aggregate', { given: aggregates.length })
  }
  for (const name of aggregates) usableAggregate(array, svm, name)
}

type Policies = Pick<VolumeChange, 'snapshotPolicy' | 'exportPolicy' | 'qosPolicy'>

function checkPolicies(array: OntapArray, svm: string, { snapshotPolicy, exportPolicy, qosPolicy }: Policies): void {
  if (snapshotPolicy !== undefined && !array.snapshotPolicies.has(snapshotPolicy)) {
    throw new ArrayFault('no-snapshot-policy', { policy: snapshotPolicy })
  }
  if (exportPolicy !== undefined) exportPolicyNamed(array, svm, exportPolicy)
  if (typeof qosPolicy !== 'string') return
  const known = [...array.qosPolicies.values()].some((policy) => policy.name === qosPolicy && policy.svm === svm)
  if (!known) throw new ArrayFault('no-qos-policy', { policy: qosPolicy })
}

type Values = Pick<NewVolume, 'snapshotReserve' | 'comment' | 'encryption' | 'mode'>

function checkValues(array: OntapArray, { snapshotReserve, comment = '', encryption, mode = 0 }: Values): void {
  if (snapshotReserve !== undefined && !isWithin(snapshotReserve, 0, 90)) {
    throw new ArrayFault('bad-value', { field: 'snapshotReserve', value: snapshotReserve })
  }
  if (comment.length > LONGEST_COMMENT) throw new ArrayFault('bad-value', { field: 'comment', value: comment })
  if (!isWithin(mode, 0, 0o7777)) throw new ArrayFault('bad-value', { field: 'mode', value: mode })
  if (encryption && !isAtLeast(array.release, '9.1')) throw new ArrayFault('not-in-release', { field: 'encryption' })
}

/** @throws ArrayFault too-small | too-large */
function checkSize(size: number, smallest: number, volume: string): void {
  if (size < smallest) throw new ArrayFault('too-small', { volume, size, smallest })
  if (size > LARGEST_VOLUME) throw new ArrayFault('too-large', { volume, size, largest: LARGEST_VOLUME })
}

type Settings = Omit<VolumeChange, 'name' | 'size' | 'state' | 'junction'>

function changeSettings(array: OntapArray, volume: Volume, settings: Settings): void {
  checkPolicies(array, volume.svm, settings)
  checkValues(array, settings)
  const { qosPolicy, ...rest } = settings
  const { qosPolicy: old, ...others } = volume
  const wanted = qosPolicy === undefined ? old : qosPolicy
  array.volumes.put({ ...others, ...rest, ...(typeof wanted === 'string' && { qosPolicy: wanted }) })
  changed(array, 'exports')
}

/** Unless told, 5 % of a volume with a snapshot policy are for snapshots. */
function newVolume(array: OntapArray, wanted: NewVolume & { readonly size: number }): Volume {
  const svm = array.svms.get(wanted.svm)!
  const snapshotPolicy = wanted.snapshotPolicy ?? 'default'
  return {
    uuid: wanted.uuid ?? randomUUID(),
    name: wanted.name,
    svm: svm.uuid,
    style: wanted.style,
    type: wanted.type ?? 'rw',
    isRoot: false,
    state: 'online',
    createdAt: now(array),
    msid: nextId(array, 'msid'),
    dsid: nextId(array, 'dsid'),
    aggregates: wanted.aggregates,
    size: wanted.size,
    snapshotReserve: wanted.snapshotReserve ?? array.snapshotPolicies.get(snapshotPolicy)?.reserve ?? 0,
    guarantee: wanted.guarantee ?? 'volume',
    snapshotPolicy,
    comment: wanted.comment ?? '',
    securityStyle: wanted.securityStyle ?? 'unix',
    mode: wanted.mode ?? 0o755,
    uid: wanted.uid ?? 0,
    gid: wanted.gid ?? 0,
    exportPolicy: wanted.exportPolicy ?? 'default',
    snapshotDirectory: wanted.snapshotDirectory ?? true,
    language: svm.language,
    encryption: wanted.encryption ?? false,
    tieringPolicy: wanted.tieringPolicy ?? 'none',
    ...(wanted.qosPolicy !== undefined && { qosPolicy: wanted.qosPolicy }),
    quota: { state: 'off', enforced: [] },
    lastQtree: 0,
  }
}

const BLOCK = 4096

function roundUp(bytes: number): number {
  return Math.ceil(bytes / BLOCK) * BLOCK
}

function isWithin(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most
}
