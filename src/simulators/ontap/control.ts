/** The door for tests, below /simulator/ on the array's own address, behind the same password. */

import type { Reply, Request } from '../server.ts'
import { saved } from './saved.ts'
import type { OntapSimulator, Tenant } from './simulator.ts'
import type { NewUser } from './users.ts'

/**
 * | Request | Body | Does, and answers |
 * |---|---|---|
 * | GET counts | | calls by operation |
 * | POST reset-counts | | |
 * | GET state | | the array, passwords too |
 * | POST faults | `{"add": ["NAME:OPERATION:COUNT"], "clear": true}` | clears first |
 * | POST clock-advance | `{"ms": 3600000}` | |
 * | POST new-certificate | | the new one's fingerprint |
 * | POST nfs | `{"enabled": false}` | with a data plane: whether its NFS server answers |
 * | POST role | `{"name": "u", "password": "p", "role": {"rest": [{"path": "/api", "access": "readonly"}]}}` | adds a user with a role of its own, or with one that is there; replaces it |
 * | POST tenant | `{"svm": "svm2", "user": "u", "password": "p", "dataLif": "10.0.0.3"}` | adds an SVM on the same aggregates, and its `vsadmin` |
 */
export async function control(simulator: OntapSimulator, { method, path, body }: Request): Promise<Reply> {
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
type Door = (simulator: OntapSimulator, values: Values) => unknown

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
  ['POST nfs', (simulator, { enabled }) => simulator.setNfs(enabled !== false)],
  ['POST role', (simulator, values) => simulator.addUser(userOf(values))],
  ['POST tenant', (simulator, values) => simulator.addTenant(tenantOf(values))],
])

function userOf({ name, role, ...others }: Values): NewUser {
  if (typeof name !== 'string' || name === '') throw new RangeError('"name" must be the name of a user.')
  const isRole = typeof role === 'string' || (typeof role === 'object' && role !== null)
  if (!isRole) throw new RangeError('"role" must be the name of a role, or {"rest": […], "commands": […]}.')
  return { ...others, name, role } as NewUser
}

function tenantOf({ svm, user, password, dataLif }: Values): Tenant {
  const isText = (value: unknown) => typeof value === 'string' && value !== ''
  if (![svm, user, password].every(isText)) throw new RangeError('A tenant has "svm", "user" and "password".')
  return { svm, user, password, ...(isText(dataLif) && { dataLif }) } as Tenant
}

function numberOf(name: string, value: unknown): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value
  throw new RangeError(`"${name}" must be a number.`)
}

function json(status: number, value: unknown): Reply {
  return { status, type: 'application/json', body: `${JSON.stringify(value)}\n` }
}
