/** Deleting volumes, and what can be done with deleted ones. */

import { Fault, noVolume } from '../faults.ts'
import type { Params } from '../params.ts'
import { purge } from '../settle.ts'
import { type ElementArray, now, type Volume } from '../state.ts'
import { type View, volumeView } from '../views.ts'

/**
 * DeleteVolume. The target goes away at once; the volume can be restored for 8 hours. Deleting it again is answered
 * with xVolumeIDDoesNotExist (unsure).
 *
 * @see docs.netapp.com/us-en/element-software/api/reference_element_api_deletevolume.html
 */
export function deleteVolume(array: ElementArray, params: Params, version: string): View {
  const volumeID = params.number('volumeID')
  const volume = array.volumes.get(volumeID)
  if (!volume || volume.status === 'deleted') {
    throw new Fault('xVolumeIDDoesNotExist', `Volume ${volumeID} does not exist`)
  }
  const deleted: Volume = { ...volume, status: 'deleted', deletedAt: now(array) }
  array.volumes.put(deleted)
  array.effects.push({ kind: 'refresh', volumeID })
  return { volume: volumeView(array, deleted, version) }
}

/**
 * PurgeDeletedVolume. Only what is deleted can be purged.
 *
 * @see docs.netapp.com/us-en/element-software/api/reference_element_api_purgedeletedvolume.html
 */
export function purgeDeletedVolume(array: ElementArray, params: Params): View {
  purge(array, deletedVolume(array, params).volumeID)
  return {}
}

/**
 * RestoreDeletedVolume. Everything is as before.
 *
 * @see docs.netapp.com/us-en/element-software/api/reference_element_api_restoredeletedvolume.html
 */
export function restoreDeletedVolume(array: ElementArray, params: Params): View {
  const { deletedAt: _, ...volume } = deletedVolume(array, params)
  array.volumes.put({ ...volume, status: 'active' })
  array.effects.push({ kind: 'refresh', volumeID: volume.volumeID })
  return {}
}

/** ListDeletedVolumes. */
export function listDeletedVolumes(array: ElementArray, _params: Params, version: string): View {
  return { volumes: array.volumes.deleted().map((volume) => volumeView(array, volume, version)) }
}

function deletedVolume(array: ElementArray, params: Params): Volume {
  const volumeID = params.number('volumeID')
  const volume = array.volumes.get(volumeID)
  if (volume?.status === 'deleted') return volume
  throw noVolume(volumeID)
}
