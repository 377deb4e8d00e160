/** One call of an API, as its handler sees it. */

import type { Svm } from '../state/svm.ts'
import type { User } from '../state/users.ts'
import type { OntapArray } from '../state.ts'
import { ApiFault, EAPIERROR } from './errors.ts'
import type { Input } from './input.ts'
import { iterate, type Listing } from './iterators.ts'
import type { View } from './views.ts'

export interface Call {
  readonly array: OntapArray
  readonly input: Input
  /** Where it is done: in this SVM, or, when undefined, in the cluster. */
  readonly svm: Svm | undefined
  readonly user: User
  /** Records a page has at most, whatever was asked for. */
  readonly mostRecords: number | undefined
}

/** What stands in `results`: values, or XML that is written already. Nothing for most that change something. */
// biome-ignore lint/suspicious/noConfusingVoidType: handlers that answer nothing just end
export type Answer = View | string | void

export type Handler = (call: Call) => Answer

/** Of a call that is done in an SVM only. */
export function svmOf({ svm }: Call): Svm {
  if (svm) return svm
  throw new ApiFault(EAPIERROR, 'This API is called within a Vserver.')
}

/** The SVMs whose things are listed. */
export function svmsOf({ array, svm }: Call): readonly Svm[] {
  return svm ? [svm] : [...array.svms.values()].filter(({ type }) => type === 'data')
}

export function svmName(array: OntapArray, uuid: string): string {
  return array.svms.get(uuid)?.name ?? ''
}

export function listing<T>({ array, input, mostRecords }: Call, of: Listing<T>): string {
  return iterate(input, of, { release: array.release, mostRecords })
}
