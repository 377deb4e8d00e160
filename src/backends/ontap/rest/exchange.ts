/** One request to ONTAP's REST API and its answer: HTTP's statuses, errors, and what comes instead of an answer. */

import type { Context } from '../../../context.ts'
import { BackendError } from '../../../errors.ts'
import type { Http, HttpReply } from '../../http.ts'
import { readRows } from '../../json-rows.ts'
import { NoAnswer } from '../../network-faults.ts'
import { type Call, operationOf } from './call.ts'
import { faultOf, OntapFault, rightFor } from './faults.ts'

/** What answers there has no REST API. */
class NoApi extends BackendError {}

/** Nothing where an answer belongs. */
export class EmptyAnswer extends BackendError {}

export interface Exchange {
  /** Where to, if not where the call says: the next page of a list. */
  readonly target: string
  /** From being sent to the last byte of the answer. */
  readonly timeoutMs?: number
  /** Gets each row of `records`, and its number on this page; 0 is left in its place. */
  readonly row?: (row: unknown, index: number) => void
}

export interface Reply {
  readonly status: number
  /** Empty where there is no body. */
  readonly value: Readonly<Record<string, unknown>>
}

export async function exchange(http: Http, ctx: Context, call: Call, how: Exchange): Promise<Reply> {
  const { target, timeoutMs, row } = how
  const reply = await http.request(ctx, {
    operation: operationOf(call),
    method: call.method,
    path: target,
    headers: { accept: 'application/json', ...(call.body && { 'content-type': 'application/json' }) },
    ...(call.body && { body: JSON.stringify(call.body) }),
    ...(timeoutMs !== undefined && { timeoutMs }),
    // Only lists are read a piece at a time.
    ...(row === undefined && { mostBytes: MOST_OF_AN_OBJECT }),
    slow: call.method !== 'GET',
  })
  const what = `${operationOf(call)} on ${http.address}`
  const empty = ensureAnswer(what, call, reply)
  const value = empty ? {} : await parse(what, reply.body, row)
  // What went well may have an error too: a job that failed tells of it.
  if (reply.status >= 200 && reply.status <= 299) return { status: reply.status, value }
  throw faultIn(http.address, call, reply.status, what, value['error'])
}

/** Faults that the array has no JSON for. @returns whether there is no body, and needs to be none */
function ensureAnswer(what: string, call: Call, { status, body }: HttpReply): boolean {
  if (status === 401) throw notAuthenticated(what)
  const begins = body.subarray(0, ENOUGH).toString('latin1').trimStart()
  if (begins.startsWith('{')) return false
  if (status === 403) throw new BackendError('UNAUTHORIZED', `The array refused ${what} (HTTP 403). ${rightFor(call)}`)
  if (status === 404 || status === 405) {
    throw new NoApi(
      'TOO_OLD',
      `The array refused ${what}: it has no such REST API (HTTP ${status}). Check that the setting "managementLIF" is a management LIF of ONTAP 9.12.1 or later, or leave "useREST" out.`,
    )
  }
  if (status === 429 || status === 503) {
    throw new OntapFault(
      'BUSY',
      `The array did not take ${what}: it is not ready, or has too much to do (HTTP ${status}). Try again in a while.`,
      `HTTP ${status}`,
      'later',
    )
  }
  if (status >= 500) {
    throw new NoAnswer(
      `The array did not answer ${what}: HTTP ${status}. See whether it is overloaded or failing over, then try again.`,
      { mayBeDone: true },
    )
  }
  if (status < 200 || status > 299) throw malformed(what, `HTTP ${status}`)
  if (begins === '' && call.method !== 'GET') return true
  if (begins === '' || begins === 'null') {
    throw new EmptyAnswer(
      'MALFORMED',
      `The array did not answer ${what}: what came is ${begins || 'empty'}. See whether it is failing over, then try again.`,
    )
  }
  if (begins.startsWith('<')) throw malformed(what, 'it is a page of HTML')
  return false
}

const ENOUGH = 64

const MOST_OF_AN_OBJECT = 1024 * 1024

function notAuthenticated(what: string): BackendError {
  return new BackendError(
    'UNAUTHORIZED',
    `The array refused ${what}: it does not accept the user and password, or the client certificate (HTTP 401). Correct "username" and "password", or "clientCertificate"; the user needs the application "http": "security login show".`,
  )
}

async function parse(
  what: string,
  body: Buffer,
  row?: (row: unknown, index: number) => void,
): Promise<Readonly<Record<string, unknown>>> {
  let value: unknown
  try {
    value = row ? await readRows(body, row, 'of the value') : JSON.parse(body.toString('utf8'))
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    // What the parser says quotes the text, which may hold a secret.
    throw malformed(what, `it is not JSON, or only a part of it (${body.length} bytes)`)
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  throw malformed(what, 'it is not an object')
}

/** Codes are text, and in old samples numbers. */
function faultIn(address: string, call: Call, status: number, what: string, error: unknown): BackendError {
  const { code, message } = (error ?? {}) as { readonly code?: unknown; readonly message?: unknown }
  if (typeof code !== 'string' && typeof code !== 'number') {
    throw malformed(what, `HTTP ${status}, and no "error" with a code`)
  }
  return faultOf(address, call, String(code), typeof message === 'string' ? message : '', status)
}

function malformed(what: string, found: string): BackendError {
  return new BackendError(
    'MALFORMED',
    `Cannot use the answer to ${what}: ${found}. Check that the setting "managementLIF" is a management LIF of ONTAP.`,
  )
}
