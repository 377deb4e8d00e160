/** The cluster about itself. It has one node, and room for whatever is asked of it. */

import { iqnOf } from '../names.ts'
import type { Params } from '../params.ts'
import { type ElementArray, now } from '../state.ts'
import { atLeast, versionsUpTo } from '../versions.ts'
import { timeText, type View } from '../views.ts'

/**
 * GetClusterInfo.
 *
 * @see docs.netapp.com/us-en/element-software/api/reference_element_api_getclusterinfo.html
 */
export function getClusterInfo(array: ElementArray, _params: Params, version: string): View {
  const { identity, mvip, svip } = array
  return {
    clusterInfo: {
      attributes: {},
      encryptionAtRestState: 'disabled',
      ensemble: [mvip],
      mvip,
      mvipInterface: 'Bond1G',
      mvipNodeID: 1,
      mvipVlanTag: '0',
      name: identity.name,
      repCount: 2,
      // The address alone: the port is always 3260 on an array, and not told.
      svip: svip.replace(/:\d+$/, ''),
      svipInterface: 'Bond10G',
      svipNodeID: 1,
      svipVlanTag: '0',
      uniqueID: identity.uniqueID,
      uuid: identity.uuid,
      ...(atLeast(version, '12.0') && {
        defaultProtectionScheme: 'doubleHelix',
        enabledProtectionSchemes: ['doubleHelix'],
        softwareEncryptionAtRestState: 'disabled',
        supportedProtectionSchemes: ['doubleHelix'],
      }),
    },
  }
}

/** GetClusterVersionInfo. */
export function getClusterVersionInfo({ apiVersion }: ElementArray): View {
  const clusterVersion = `${apiVersion}.0.1`
  return {
    clusterAPIVersion: apiVersion,
    clusterVersion,
    clusterVersionInfo: [
      { nodeID: 1, nodeInternalRevision: `BuildType=Release Version=${clusterVersion}`, nodeVersion: clusterVersion },
    ],
    softwareVersionInfo: {
      currentVersion: clusterVersion,
      nodeID: 0,
      packageName: '',
      pendingVersion: clusterVersion,
      startTime: '',
    },
  }
}

/** GetAPI, made for a list of methods by version. Versions are texts. */
export function getApi(methodsOf: (version: string) => readonly string[]) {
  return ({ apiVersion }: ElementArray): View => {
    const supportedVersions = versionsUpTo(apiVersion)
    const lists = supportedVersions.map((version) => [version, methodsOf(version)] as const)
    return { ...Object.fromEntries(lists), currentVersion: apiVersion, supportedVersions }
  }
}

/** GetLimits. */
export function getLimits({ limits }: ElementArray): View {
  return { ...limits }
}

/**
 * GetClusterCapacity. Nothing is compressed or found twice; what volumes could hold counts as provisioned.
 *
 * @see docs.netapp.com/us-en/element-software/api/reference_element_api_getclustercapacity.html
 */
export function getClusterCapacity(array: ElementArray): View {
  const provisionedSpace = array.volumes.all().reduce((sum, { totalSize }) => sum + totalSize, 0)
  const sessions = array.sessions().length
  return {
    clusterCapacity: {
      activeBlockSpace: 0,
      activeSessions: sessions,
      averageIOPS: 0,
      clusterRecentIOSize: 0,
      currentIOPS: 0,
      maxIOPS: 150_000,
      maxOverProvisionableSpace: MAX_PROVISIONED * 5,
      maxProvisionedSpace: MAX_PROVISIONED,
      maxUsedMetadataSpace: 400_000_000_000,
      maxUsedSpace: MAX_USED,
      nonZeroBlocks: 0,
      peakActiveSessions: sessions,
      peakIOPS: 0,
      provisionedSpace,
      snapshotNonZeroBlocks: 0,
      timestamp: timeText(now(array)),
      totalOps: 0,
      uniqueBlocks: 0,
      uniqueBlocksUsedSpace: 0,
      usedMetadataSpace: 0,
      usedMetadataSpaceInSnapshots: 0,
      usedSpace: 0,
      zeroBlocks: provisionedSpace / BLOCK,
    },
  }
}

/** GetClusterHardwareInfo. `type` is all, drives or nodes. */
export function getClusterHardwareInfo({ identity }: ElementArray): View {
  const serial = identity.uuid.slice(0, 8).toUpperCase()
  return { clusterHardwareInfo: { drives: {}, nodes: { '1': { serial, uuid: identity.uuid } } } }
}

/** GetCurrentClusterAdmin and ListClusterAdmins: there is one. */
export function getCurrentClusterAdmin(): View {
  return { clusterAdmin: ADMIN }
}

export function listClusterAdmins(): View {
  return { clusterAdmins: [ADMIN] }
}

/**
 * ListISCSISessions. With a data plane, what the kernel's target has; without one there are none.
 *
 * On an array `targetIP` is a node's address: logins to the SVIP are sent on to a node. Here they are not.
 */
export function listIscsiSessions(array: ElementArray): View {
  const sessions = array.sessions().flatMap(({ volumeID, initiatorName, initiatorIP }, index) => {
    const volume = array.volumes.get(volumeID)
    if (!volume) return []
    return {
      accountID: volume.accountID,
      accountName: array.accounts.get(volume.accountID)?.username ?? '',
      initiatorIP,
      initiatorName,
      nodeID: 1,
      sessionID: index + 1,
      targetIP: array.svip,
      targetName: iqnOf(array, volume),
      virtualNetworkID: 0,
      volumeID,
    }
  })
  return { sessions }
}

const BLOCK = 4096
const MAX_PROVISIONED = 51_837_953_425_408
const MAX_USED = 12_002_762_096_640
const ADMIN = { access: ['administrator'], attributes: {}, authMethod: 'Cluster', clusterAdminID: 1, username: 'admin' }
