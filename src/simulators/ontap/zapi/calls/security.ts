/** Users and roles, for those who check what they may do. */

import type { CommandRight, Role, User } from '../../state/users.ts'
import { type Answer, type Call, listing, svmName } from '../call.ts'
import { sortedBy } from '../iterators.ts'
import type { Shape } from '../records.ts'

interface Login {
  readonly user: User
  readonly application: string
}

/** security-login-get-iter: a record a user and application. */
export function getLogins(call: Call): Answer {
  const { array, svm } = call
  const users = array.users.filter((user) => svm === undefined || user.svm === svm.uuid)
  const rows = users.flatMap((user) => ['http', 'ontapi'].map((application) => ({ user, application })))
  const shape: Shape<Login> = {
    application: ({ application }) => application,
    'authentication-method': ({ user }) => (user.password === undefined ? 'cert' : 'password'),
    'is-locked': ({ user }) => (user.password === undefined ? undefined : false),
    'role-name': ({ user }) => user.role,
    'user-name': ({ user }) => user.name,
    vserver: ({ user }) => svmName(array, user.svm),
  }
  const keys = ({ user, application }: Login) => [svmName(array, user.svm), user.name, application]
  return listing(call, { record: 'security-login-account-info', shape, rows: sortedBy(rows, keys), keys })
}

interface Right {
  readonly role: Role
  readonly right: CommandRight
}

/** security-login-role-get-iter: a record a role and command directory. */
export function getRoles(call: Call): Answer {
  const { array, svm } = call
  const roles = array.roles.filter((role) => svm === undefined || role.svm === svm.uuid)
  const rows = roles.flatMap((role) => role.commands.map((right) => ({ role, right })))
  const shape: Shape<Right> = {
    'access-level': ({ right }) => right.access,
    'command-directory-name': ({ right }) => right.command,
    'role-name': ({ role }) => role.name,
    'role-query': () => '',
    vserver: ({ role }) => svmName(array, role.svm),
  }
  const keys = ({ role, right }: Right) => [svmName(array, role.svm), role.name, right.command]
  return listing(call, { record: 'security-login-role-info', shape, rows: sortedBy(rows, keys), keys })
}
