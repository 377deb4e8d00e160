/** Statistics of volumes. A simulated array does no work that it counts: all are zero. */

import type { Params } from '../params.ts'
import { type ElementArray, now, type Volume } from '../state.ts'
import type { View } from '../views.ts'
import { liveVolume } from './volumes.ts'

/**
 * GetVolumeStats.
 *
 * @see docs.netapp.com/us-en/element-software/api/reference_element_api_getvolumestats.html
 */
export function getVolumeStats(array: ElementArray, params: Params): View {
  return { volumeStats: statsOf(array, liveVolume(array, params.number('volumeID'))) }
}

/** ListVolumeStatsByVolume. */
export function listVolumeStatsByVolume(array: ElementArray): View {
  const active = array.volumes.all().filter(({ status }) => status === 'active')
  return { volumeStats: active.map((volume) => statsOf(array, volume)) }
}

const ZEROS = Object.fromEntries(
  [
    ...['actualIOPS', 'averageIOPSize', 'burstIOPSCredit', 'clientQueueDepth', 'latencyUSec', 'nonZeroBlocks'],
    ...['readBytes', 'readBytesLastSample', 'readLatencyUSec', 'readLatencyUSecTotal', 'readOps', 'readOpsLastSample'],
    ...['throttle', 'unalignedReads', 'unalignedWrites', 'volumeUtilization', 'normalizedIOPS'],
    ...['writeBytes', 'writeBytesLastSample', 'writeLatencyUSec', 'writeLatencyUSecTotal', 'writeOps'],
    ...['writeOpsLastSample'],
  ].map((name) => [name, 0]),
)

function statsOf(array: ElementArray, { accountID, totalSize, volumeAccessGroups, volumeID }: Volume): View {
  return {
    ...ZEROS,
    accountID,
    asyncDelay: null,
    desiredMetadataHosts: null,
    metadataHosts: { deadSecondaries: [], liveSecondaries: [], primary: 1 },
    samplePeriodMSec: 500,
    // With microseconds, unlike every other time of the API.
    timestamp: new Date(now(array)).toISOString().replace('Z', '000Z'),
    volumeAccessGroups,
    volumeID,
    volumeSize: totalSize,
    zeroBlocks: totalSize / BLOCK,
  }
}

const BLOCK = 4096
