/** Aggregates. Only users of the cluster may ask. */

import type { Reply } from '../../../server.ts'
import { availableOf, usedOf } from '../../operations/aggregates.ts'
import type { Aggregate } from '../../state/cluster.ts'
import { compare } from '../../volume-table.ts'
import type { RestCall } from '../call.ts'
import { noSuchEntry } from '../errors.ts'
import { list, type Resource, show } from '../records.ts'
import { number, text } from '../shape.ts'

const AGGREGATE: Resource<Aggregate> = {
  keys: ['uuid', 'name'],
  orderOf: ({ name }) => name,
  pathOf: ({ uuid }) => `/api/storage/aggregates/${uuid}`,
  shape: {
    uuid: text(({ uuid }) => uuid),
    name: text(({ name }) => name),
    state: text(() => 'online'),
    'node.name': text(({ node }) => node),
    'space.block_storage.size': number(({ size }) => size),
    'space.block_storage.available': number((aggregate, array) => availableOf(array, aggregate)),
    'space.block_storage.used': number((aggregate, array) => usedOf(array, aggregate)),
    'space.footprint': number((aggregate, array) => usedOf(array, aggregate), { expensive: true }),
    'block_storage.primary.disk_type': text(({ diskType }) => diskType),
    'block_storage.primary.disk_class': text(({ diskType }) => (diskType === 'ssd' ? 'solid_state' : 'capacity')),
    'block_storage.storage_type': text(({ diskType }) => (diskType.startsWith('ssd') ? 'ssd' : 'hdd'), {
      since: '9.11.1',
    }),
    volume_count: number(
      ({ name }, { volumes }) => volumes.all().filter(({ aggregates }) => aggregates.includes(name)).length,
      { expensive: true, since: '9.11.1' },
    ),
  },
}

export function listAggregates(call: RestCall): Reply {
  return list(call, AGGREGATE, sorted(call))
}

/** @throws RestError 4 */
export function getAggregate(call: RestCall): Reply {
  const aggregate = sorted(call).find(({ uuid }) => uuid === call.params[0])
  if (!aggregate) throw noSuchEntry()
  return show(call, AGGREGATE, aggregate)
}

function sorted({ array }: RestCall): readonly Aggregate[] {
  return [...array.aggregates.values()].sort((a, b) => compare(a.name, b.name))
}
