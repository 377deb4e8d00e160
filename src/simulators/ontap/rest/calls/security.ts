/** Users and roles, as far as a user may know: its SVM's. */

import type { Reply } from '../../../server.ts'
import { hasRest } from '../../releases.ts'
import type { Role, User } from '../../state/users.ts'
import type { OntapArray } from '../../state.ts'
import { compare } from '../../volume-table.ts'
import type { RestCall } from '../call.ts'
import { noSuchEntry } from '../errors.ts'
import { list, type Resource, show } from '../records.ts'
import { flag, list as items, text } from '../shape.ts'

type Owned = { readonly svm: string; readonly name: string }

const ownerName = ({ svm }: Owned, { svms }: OntapArray) => svms.get(svm)?.name
const orderOf = ({ svm, name }: Owned) => `${svm} ${name}`

const ACCOUNT: Resource<User> = {
  keys: ['owner.uuid', 'owner.name', 'name'],
  orderOf,
  pathOf: ({ svm, name }) => `/api/security/accounts/${svm}/${name}`,
  shape: {
    'owner.uuid': text(({ svm }) => svm),
    'owner.name': text(ownerName),
    name: text(({ name }) => name),
    'role.name': text(({ role }) => role),
    locked: flag(() => false),
    scope: text(({ svm }, { svms }) => (svms.get(svm)?.type === 'admin' ? 'cluster' : 'svm')),
    applications: items(['application', 'authentication_methods', 'second_authentication_method'], ({ password }) =>
      ['http', 'ontapi'].map((application) => ({
        application,
        authentication_methods: [password === undefined ? 'certificate' : 'password'],
        second_authentication_method: 'none',
      })),
    ),
  },
}

export function listAccounts(call: RestCall): Reply {
  return list(call, ACCOUNT, owned(call, call.array.users))
}

/** @throws RestError 4 */
export function getAccount(call: RestCall): Reply {
  return show(call, ACCOUNT, asked(call, call.array.users))
}

const ROLE: Resource<Role> = {
  keys: ['owner.uuid', 'owner.name', 'name'],
  orderOf,
  pathOf: ({ svm, name }) => `/api/security/roles/${svm}/${name}`,
  shape: {
    'owner.uuid': text(({ svm }) => svm),
    'owner.name': text(ownerName),
    name: text(({ name }) => name),
    builtin: flag(({ name }) => /^(?:admin|readonly|none|vsadmin(?:-\w+)?)$/.test(name)),
    scope: text(({ svm }, { svms }) => (svms.get(svm)?.type === 'admin' ? 'cluster' : 'svm')),
    /** Rights of REST and rights of commands stand side by side. */
    privileges: items(['path', 'access'], ({ rest, commands }, array) => [
      ...(hasRest(array.release) ? rest.map(({ path, access }) => ({ path, access })) : []),
      ...commands.map(({ command, access }) => ({ path: command, access })),
    ]),
  },
}

export function listRoles(call: RestCall): Reply {
  return list(call, ROLE, owned(call, call.array.roles))
}

/** @throws RestError 4 */
export function getRole(call: RestCall): Reply {
  return show(call, ROLE, asked(call, call.array.roles))
}

function owned<T extends Owned>({ svm }: RestCall, all: readonly T[]): readonly T[] {
  const own = svm === undefined ? all : all.filter((each) => each.svm === svm.uuid)
  return [...own].sort((a, b) => compare(orderOf(a), orderOf(b)))
}

function asked<T extends Owned>(call: RestCall, all: readonly T[]): T {
  const [owner, name] = call.params
  const found = owned(call, all).find((each) => each.svm === owner && each.name === name)
  if (!found) throw noSuchEntry()
  return found
}
