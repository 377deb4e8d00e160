/** One request, as the handlers see it. */

import type { Reply } from '../../server.ts'
import type { Caller, FaceTools } from '../face.ts'
import { dataSvms } from '../operations/find.ts'
import type { Svm } from '../state/svm.ts'
import type { OntapArray } from '../state.ts'
import type { Body } from './body.ts'
import { noSvm, RestError } from './errors.ts'
import type { Query } from './query.ts'

export interface RestCall {
  readonly tools: FaceTools
  readonly array: OntapArray
  readonly caller: Caller
  /** The only SVM it can see: the user's, or the one that a header names. */
  readonly svm?: Svm
  /** `/api/storage/volumes`, without the query. */
  readonly path: string
  /** As it stands. */
  readonly queryText: string
  readonly query: Query
  /** What stands for `{uuid}` and the like, in that order. */
  readonly params: readonly string[]
  readonly body: Body
  /** Whether links are wanted. */
  readonly hal: boolean
}

export type Handler = (call: RestCall) => Reply | Promise<Reply>

/** UUIDs of the SVMs it sees. */
export function seenSvms({ array, svm }: RestCall): ReadonlySet<string> {
  return new Set(svm ? [svm.uuid] : dataSvms(array).map(({ uuid }) => uuid))
}

/** The SVM that a body names, or else the only one the caller sees. @throws RestError 2621462 | 2621706 | 2621707 */
export function svmOf(call: RestCall): Svm {
  const { array, body } = call
  const [name, uuid] = [body.text('svm.name'), body.text('svm.uuid')]
  const seen = seenSvms(call)
  const svms = dataSvms(array).filter((svm) => seen.has(svm.uuid))
  if (name === undefined && uuid === undefined) {
    if (call.svm) return call.svm
    throw new RestError(400, 2_621_707, 'No SVM was given.', 'svm')
  }
  const svm = svms.find((svm) => (uuid === undefined ? svm.name === name : svm.uuid === uuid))
  if (!svm) throw noSvm(name ?? uuid ?? '')
  if (name !== undefined && svm.name !== name) {
    throw new RestError(400, 2_621_706, `SVM name "${name}" and UUID "${uuid}" are not of the same SVM.`, 'svm')
  }
  return svm
}
