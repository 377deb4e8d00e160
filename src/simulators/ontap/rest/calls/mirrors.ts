/** SnapMirror, to read. Load-sharing mirrors are not in here: REST does not know them (unsure). */

import type { Reply } from '../../../server.ts'
import type { RestCall } from '../call.ts'
import { list, type Resource } from '../records.ts'
import { flag, text } from '../shape.ts'

interface Relationship {
  readonly uuid: string
  readonly state: string
  readonly healthy: boolean
  readonly source: string
  readonly destination: string
}

const RELATIONSHIP: Resource<Relationship> = {
  keys: ['uuid'],
  orderOf: ({ uuid }) => uuid,
  shape: {
    uuid: text(({ uuid }) => uuid),
    state: text(({ state }) => state),
    healthy: flag(({ healthy }) => healthy),
    'source.path': text(({ source }) => source),
    'source.svm.name': text(({ source }) => source.replace(/:.*/, '')),
    'destination.path': text(({ destination }) => destination),
    'destination.svm.name': text(({ destination }) => destination.replace(/:.*/, '')),
  },
}

/** There are none: a simulated array is alone. */
export function listRelationships(call: RestCall): Reply {
  const others = call.query.others.filter(([name]) => name !== 'list_destinations_only')
  return list({ ...call, query: { ...call.query, others } }, RELATIONSHIP, [])
}
