/** Every method the array knows: since when, with which parameters, and what it does. */

import * as groups from './calls/access-groups.ts'
import * as accounts from './calls/accounts.ts'
import * as results from './calls/async-results.ts'
import { cloneVolume } from './calls/clone.ts'
import * as cluster from './calls/cluster.ts'
import * as deleted from './calls/deleted-volumes.ts'
import * as initiators from './calls/initiators.ts'
import * as lists from './calls/list-volumes.ts'
import * as qos from './calls/qos.ts'
import * as snapshots from './calls/snapshots.ts'
import * as stats from './calls/volume-stats.ts'
import { createVolume, modifyVolume } from './calls/volumes.ts'
import type { Params } from './params.ts'
import type { ElementArray } from './state.ts'
import { atLeast, OLDEST_CURRENT } from './versions.ts'
import type { View } from './views.ts'

export type Call = (array: ElementArray, params: Params, version: string) => View

export interface Method {
  readonly call: Call
  /** Others are refused: xInvalidAPIParameter. */
  readonly params: readonly string[]
  /** Whether it changes the array. */
  readonly changes: boolean
  /** The version it came with. */
  readonly since: string
}

/** Undefined for a method that `version` does not have. */
export function methodOf(name: string, version: string): Method | undefined {
  const method = METHODS.get(name)
  return method && atLeast(version, method.since) ? method : undefined
}

function methodsOf(version: string): readonly string[] {
  return [...METHODS].flatMap(([name, { since }]) => (atLeast(version, since) ? name : [])).sort()
}

const asks = (call: Call, params = '', since = '1.0'): Method => ({
  call,
  params: params.split(' '),
  changes: false,
  since,
})

const changes = (call: Call, params: string, since = '1.0'): Method => ({ ...asks(call, params, since), changes: true })

/** Of newer versions, which older ones accept here too: which came when is not told. */
const VOLUME_EXTRAS =
  'associateWithQoSPolicy dontMoveForIopsRebalance dontMoveforIopsRebalance enableSnapMirrorReplication fifoSize minFifoSize qosPolicyID'

const INITIATORS_SINCE = OLDEST_CURRENT

