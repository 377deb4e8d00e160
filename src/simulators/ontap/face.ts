/** What REST and ZAPI are given to answer with. */

import type { Svm } from './state/svm.ts'
import type { User } from './state/users.ts'
import type { OntapArray } from './state.ts'

export interface FaceTools {
  readonly array: OntapArray
  /** Carries out effects and keeps the array. Called after what may have changed something, before it is answered. */
  readonly changed: () => Promise<void>
  /** Waits until a job is done, so many milliseconds at most. */
  readonly jobDone: (uuid: string, ms: number) => Promise<void>
  /** The most records a page has, whatever a client asks for; absent: as many as it asks for. */
  readonly maxRecords?: number
  /** Whether every second page is empty, and leads on all the same: what a slow array does. */
  readonly emptyPages: boolean
  /** Told of calls that the array does not know. */
  readonly report: (line: string) => void
}

/** Who a request is from, by the `user` the server admitted. */
export interface Caller {
  readonly user: User
  /** Absent for users of the cluster on the cluster's address: they see every SVM. */
  readonly svm?: Svm
}

/** As the server names an admitted user in `Request.user`. */
export function userKey({ svm, name }: Pick<User, 'svm' | 'name'>): string {
  return `${svm} ${name}`
}

export function callerOf({ users, svms, lif }: OntapArray, key: string | undefined): Caller {
  const user = users.find((user) => userKey(user) === key)
  if (!user) throw new Error(`The server admitted ${key}, whom the array does not know.`)
  const own = svms.get(user.svm)
  if (own?.type === 'data') return { user, svm: own }
  const lifSvm = lif.scope === 'svm' ? [...svms.values()].find(({ name }) => name === lif.svm) : undefined
  return { user, ...(lifSvm && { svm: lifSvm }) }
}
