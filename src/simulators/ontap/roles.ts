/** What a user's role allows. */

import type { CommandRight, RestAccess, RestRight, Role, User } from './state/users.ts'
import type { OntapArray } from './state.ts'

export function roleOf({ roles }: OntapArray, { role, svm }: User): Role | undefined {
  return roles.find(({ name, svm: owner }) => name === role && owner === svm)
}

/** Whether a request to `path`, such as `/api/storage/volumes/UUID`, is allowed. */
export function mayRequest(array: OntapArray, user: User, method: string, path: string): boolean {
  const rights = roleOf(array, user)?.rest ?? []
  const [right] = rights.filter((right) => covers(right, path)).sort((a, b) => weight(b) - weight(a))
  return right !== undefined && METHODS[right.access].includes(method)
}

/** Whether a command, such as `volume create`, is allowed; ZAPI calls are judged by the command that does the same. */
export function mayCommand(array: OntapArray, user: User, command: string, access: 'readonly' | 'all'): boolean {
  const rights = roleOf(array, user)?.commands ?? []
  const [right] = rights.filter((right) => isWithin(right, command)).sort((a, b) => commandWeight(b) - commandWeight(a))
  return right !== undefined && (right.access === 'all' || (right.access === 'readonly' && access === 'readonly'))
}

const METHODS: Readonly<Record<RestAccess, readonly string[]>> = {
  none: [],
  readonly: ['GET', 'HEAD', 'OPTIONS'],
  read_create: ['GET', 'HEAD', 'OPTIONS', 'POST'],
  read_modify: ['GET', 'HEAD', 'OPTIONS', 'PATCH'],
  read_create_modify: ['GET', 'HEAD', 'OPTIONS', 'POST', 'PATCH'],
  all: ['GET', 'HEAD', 'OPTIONS', 'POST', 'PATCH', 'DELETE'],
}

function covers({ path }: RestRight, asked: string): boolean {
  const [parts, given] = [path, asked].map((text) => text.split('/').filter((part) => part !== ''))
  return parts!.every((part, index) => part === '*' || part === given![index])
}

/** More parts are more exact, and named ones more than `*`. */
function weight({ path }: RestRight): number {
  const parts = path.split('/').filter((part) => part !== '')
  return parts.length * 1000 + parts.filter((part) => part !== '*').length
}

function isWithin({ command }: CommandRight, asked: string): boolean {
  return command === 'DEFAULT' || asked === command || asked.startsWith(`${command} `)
}

function commandWeight({ command }: CommandRight): number {
  return command === 'DEFAULT' ? 0 : command.length
}

type RoleFacts = Omit<Role, 'svm'>

/** All that ONTAP has is more than this; these are the ones that make a difference here. */
export const BUILT_IN_ROLES: { readonly cluster: readonly RoleFacts[]; readonly svm: readonly RoleFacts[] } = {
  cluster: [everything('admin'), reading('readonly'), { name: 'none', rest: [], commands: [] }],
  svm: [
    // Passwords of others, and what is not an SVM's, are out of an SVM's reach whatever its role says.
    everything('vsadmin'),
    reading('vsadmin-readonly'),
    {
      name: 'vsadmin-volume',
      rest: [
        { path: '/api', access: 'readonly' },
        { path: '/api/storage', access: 'all' },
        { path: '/api/protocols/nfs', access: 'all' },
      ],
      commands: [
        { command: 'DEFAULT', access: 'readonly' },
        { command: 'volume', access: 'all' },
        { command: 'vserver export-policy', access: 'all' },
        { command: 'vserver nfs', access: 'all' },
      ],
    },
  ],
}

function everything(name: string): RoleFacts {
  return { name, rest: [{ path: '/api', access: 'all' }], commands: [{ command: 'DEFAULT', access: 'all' }] }
}

function reading(name: string): RoleFacts {
  return { name, rest: [{ path: '/api', access: 'readonly' }], commands: [{ command: 'DEFAULT', access: 'readonly' }] }
}