const METHODS: ReadonlyMap<string, Method> = new Map(
  Object.entries({
    CreateVolume: changes(createVolume, `name accountID totalSize enable512e attributes qos access ${VOLUME_EXTRAS}`),
    CloneVolume: changes(
      cloneVolume,
      'volumeID name newAccountID newSize access snapshotID attributes enable512e enableSnapMirrorReplication',
    ),
    ModifyVolume: changes(
      modifyVolume,
      `volumeID accountID access qos totalSize attributes setCreateTime createTime mode ${VOLUME_EXTRAS}`,
    ),
    DeleteVolume: changes(deleted.deleteVolume, 'volumeID'),
    PurgeDeletedVolume: changes(deleted.purgeDeletedVolume, 'volumeID'),
    RestoreDeletedVolume: changes(deleted.restoreDeletedVolume, 'volumeID'),
    ListActiveVolumes: asks(lists.listActiveVolumes, 'startVolumeID limit includeVirtualVolumes'),
    ListVolumes: asks(
      lists.listVolumes,
      'accounts startVolumeID limit volumeIDs volumeName volumeStatus isPaired includeVirtualVolumes',
      '8.0',
    ),
    ListVolumesForAccount: asks(lists.listVolumesForAccount, 'accountID startVolumeID limit includeVirtualVolumes'),
    ListDeletedVolumes: asks(deleted.listDeletedVolumes, 'includeVirtualVolumes'),
    GetVolumeCount: asks(lists.getVolumeCount),
    GetVolumeStats: asks(stats.getVolumeStats, 'volumeID'),
    ListVolumeStatsByVolume: asks(stats.listVolumeStatsByVolume, 'includeVirtualVolumes'),

    AddAccount: changes(accounts.addAccount, 'username initiatorSecret targetSecret attributes enableChap'),
    GetAccountByName: asks(accounts.getAccountByName, 'username'),
    GetAccountByID: asks(accounts.getAccountById, 'accountID'),
    ListAccounts: asks(accounts.listAccounts, 'startAccountID limit includeStorageContainers'),
    ModifyAccount: changes(
      accounts.modifyAccount,
      'accountID username status initiatorSecret targetSecret attributes enableChap',
    ),
    RemoveAccount: changes(accounts.removeAccount, 'accountID'),

    CreateSnapshot: changes(
      snapshots.createSnapshot,
      'volumeID snapshotID name retention expirationTime enableRemoteReplication ensureSerialCreation snapMirrorLabel attributes',
    ),
    ListSnapshots: asks(snapshots.listSnapshots, 'volumeID snapshotID'),
    DeleteSnapshot: changes(snapshots.deleteSnapshot, 'snapshotID overrideSnapMirrorHold'),
    RollbackToSnapshot: changes(snapshots.rollbackToSnapshot, 'volumeID snapshotID saveCurrentState name attributes'),

    GetAsyncResult: changes(results.getAsyncResult, 'asyncHandle keepResult'),
    ListAsyncResults: asks(results.listAsyncResults, 'asyncResultTypes'),

    CreateVolumeAccessGroup: changes(groups.createVolumeAccessGroup, 'name initiators volumes attributes'),
    ListVolumeAccessGroups: asks(groups.listVolumeAccessGroups, 'startVolumeAccessGroupID limit volumeAccessGroups'),
    ModifyVolumeAccessGroup: changes(
      groups.modifyVolumeAccessGroup,
      'volumeAccessGroupID name initiators volumes attributes deleteOrphanInitiators',
    ),
    DeleteVolumeAccessGroup: changes(
      groups.deleteVolumeAccessGroup,
      'volumeAccessGroupID deleteOrphanInitiators force',
    ),
    AddInitiatorsToVolumeAccessGroup: changes(groups.addInitiators, 'volumeAccessGroupID initiators'),
    RemoveInitiatorsFromVolumeAccessGroup: changes(
      groups.removeInitiators,
      'volumeAccessGroupID initiators deleteOrphanInitiators',
    ),
    AddVolumesToVolumeAccessGroup: changes(groups.addVolumes, 'volumeAccessGroupID volumes'),
    RemoveVolumesFromVolumeAccessGroup: changes(groups.removeVolumes, 'volumeAccessGroupID volumes'),
    CreateInitiators: changes(initiators.createInitiators, 'initiators', INITIATORS_SINCE),
    ListInitiators: asks(initiators.listInitiators, 'initiators startInitiatorID limit', INITIATORS_SINCE),
    ModifyInitiators: changes(initiators.modifyInitiators, 'initiators', INITIATORS_SINCE),
    DeleteInitiators: changes(initiators.deleteInitiators, 'initiators', INITIATORS_SINCE),

    GetDefaultQoS: asks(qos.getDefaultQos),
    CreateQoSPolicy: changes(qos.createQosPolicy, 'name qos', '10.0'),
    GetQoSPolicy: asks(qos.getQosPolicy, 'qosPolicyID', '10.0'),
    ListQoSPolicies: asks(qos.listQosPolicies, '', '10.0'),
    ModifyQoSPolicy: changes(qos.modifyQosPolicy, 'qosPolicyID name qos', '10.0'),
    DeleteQoSPolicy: changes(qos.deleteQosPolicy, 'qosPolicyID', '10.0'),

    GetAPI: asks(cluster.getApi(methodsOf)),
    GetLimits: asks(cluster.getLimits),
    GetClusterInfo: asks(cluster.getClusterInfo),
    GetClusterVersionInfo: asks(cluster.getClusterVersionInfo),
    GetClusterCapacity: asks(cluster.getClusterCapacity),
    GetClusterHardwareInfo: asks(cluster.getClusterHardwareInfo, 'type'),
    GetCurrentClusterAdmin: asks(cluster.getCurrentClusterAdmin),
    ListClusterAdmins: asks(cluster.listClusterAdmins, 'showHidden'),
    ListISCSISessions: asks(cluster.listIscsiSessions),
  }),
)
