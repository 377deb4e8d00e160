/** The door for tests, below /simulator/ on the array's own address, behind the same password. */

import type { Reply, Request } from './server.ts'
import type { Simulator } from './simulator.ts'

export type Values = Readonly<Record<string, unknown>>

/** What is done with the body's values, and answered. */
export type Door<S extends Simulator> = (simulator: S, values: Values) => unknown

/**
 * Of every array; `own` are those that only one kind has.
 *
 * | Request | Body | Does, and answers |
 * |---|---|---|
 * | GET counts | | calls by operation |
 * | POST reset-counts | | |
 * | POST faults | `{"add": ["NAME:OPERATION:COUNT"], "clear": true}` | clears first |
 * | POST clock-advance | `{"ms": 3600000}` | |
 * | POST new-certificate | | the new one's fingerprint |
 */
export async function control<S extends Simulator>(
  simulator: S,
  own: Readonly<Record<string, Door<S>>>,
  { method, path, body }: Request,
): Promise<Reply> {
  try {
    const values = body === '' ? {} : (JSON.parse(body) as Values)
    const doors = new Map<string, Door<S>>(Object.entries({ ...SHARED, ...own }))
    const door = doors.get(`${method} ${path.replace('/simulator/', '')}`)
    if (!door) return json(404, { error: `There is no ${method} ${path}. Known: ${[...doors.keys()].join(', ')}.` })
    return json(200, (await door(simulator, values)) ?? {})
  } catch (error) {
    return json(400, { error: (error as Error).message })
  }
}

const SHARED: Readonly<Record<string, Door<Simulator>>> = {
  'GET counts': (simulator) => simulator.counts(),
  'POST reset-counts': (simulator) => simulator.resetCounts(),
  'POST faults': (simulator, { add, clear }) => {
    if (clear === true) simulator.clearFaults()
    for (const text of Array.isArray(add) ? add : []) simulator.addFault(String(text))
  },
  'POST clock-advance': (simulator, { ms }) => simulator.advanceClock(numberOf('ms', ms)),
  'POST new-certificate': async (simulator) => ({ fingerprint: await simulator.newCertificate() }),
}

/** @throws RangeError */
export function numberOf(name: string, value: unknown): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value
  throw new RangeError(`"${name}" must be a number.`)
}

function json(status: number, value: unknown): Reply {
  return { status, type: 'application/json', body: `${JSON.stringify(value)}\n` }
}
