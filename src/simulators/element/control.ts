/** The door for tests, below /simulator/ on the array's own address, behind the same password. */

import type { Reply, Request } from '../server.ts'
import type { ElementSimulator } from './simulator.ts'
import { saved } from './state.ts'

/**
 * | Request | Body | Does, and answers |
 * |---|---|---|
 * | GET counts | | calls by method |
 * | POST reset-counts | | |
 * | GET state | | the array, secrets too |
 * | POST faults | `{"add": ["NAME:METHOD:COUNT"], "clear": true}` | clears first |
 * | POST clock-advance | `{"ms": 3600000}` | |
 * | POST new-certificate | | the new one's fingerprint |
 * | POST portal | `{"enabled": false}` | with a data plane: whether the targets answer |
 * | POST drop-sessions | `{"volumeID": 5}` | with a data plane: ends that volume's sessions |
 */
export async function control(simulator: ElementSimulator, { method, path, body }: Request): Promise<Reply> {
  try {
    const values = body === '' ? {} : (JSON.parse(body) as Readonly<Record<string, unknown>>)
    const row = DOORS.get(`${method} ${path.replace('/simulator/', '')}`)
    if (!row) return json(404, { error: `There is no ${method} ${path}. Known: ${[...DOORS.keys()].join(', ')}.` })
    return json(200, (await row(simulator, values)) ?? {})
  } catch (error) {
    return json(400, { error: (error as Error).message })
  }
}

type Values = Readonly<Record<string, unknown>>
type Door = (simulator: ElementSimulator, values: Values) => unknown

const DOORS: ReadonlyMap<string, Door> = new Map<string, Door>([
  ['GET counts', (simulator) => simulator.counts()],
  ['POST reset-counts', (simulator) => simulator.resetCounts()],
  ['GET state', (simulator) => saved(simulator.array)],
  [
    'POST faults',
    (simulator, { add, clear }) => {
      if (clear === true) simulator.clearFaults()
      for (const text of Array.isArray(add) ? add : []) simulator.addFault(String(text))
    },
  ],
  ['POST clock-advance', (simulator, { ms }) => simulator.advanceClock(numberOf('ms', ms))],
  ['POST new-certificate', async (simulator) => ({ fingerprint: await simulator.newCertificate() })],
  ['POST portal', (simulator, { enabled }) => simulator.setPortal(enabled !== false)],
  ['POST drop-sessions', (simulator, { volumeID }) => simulator.dropSessions(numberOf('volumeID', volumeID))],
])

function numberOf(name: string, value: unknown): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value
  throw new RangeError(`"${name}" must be a number.`)
}

function json(status: number, value: unknown): Reply {
  return { status, type: 'application/json', body: `${JSON.stringify(value)}\n` }
}
