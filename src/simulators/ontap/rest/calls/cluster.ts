/** The cluster and its nodes. */

import type { Reply } from '../../../server.ts'
import { fullTextOf } from '../../releases.ts'
import type { Node } from '../../state/cluster.ts'
import type { OntapArray } from '../../state.ts'
import type { RestCall } from '../call.ts'
import { noSuchEntry } from '../errors.ts'
import { list, type Resource, show } from '../records.ts'
import { flag, number, text } from '../shape.ts'

const CLUSTER: Resource<OntapArray> = {
  keys: ['name', 'uuid'],
  orderOf: ({ identity }) => identity.uuid,
  pathOf: () => '/api/cluster',
  shape: {
    name: text(({ identity }) => identity.name),
    uuid: text(({ identity }) => identity.uuid),
    location: text(() => ''),
    contact: text(() => ''),
    'version.full': text(({ release }) => fullTextOf(release)),
    'version.generation': number(({ release }) => release.generation),
    'version.major': number(({ release }) => release.major),
    'version.minor': number(({ release }) => release.minor),
    san_optimized: flag(() => false, { since: '9.10.1' }),
    disaggregated: flag(() => false, { since: '9.16.1' }),
  },
}

/** Users of one SVM may ask, too. */
export function getCluster(call: RestCall): Reply {
  return show(call, CLUSTER, call.array)
}

const NODE: Resource<Node> = {
  keys: ['uuid', 'name'],
  orderOf: ({ name }) => name,
  pathOf: ({ uuid }) => `/api/cluster/nodes/${uuid}`,
  shape: {
    uuid: text(({ uuid }) => uuid),
    name: text(({ name }) => name),
    serial_number: text(({ serial }) => serial),
    model: text(({ model }) => model),
    state: text(() => 'up', { since: '9.7' }),
    'version.full': text((_, { release }) => fullTextOf(release)),
    'version.generation': number((_, { release }) => release.generation),
    'version.major': number((_, { release }) => release.major),
    'version.minor': number((_, { release }) => release.minor),
  },
}

export function listNodes(call: RestCall): Reply {
  return list(call, NODE, call.array.nodes)
}

/** @throws RestError 4 */
export function getNode(call: RestCall): Reply {
  const node = call.array.nodes.find(({ uuid }) => uuid === call.params[0])
  if (!node) throw noSuchEntry()
  return show(call, NODE, node)
}
