/** ONTAPI: one API a request, as XML, to one path, answered with status 200 whatever becomes of it. */

import { page, type Reply, type Request } from '../../server.ts'
import { type Caller, callerOf, type FaceTools } from '../face.ts'
import { ArrayFault } from '../faults.ts'
import { dataSvms } from '../operations/find.ts'
import { hasZapi, isAtLeast } from '../releases.ts'
import { mayCommand } from '../roles.ts'
import type { Svm } from '../state/svm.ts'
import type { OntapArray } from '../state.ts'
import { type Api, apiNamed } from './apis.ts'
import { failedAsAsked } from './asked-for.ts'
import type { Answer } from './call.ts'
import { type Envelope, failed, opened, passed } from './envelope.ts'
import { ApiFault, extraInput, noApi, noPrivilege, noSvm } from './errors.ts'
import { apiFaultOf } from './faults.ts'
import { Input } from './input.ts'
import { written } from './views.ts'
import type { Element } from './xml.ts'

export interface ZapiFace {
  /** The name of the API asked for; undefined when the request is no call of one. */
  operationOf(request: Request): string | undefined
  answer(request: Request): Promise<Reply>
  /** The array's own error as its answer: `13001` at once, `job-13001` by a job that ends so. */
  refuse(request: Request, name: string): Reply
  /** `reply`, but for somebody who asked something else: `results` is missing from it. */
  misaddress(reply: Reply): Reply
}

/** Of an array whose clock somebody has set right before a request comes. */
export function zapiFace(tools: FaceTools): ZapiFace {
  const { array } = tools
  const envelopes = new WeakMap<Request, Envelope>()
  /** @throws ApiFault */
  const envelopeOf = (request: Request) => {
    const envelope = envelopes.get(request) ?? opened(request.body, array.release)
    envelopes.set(request, envelope)
    return envelope
  }
  return {
    operationOf: (request) => nameIn(() => envelopeOf(request)),
    async answer(request) {
      const { release } = array
      if (!hasZapi(release)) return page(404, 'Not Found')
      if (request.method !== 'POST') return failed(new ApiFault('Not_Allowed', 'Not supported method type'), release)
      try {
        return passed(await call(tools, request, envelopeOf(request)), release)
      } catch (error) {
        if (error instanceof ApiFault) return failed(error, release)
        throw error
      }
    },
    refuse: (request, name) => failedAsAsked(array, request, nameIn(() => envelopeOf(request)) ?? '', name),
    misaddress: (reply) => ({ ...reply, body: reply.body.replace(/<results[\s\S]*<\/netapp>/, '</netapp>') }),
  }
}

/** @returns what stands in `results`. @throws ApiFault */
async function call(tools: FaceTools, { user: key }: Request, { api: element, vfiler }: Envelope): Promise<string> {
  const { array, changed, report, maxRecords } = tools
  const caller = callerOf(array, key)
  const svm = svmFor(array, caller, vfiler)
  const api = apiNamed(element.name)
  if (!api) report(`Unknown API of ONTAP: ${element.name}`)
  if (!api || !isCalledHere(array, api, svm)) throw noApi(element.name)
  checkRight(array, caller, api)
  checkInputs(array, api, element, report)
  try {
    // The text is made before anything is waited for: it shows the array as this call left it.
    const input = new Input(element)
    return textOf(api.handler({ array, input, svm, user: caller.user, mostRecords: maxRecords }))
  } catch (error) {
    if (error instanceof ArrayFault) throw apiFaultOf(error, element.name, array.release)
    throw error
  } finally {
    if (api.changes) await changed()
  }
}

/** The SVM a call is done in; undefined: the cluster. On an SVM's address only that one can be named. */
function svmFor(array: OntapArray, { svm: own }: Caller, vfiler: string | undefined): Svm | undefined {
  if (vfiler === undefined || vfiler === own?.name) return own
  const found = own ? undefined : dataSvms(array).find(({ name }) => name === vfiler)
  if (found) return found
  throw noSvm()
}

function isCalledHere({ release }: OntapArray, api: Api, svm: Svm | undefined): boolean {
  if (api.scope !== 'any' && api.scope !== (svm ? 'svm' : 'cluster')) return false
  return isAtLeast(release, svm ? api.sinceForSvms : api.since)
}

function checkRight(array: OntapArray, { user }: Caller, { command, changes }: Api): void {
  if (mayCommand(array, user, command, changes ? 'all' : 'readonly')) return
  throw noPrivilege(user.name, changes)
}

/** Also what a later release has is too much. */
function checkInputs({ release }: OntapArray, { inputs }: Api, element: Element, report: FaceTools['report']): void {
  for (const { name } of element.children) {
    const since = inputs.get(name)
    if (since !== undefined && isAtLeast(release, since)) continue
    if (since === undefined) report(`Unknown input of ${element.name}: ${name}`)
    throw extraInput(name)
  }
}

function textOf(answer: Answer): string {
  return typeof answer === 'string' ? answer : answer === undefined ? '' : written(answer)
}

function nameIn(envelope: () => Envelope): string | undefined {
  try {
    return envelope().api.name
  } catch {
    return undefined
  }
}
