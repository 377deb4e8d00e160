/** The system itself: its release, its nodes, its event log. */

import { writeLog } from '../../operations/events.ts'
import { adminSvm } from '../../operations/find.ts'
import { fullTextOf } from '../../releases.ts'
import type { Node } from '../../state/cluster.ts'
import { now } from '../../state.ts'
import { type Answer, type Call, listing } from '../call.ts'
import { levelOf } from '../levels.ts'
import type { Shape } from '../records.ts'

/** system-get-ontapi-version: answered on every address, to everybody. */
export function getOntapiVersion({ array }: Call): Answer {
  return { 'major-version': 1, 'minor-version': levelOf(array.release) }
}

/** system-get-version. */
export function getVersion({ array }: Call): Answer {
  const { generation, major, minor } = array.release
  return {
    'build-timestamp': BUILT_AT,
    'is-clustered': true,
    version: fullTextOf(array.release),
    'version-tuple': { 'system-version-tuple': { generation, major, minor } },
  }
}

/** system-node-get-iter. */
export function getNodes(call: Call): Answer {
  const { array } = call
  const shape: Shape<Node> = {
    'is-node-healthy': () => true,
    node: ({ name }) => name,
    'node-model': ({ model }) => model,
    'node-serial-number': ({ serial }) => serial,
    'node-system-id': ({ serial }) => serial.replace('-', ''),
    'node-uuid': ({ uuid }) => uuid,
    'product-version': () => fullTextOf(array.release),
  }
  return listing(call, { record: 'node-details-info', shape, rows: array.nodes, keys: ({ name }) => [name] })
}

/** ems-autosupport-log. */
export function logEvent({ array, input, svm }: Call): Answer {
  writeLog(array, {
    svm: (svm ?? adminSvm(array)).uuid,
    at: now(array),
    computer: input.text('computer-name'),
    source: input.text('event-source'),
    version: input.text('app-version'),
    category: input.text('category'),
    description: input.text('event-description'),
    eventId: input.number('event-id'),
    severity: String(input.number('log-level')),
    autosupport: input.optionalFlag('auto-support') ?? false,
  })
}

const BUILT_AT = 1_717_760_473
