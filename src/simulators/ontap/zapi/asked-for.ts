/** Errors of the array that a test has asked for. */

import type { Reply, Request } from '../../server.ts'
import { callerOf } from '../face.ts'
import { startJob } from '../jobs.ts'
import { adminSvm } from '../operations/find.ts'
import type { OntapArray } from '../state.ts'
import { failed, passed } from './envelope.ts'
import {
  ApiFault,
  EAPIERROR,
  EAPINOTFOUND,
  EAPIPRIVILEGE,
  EVSERVERNOTFOUND,
  noApi,
  noPrivilege,
  noSvm,
} from './errors.ts'
import { written } from './views.ts'

/** `13001` refuses the call; `job-13001` accepts it, and its job fails. */
export function failedAsAsked(array: OntapArray, request: Request, api: string, name: string): Reply {
  const { user, svm = adminSvm(array) } = callerOf(array, request.user)
  const [, code] = /^job-(\d+)$/.exec(name) ?? []
  if (code === undefined) return failed(faultOf(name, api, user.name), array.release)
  const { id } = startJob(array, { svm: svm.uuid, description: api, work: { kind: 'fail', code } })
  return passed(written({ 'result-jobid': id, 'result-status': 'in_progress' }), array.release)
}

/** In the array's words where they are what tells clients what it is. */
function faultOf(errno: string, api: string, user: string): ApiFault {
  if (errno === EAPIPRIVILEGE) return noPrivilege(user, true)
  if (errno === EVSERVERNOTFOUND) return noSvm()
  if (errno === EAPINOTFOUND) return noApi(api)
  const known = errno === EAPIERROR ? REASONS[api] : undefined
  return new ApiFault(errno, known ?? `${errno}: asked for by a test.`)
}

/** What clients know the catch-all by. */
const REASONS: Readonly<Record<string, string>> = {
  'volume-create': 'Failed to create the volume. Reason: Job exists',
  'volume-unmount': 'The volume is being split from its parent by job ID 4711.',
}
