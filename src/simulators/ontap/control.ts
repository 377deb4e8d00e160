/** What only this array's door for tests has. */

import type { Door, Values } from '../control.ts'
import { saved } from './saved.ts'
import type { OntapSimulator, Tenant } from './simulator.ts'
import type { NewUser } from './users.ts'

/**
 * | Request | Body | Does, and answers |
 * |---|---|---|
 * | GET state | | the array, passwords too |
 * | POST nfs | `{"enabled": false}` | with a data plane: whether its NFS server answers |
 * | POST role | `{"name": "u", "password": "p", "role": {"rest": [{"path": "/api", "access": "readonly"}]}}` | adds a user with a role of its own, or with one that is there; replaces it |
 * | POST tenant | `{"svm": "svm2", "user": "u", "password": "p", "dataLif": "10.0.0.3"}` | adds an SVM on the same aggregates, and its `vsadmin` |
 *
 * @see ../control.ts for those that every array has
 */
export const DOORS: Readonly<Record<string, Door<OntapSimulator>>> = {
  'GET state': (simulator) => saved(simulator.array),
  'POST nfs': (simulator, { enabled }) => simulator.setNfs(enabled !== false),
  'POST role': (simulator, values) => simulator.addUser(userOf(values)),
  'POST tenant': (simulator, values) => simulator.addTenant(tenantOf(values)),
}

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
