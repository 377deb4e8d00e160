/**
 * Element's JSON-RPC: one object a request, `{method, params, id}`, and no `jsonrpc` member in either direction.
 *
 * @see docs.netapp.com/us-en/element-software/api/concept_element_api_about_the_api.html
 */

import { page, type Reply, type Request } from '../server.ts'
import { Fault } from './faults.ts'
import { resultText } from './json.ts'
import { methodOf } from './methods.ts'
import { Params } from './params.ts'
import { settle } from './settle.ts'
import type { ElementArray } from './state.ts'
import { versionsUpTo } from './versions.ts'

/** Does not reject but for a defect of its own. */
export interface RpcTools {
  readonly array: ElementArray
  /** Called after a call that may have changed something, before it is answered. */
  readonly changed: () => Promise<void>
  /** Called with a method that the version does not have. */
  readonly unknown: (method: string, version: string) => void
}

type Asked = Pick<Request, 'method' | 'path' | 'body'>

/** The name of the method asked for; undefined when the request is no call of a version the array speaks. */
export function methodAskedFor({ array }: RpcTools, request: Asked): string | undefined {
  if (request.method !== 'POST' || versionOf(array, request.path) === undefined) return undefined
  const method = parse(request.body)?.['method']
  return typeof method === 'string' ? method : undefined
}

/** Errors come with status 200. Only what is no call at all gets a page, and a status that says so. */
export async function answer(tools: RpcTools, request: Asked): Promise<Reply> {
  const version = versionOf(tools.array, request.path)
  if (version === undefined) return page(404, 'Not Found')
  // Unsure: arrays are documented to take POST only, not what they say to others.
  if (request.method !== 'POST') return page(405, 'Method Not Allowed')
  const message = parse(request.body)
  const id = idOf(message)
  try {
    return success(id, await call(tools, message, version))
  } catch (error) {
    if (error instanceof Fault) return failure(id, error.name, error.message)
    throw error
  }
}

/** As the array refuses a call with one of its errors. */
export function refuse(request: Asked, name: string): Reply {
  return failure(idOf(parse(request.body)), name, `${name}: asked for by a test.`)
}

/** The same answer with another `id`. */
export function misaddress(reply: Reply): Reply {
  return { ...reply, body: reply.body.replace(/^\{"id":[^,]*/, '{"id":987654321') }
}

type Message = Readonly<Record<string, unknown>>

async function call(tools: RpcTools, message: Message | undefined, version: string): Promise<string> {
  // Both names for what is no request are unsure.
  if (!message) throw new Fault('xInvalidParameter', 'The request is no JSON object.')
  const { method: name, params = {} } = message
  if (typeof name !== 'string') throw new Fault('xUnknownRPCMethod', 'The request names no method.')
  const { array, changed } = tools
  const settled = settle(array)
  const method = methodOf(name, version)
  if (!method) {
    tools.unknown(name, version)
    throw new Fault('xUnknownAPIMethod', `method=${name}`)
  }
  try {
    const values = checkedParams(params, method.params)
    // The text is made before anything is waited for: it shows the array as this call left it.
    return resultText(method.call(array, values, version))
  } finally {
    if (settled || method.changes) await changed()
  }
}

function checkedParams(params: unknown, known: readonly string[]): Params {
  if (params === null) return new Params({})
  if (typeof params !== 'object' || Array.isArray(params)) {
    throw new Fault('xInvalidParameterType', 'params must be an object.')
  }
  const stranger = Object.keys(params).find((name) => !known.includes(name))
  if (stranger !== undefined) throw new Fault('xInvalidAPIParameter', `Unknown parameter ${stranger}.`)
  return new Params(params as Message)
}

/** `/json-rpc/8.0`, a slash after it allowed. Undefined for another path, or a version newer than the array. */
function versionOf({ apiVersion }: ElementArray, path: string): string | undefined {
  const [, version] = /^\/json-rpc\/(\d+\.\d+)\/?$/.exec(path) ?? []
  return versionsUpTo(apiVersion).find((supported) => supported === version)
}

function parse(body: string): Message | undefined {
  try {
    const message: unknown = JSON.parse(body)
    return typeof message === 'object' && message !== null && !Array.isArray(message) ? (message as Message) : undefined
  } catch {
    return undefined
  }
}

/** Whatever it was comes back; null when there was none. */
function idOf(message: Message | undefined): string {
  return JSON.stringify(message?.['id'] ?? null)
}

function success(id: string, result: string): Reply {
  return reply(`{"id":${id},"result":${result}}`)
}

/** The code is 500 whatever the name; other codes are not known. */
function failure(id: string, name: string, message: string): Reply {
  return reply(`{"id":${id},"error":${JSON.stringify({ code: 500, message, name })}}`)
}

function reply(body: string): Reply {
  return { status: 200, type: 'application/json', body }
}
