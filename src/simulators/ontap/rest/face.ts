/** The REST API: JSON below /api/. */

import type { Reply, Request } from '../../server.ts'
import { callerOf, type FaceTools } from '../face.ts'
import type { OneFace } from '../faces.ts'
import { ArrayFault } from '../faults.ts'
import { startJob } from '../jobs.ts'
import { adminSvm, dataSvms } from '../operations/find.ts'
import { mayRequest } from '../roles.ts'
import type { Svm } from '../state/svm.ts'
import type { OntapArray } from '../state.ts'
import { Body } from './body.ts'
import type { RestCall } from './call.ts'
import { noSuchApi, noSvm, notAllowed, RestError, wrongMethod } from './errors.ts'
import { askedFor, restErrorOf } from './faults.ts'
import { parseQuery } from './query.ts'
import { reply } from './records.ts'
import { routeOf } from './routes.ts'

export function restFace(tools: FaceTools): OneFace {
  return {
    operationOf: ({ method, path }) => {
      const found = routeOf(path)
      return found && `${method} ${found.route.template}`
    },
    answer: (request) => answer(tools, request),
    refuse: (request, name) => refuse(tools.array, request, name),
    misaddress: (answer) => answer,
  }
}

async function answer(tools: FaceTools, request: Request): Promise<Reply> {
  const hal = wantsLinks(request)
  try {
    return await call(tools, request, hal)
  } catch (error) {
    if (error instanceof RestError) return refusal(hal, error)
    if (error instanceof ArrayFault) return refusal(hal, restErrorOf(error))
    throw error
  }
}

async function call(tools: FaceTools, request: Request, hal: boolean): Promise<Reply> {
  const { array } = tools
  const { method, path } = request
  const found = routeOf(path)
  if (!found) {
    tools.report(`Unknown path of ONTAP’s REST API: ${method} ${path}`)
    throw noSuchApi()
  }
  const { route, params } = found
  const handler = Object.hasOwn(route.methods, method) ? route.methods[method as 'GET'] : undefined
  if (!handler) {
    tools.report(`ONTAP’s REST API has no ${method} ${route.template}`)
    throw wrongMethod()
  }
  const caller = callerOf(array, request.user)
  if (!mayRequest(array, caller.user, method, path)) throw notAllowed()
  if (route.clusterOnly && caller.svm) throw notAllowed()
  const svm = caller.svm ?? svmOfHeader(array, request)
  return handler({
    tools,
    array,
    caller,
    ...(svm && { svm }),
    path: path.replace(/\/$/, ''),
    queryText: request.query,
    query: parseQuery(request.query),
    params,
    body: new Body(method === 'GET' ? '' : request.body),
    hal,
  } satisfies RestCall)
}

/** HAL unless plain JSON is asked for. */
function wantsLinks({ headers }: Request): boolean {
  const accept = headers['accept'] ?? '*/*'
  return !accept.includes('application/json') || accept.includes('application/hal+json')
}

/** From the cluster's address, a header picks the SVM. @throws RestError 2621462 */
function svmOfHeader(array: OntapArray, { headers }: Request): Svm | undefined {
  const [name, uuid] = [headers['x-dot-svm-name'], headers['x-dot-svm-uuid']]
  if (name === undefined && uuid === undefined) return undefined
  const svm = dataSvms(array).find((svm) => (uuid === undefined ? svm.name === name : svm.uuid === uuid))
  if (!svm) throw noSvm(name ?? uuid ?? '')
  return svm
}

/** `917526` refuses the request; `job-917526` accepts it, and its job fails. */
function refuse(array: OntapArray, request: Request, name: string): Reply {
  const hal = wantsLinks(request)
  const [, code] = /^job-(\d+)$/.exec(name) ?? []
  if (code === undefined) return refusal(hal, askedFor(name))
  const caller = callerOf(array, request.user)
  const svm = caller.svm ?? adminSvm(array)
  const description = `${request.method} ${request.path}`
  const { uuid } = startJob(array, { svm: svm.uuid, description, work: { kind: 'fail', code } })
  return reply({ hal }, 202, { job: { uuid } })
}

/** Codes are text here, and numbers in jobs. */
function refusal(hal: boolean, { status, code, message, target }: RestError): Reply {
  return reply({ hal }, status, { error: { message, code, ...(target !== undefined && { target }) } })
}
