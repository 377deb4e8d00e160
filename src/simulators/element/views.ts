/** Things of the array as replies show them. */

import { RECOVERABLE_MS } from './limits.ts'
import { euiOf, iqnOf, naaOf } from './names.ts'
import type { AccessGroup, Account, ElementArray, Initiator, Qos, QosPolicy, Snapshot, Volume } from './state.ts'
import { atLeast } from './versions.ts'

export type View = Readonly<Record<string, unknown>>

/** What an I/O of a size in bytes costs, relative to one of 4096. Keys are text in every reply. */
export const CURVE = {
  '4096': 100,
  '8192': 160,
  '16384': 270,
  '32768': 500,
  '65536': 1000,
  '131072': 1950,
  '262144': 3900,
  '524288': 7600,
  '1048576': 15_000,
} as const

const NO_UUID = '00000000-0000-0000-0000-000000000000'

/** `2016-03-28T14:39:05Z` */
export function timeText(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z')
}

const seen = new WeakMap<Volume, Map<string, View>>()

/** The same object for the same volume and version, so that its text can be kept. */
export function volumeView(array: ElementArray, volume: Volume, version: string): View {
  const views = seen.get(volume) ?? new Map<string, View>()
  seen.set(volume, views)
  const view = views.get(version) ?? makeVolumeView(array, volume, version)
  views.set(version, view)
  return view
}

function makeVolumeView(array: ElementArray, volume: Volume, version: string): View {
  const { deletedAt } = volume
  return {
    access: volume.access,
    accountID: volume.accountID,
    attributes: volume.attributes,
    // Also with 512-byte emulation.
    blockSize: 4096,
    createTime: timeText(volume.createdAt),
    deleteTime: deletedAt === undefined ? '' : timeText(deletedAt),
    enable512e: volume.enable512e,
    iqn: iqnOf(array, volume),
    name: volume.name,
    purgeTime: deletedAt === undefined ? '' : timeText(deletedAt + RECOVERABLE_MS),
    qos: qosView(volume.qos),
    scsiEUIDeviceID: euiOf(array, volume),
    scsiNAADeviceID: naaOf(array, volume),
    sliceCount: volume.status === 'init' ? 0 : 1,
    status: volume.status,
    totalSize: volume.totalSize,
    virtualVolumeID: null,
    volumeAccessGroups: volume.volumeAccessGroups,
    volumeID: volume.volumeID,
    volumePairs: [],
    ...(atLeast(version, '10.0') && { enableSnapMirrorReplication: false, qosPolicyID: volume.qosPolicyID }),
    // From which version on exactly is unsure.
    ...(atLeast(version, '12.0') && {
      currentProtectionScheme: 'doubleHelix',
      dontMoveForIopsRebalance: false,
      fifoSize: 24,
      lastAccessTime: null,
      lastAccessTimeIO: null,
      minFifoSize: 0,
      previousProtectionScheme: null,
      volumeConsistencyGroupUUID: volume.volumeConsistencyGroupUUID,
      volumeUUID: volume.volumeUUID,
    }),
  }
}

export function qosView({ minIOPS, maxIOPS, burstIOPS, burstTime }: Qos): View {
  return { burstIOPS, burstTime, curve: CURVE, maxIOPS, minIOPS }
}

/** `volumes` keeps deleted ones until they are purged. */
export function accountView(array: ElementArray, account: Account, version: string): View {
  const { accountID, username, status, initiatorSecret, targetSecret, attributes, enableChap } = account
  return {
    accountID,
    attributes,
    initiatorSecret,
    status,
    targetSecret,
    username,
    volumes: array.volumes.idsOfAccount(accountID),
    ...(atLeast(version, '9.0') && { storageContainerID: NO_UUID }),
    ...(atLeast(version, '12.2') && { enableChap }),
  }
}

export function snapshotView(snapshot: Snapshot): View {
  return {
    attributes: snapshot.attributes,
    checksum: '0x0',
    createTime: timeText(snapshot.createdAt),
    enableRemoteReplication: snapshot.enableRemoteReplication,
    expirationReason: 'None',
    expirationTime: snapshot.expiresAt === null ? null : timeText(snapshot.expiresAt),
    groupID: 0,
    groupSnapshotUUID: NO_UUID,
    name: snapshot.name,
    snapshotID: snapshot.snapshotID,
    snapshotUUID: snapshot.snapshotUUID,
    status: 'done',
    totalSize: snapshot.totalSize,
    virtualVolumeID: null,
    volumeID: snapshot.volumeID,
  }
}

export function accessGroupView(array: ElementArray, group: AccessGroup): View {
  const { volumeAccessGroupID, name, initiatorIDs, attributes } = group
  const members = array.volumes.all().filter((volume) => volume.volumeAccessGroups.includes(volumeAccessGroupID))
  const ids = (volumes: readonly Volume[]) => volumes.map(({ volumeID }) => volumeID)
  return {
    attributes,
    deletedVolumes: ids(members.filter(({ status }) => status === 'deleted')),
    initiatorIDs,
    initiators: initiatorIDs.flatMap((id) => array.initiators.get(id)?.initiatorName ?? []),
    name,
    volumeAccessGroupID,
    volumes: ids(members.filter(({ status }) => status !== 'deleted')),
  }
}

export function initiatorView(array: ElementArray, initiator: Initiator): View {
  const { alias, attributes, initiatorID, initiatorName } = initiator
  return { alias, attributes, initiatorID, initiatorName, volumeAccessGroups: groupsOf(array, initiatorID) }
}

export function groupsOf({ accessGroups }: ElementArray, initiatorID: number): readonly number[] {
  const groups = [...accessGroups.values()].filter(({ initiatorIDs }) => initiatorIDs.includes(initiatorID))
  return groups.map(({ volumeAccessGroupID }) => volumeAccessGroupID)
}

export function qosPolicyView(array: ElementArray, { name, qos, qosPolicyID }: QosPolicy): View {
  const users = array.volumes.all().filter((volume) => volume.qosPolicyID === qosPolicyID)
  return { name, qos: qosView(qos), qosPolicyID, volumeIDs: users.map(({ volumeID }) => volumeID) }
}
