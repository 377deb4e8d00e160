/** Aggregates as the cluster sees them. */

import { availableOf, usedOf } from '../../operations/aggregates.ts'
import type { Aggregate } from '../../state/cluster.ts'
import { type Answer, type Call, listing } from '../call.ts'
import { sortedBy } from '../iterators.ts'
import type { Shape } from '../records.ts'

/** aggr-get-iter. */
export function getAggregates(call: Call): Answer {
  const { array } = call
  const shape: Shape<Aggregate> = {
    'aggr-ownership-attributes': { 'home-name': ({ node }) => node, 'owner-name': ({ node }) => node },
    'aggr-raid-attributes': { 'is-hybrid': () => false, state: () => 'online' },
    'aggr-space-attributes': {
      'percent-used-capacity': (aggregate) => Math.round((100 * usedOf(array, aggregate)) / aggregate.size),
      'size-available': (aggregate) => availableOf(array, aggregate),
      'size-total': ({ size }) => size,
      'size-used': (aggregate) => usedOf(array, aggregate),
    },
    'aggregate-name': ({ name }) => name,
    'aggregate-uuid': ({ uuid }) => uuid,
    nodes: { 'node-name': ({ node }) => [node] },
  }
  return list(call, 'aggr-attributes', shape)
}

/** aggr-space-get-iter. */
export function getSpace(call: Call): Answer {
  const { array } = call
  const percent = (aggregate: Aggregate) => Math.round((100 * usedOf(array, aggregate)) / aggregate.size)
  return list(call, 'space-information', {
    aggregate: ({ name }) => name,
    'aggregate-size': ({ size }) => size,
    'snapshot-reserve-unusable': () => undefined,
    tier: ({ name }) => name,
    'used-including-snapshot-reserve': (aggregate) => usedOf(array, aggregate),
    'used-including-snapshot-reserve-percent': percent,
    'volume-footprints': ({ name }) => array.volumes.reservedOf(name),
    'volume-footprints-percent': ({ name, size }) => Math.round((100 * array.volumes.reservedOf(name)) / size),
  })
}

function list(call: Call, record: string, shape: Shape<Aggregate>): string {
  const keys = ({ name }: Aggregate) => [name]
  return listing(call, { record, shape, rows: sortedBy([...call.array.aggregates.values()], keys), keys })
}
