/** The Element cluster as a whole. */

import type { Fields } from '../fields.ts'
import type { Client } from './client.ts'
import type { ElementCluster, ElementLimits, Range } from './element.ts'

export function elementCluster(client: Client): ElementCluster {
  return {
    limits: (ctx) => client.call(ctx, { method: 'GetLimits', params: {} }, 'freely', readLimits),
  }
}

function readLimits(limits: Fields): ElementLimits {
  const range = (name: string): Range => [limits.count(`${name}Min`), limits.count(`${name}Max`)]
  return {
    volumeSizeMax: limits.bytes('volumeSizeMax'),
    minIOPS: range('volumeMinIOPS'),
    maxIOPS: range('volumeMaxIOPS'),
    burstIOPS: range('volumeBurstIOPS'),
  }
}
