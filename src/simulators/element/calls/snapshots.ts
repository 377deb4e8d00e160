/** Snapshots of volumes. */

import { randomUUID } from 'node:crypto'
import { Fault, invalidParameter, noSnapshot, noVolume } from '../faults.ts'
import type { Params } from '../params.ts'
import { dropSnapshot } from '../settle.ts'
import { type Attributes, type ElementArray, nextId, now, type Snapshot, type Volume } from '../state.ts'
import { snapshotView, timeText, type View } from '../views.ts'
import { liveVolume } from './volumes.ts'

/**
 * CreateSnapshot. Without a name it is called by the time. Names need not be unique.
 *
 * @see docs.netapp.com/us-en/element-software/api/reference_element_api_createsnapshot.html
 */
export function createSnapshot(array: ElementArray, params: Params): View {
  const volume = liveVolume(array, params.number('volumeID'))
  const copied = params.optionalNumber('snapshotID')
  if (copied !== undefined) snapshotOf(array, volume.volumeID, copied)
  const snapshot = takeSnapshot(array, volume, {
    name: params.optionalText('name') ?? timeText(now(array)),
    expiresAt: expiryOf(array, params),
    enableRemoteReplication: params.optionalFlag('enableRemoteReplication') ?? false,
    attributes: params.optionalAttributes() ?? {},
  })
  return { checksum: '0x0', snapshot: snapshotView(snapshot), snapshotID: snapshot.snapshotID }
}

/** ListSnapshots, of one volume, of one ID, or all. */
export function listSnapshots(array: ElementArray, params: Params): View {
  const volumeID = params.optionalNumber('volumeID')
  const snapshotID = params.optionalNumber('snapshotID')
  if (volumeID !== undefined && !array.volumes.get(volumeID)) throw noVolume(volumeID)
  if (snapshotID !== undefined && !array.snapshots.has(snapshotID)) throw noSnapshot(snapshotID)
  const found = [...array.snapshots.values()].filter(
    (snapshot) =>
      (volumeID === undefined || snapshot.volumeID === volumeID) &&
      (snapshotID === undefined || snapshot.snapshotID === snapshotID),
  )
  return { snapshots: found.map(snapshotView) }
}

/** DeleteSnapshot. */
export function deleteSnapshot(array: ElementArray, params: Params): View {
  const snapshotID = params.number('snapshotID')
  if (!array.snapshots.has(snapshotID)) throw noSnapshot(snapshotID)
  dropSnapshot(array, snapshotID)
  return {}
}

/**
 * RollbackToSnapshot. The volume's size stays (unsure what an array does that grew meanwhile).
 *
 * @see docs.netapp.com/us-en/element-software/api/reference_element_api_rollbacktosnapshot.html
 */
export function rollbackToSnapshot(array: ElementArray, params: Params): View {
  const volume = liveVolume(array, params.number('volumeID'))
  const target = snapshotOf(array, volume.volumeID, params.number('snapshotID'))
  const name = params.optionalText('name') ?? `${target.name} - copy`
  const details = {
    name,
    expiresAt: null,
    enableRemoteReplication: false,
    attributes: params.optionalAttributes() ?? {},
  }
  const kept = params.flag('saveCurrentState') ? takeSnapshot(array, volume, details) : undefined
  array.effects.push({ kind: 'rollback', volumeID: volume.volumeID, snapshotID: target.snapshotID })
  return {
    checksum: '0x0',
    snapshot: kept ? snapshotView(kept) : null,
    snapshotID: kept?.snapshotID ?? null,
  }
}

interface Details extends Pick<Snapshot, 'name' | 'expiresAt' | 'enableRemoteReplication'> {
  readonly attributes: Attributes
}

/** @throws Fault xMaxSnapshotsPerVolumeExceeded | xInvalidParameter */
function takeSnapshot(array: ElementArray, { volumeID, totalSize }: Volume, details: Details): Snapshot {
  const { limits, snapshots } = array
  const longest = limits.snapshotNameLengthMax
  if (details.name.length > longest) throw invalidParameter(`A snapshot's name must be 1 to ${longest} characters.`)
  const siblings = [...snapshots.values()].filter((snapshot) => snapshot.volumeID === volumeID)
  if (siblings.length >= limits.snapshotsPerVolumeMax) {
    const most = limits.snapshotsPerVolumeMax
    throw new Fault('xMaxSnapshotsPerVolumeExceeded', `Volume ${volumeID} has ${most} snapshots, the most it can have.`)
  }
  const snapshot = {
    ...details,
    snapshotID: nextId(array, 'snapshot'),
    volumeID,
    createdAt: now(array),
    totalSize,
    snapshotUUID: randomUUID(),
  }
  snapshots.set(snapshot.snapshotID, snapshot)
  array.effects.push({ kind: 'snapshot', volumeID, snapshotID: snapshot.snapshotID })
  return snapshot
}

function snapshotOf({ snapshots }: ElementArray, volumeID: number, snapshotID: number): Snapshot {
  const snapshot = snapshots.get(snapshotID)
  if (snapshot?.volumeID !== volumeID) throw noSnapshot(snapshotID)
  return snapshot
}

/** From `retention`, `HH:mm:ss`, or from `expirationTime`; null is never. */
function expiryOf(array: ElementArray, params: Params): number | null {
  const retention = params.optionalText('retention')
  const time = params.optionalText('expirationTime')
  if (retention !== undefined && time !== undefined) {
    throw invalidParameter('retention and expirationTime cannot be given together.')
  }
  if (retention !== undefined) {
    const [, hours, minutes, seconds] = /^(\d{1,6}):([0-5]\d):([0-5]\d)$/.exec(retention) ?? []
    if (hours === undefined) throw invalidParameter(`retention "${retention}" is not HH:mm:ss.`)
    return now(array) + (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000
  }
  if (time === undefined) return null
  const ms = Date.parse(time)
  if (Number.isNaN(ms)) throw invalidParameter(`expirationTime "${time}" is no time.`)
  return ms
}
