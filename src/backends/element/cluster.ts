/** The Element cluster as a whole. */

import type { Fields } from '../fields.ts'
import type { Client } from './client.ts'
import type { ElementCluster, ElementInfo, ElementLimits, Range } from './element.ts'

export function elementCluster(client: Client): ElementCluster {
  return {
    limits: (ctx) => client.call(ctx, { method: 'GetLimits', params: {} }, 'freely', readLimits),
    info: (ctx) =>
      client.call(ctx, { method: 'GetClusterInfo', params: {} }, 'freely', (result) =>
        readInfo(result.fields('clusterInfo')),
      ),
  }
}

export function readLimits(limits: Fields): ElementLimits {
  const range = (name: string): Range => [limits.count(`${name}Min`), limits.count(`${name}Max`)]
  return {
    volumeSizeMin: limits.bytes('volumeSizeMin'),
    volumeSizeMax: limits.bytes('volumeSizeMax'),
    volumeNameLength: range('volumeNameLength'),
    minIOPS: range('volumeMinIOPS'),
    maxIOPS: range('volumeMaxIOPS'),
    burstIOPS: range('volumeBurstIOPS'),
    volumes: limits.count('volumeCountMax'),
    volumesPerAccount: limits.count('volumesPerAccountCountMax'),
    snapshotsPerVolume: limits.count('snapshotsPerVolumeMax'),
    snapshotNameLengthMax: limits.count('snapshotNameLengthMax'),
  }
}

export function readInfo(info: Fields): ElementInfo {
  return {
    name: info.text('name'),
    uniqueId: info.text('uniqueID'),
    svip: info.text('svip'),
    mvip: info.text('mvip'),
  }
}
