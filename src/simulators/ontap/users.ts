/** Who may log in, and with what rights. */

import { X509Certificate } from 'node:crypto'
import { isSame, type Login } from '../server.ts'
import { userKey } from './face.ts'
import { svmNamed } from './operations/find.ts'
import { putRole } from './preload.ts'
import type { CommandRight, RestRight, User } from './state/users.ts'
import type { OntapArray } from './state.ts'

export interface NewUser {
  readonly name: string
  readonly password?: string
  /** PEM of its certificate, or of who issued it; the certificate's common name is then the user's. */
  readonly certificate?: string
  /** Name of a role, or what a role of its own allows. */
  readonly role: string | { readonly rest?: readonly RestRight[]; readonly commands?: readonly CommandRight[] }
  /** Absent: that of the array's own user. */
  readonly svm?: string
}

/** Adds a user, or replaces the one of its name. The first one there is the array's own. @throws ArrayFault no-svm */
export function addUser(array: OntapArray, { name, password, certificate, role, svm }: NewUser): void {
  const owner = svm === undefined ? array.users[0]!.svm : svmNamed(array, svm).uuid
  const roleName = typeof role === 'string' ? role : `${name}-role`
  if (typeof role !== 'string') {
    putRole(array, { name: roleName, svm: owner, rest: role.rest ?? [], commands: role.commands ?? [] })
  }
  const secrets = { ...(password !== undefined && { password }), ...(certificate !== undefined && { certificate }) }
  const index = array.users.findIndex((user) => user.name === name && user.svm === owner)
  const user = { name, svm: owner, role: roleName, ...secrets }
  if (index < 0) array.users.push(user)
  else array.users[index] = user
}

/** Names who may come in, as the server keeps it with the request. */
export function admit({ users }: OntapArray, login: Login): string | undefined {
  const user = users.find((user) => isUser(user, login))
  return user && userKey(user)
}

function isUser({ name, password, certificate }: User, login: Login): boolean {
  if ('password' in login) return name === login.name && password !== undefined && isSame(login.password, password)
  if (certificate === undefined) return false
  const [shown, known] = [new X509Certificate(login.certificate), new X509Certificate(certificate)]
  const isKnown = shown.fingerprint256 === known.fingerprint256 || shown.verify(known.publicKey)
  return isKnown && shown.subject.split('\n').includes(`CN=${name}`)
}
