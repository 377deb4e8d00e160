/** Changing volumes: settings, size, name, state and junction. */

import { ArrayFault } from '../faults.ts'
import { SMALLEST_VOLUME } from '../limits.ts'
import type { Volume } from '../state/volume.ts'
import type { OntapArray } from '../state.ts'
import { takeRoom } from './aggregates.ts'
import { changed } from './changed.ts'
import { onlineVolume, volumeOf } from './find.ts'
import { resizeConstituents } from './flexgroups.ts'
import { mountVolume, unmountVolume } from './junctions.ts'
import { checkVolumeName } from './names.ts'
import { checkNameIsFree, checkPolicies, checkSize, checkValues, roundUp } from './volume-checks.ts'

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
    checkSize(wanted, Math.max(SMALLEST_VOLUME, used), volume.name)
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
  for (const part of array.volumes.constituentsOf(uuid)) {
    array.volumes.put({ ...part, name: `${name}${part.name.slice(volume.name.length)}` })
  }
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
