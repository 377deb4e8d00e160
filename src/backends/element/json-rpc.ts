/** One request to Element's API and its answer: the envelope, HTTP's statuses, and what comes instead of an answer. */

import type { Context } from '../../context.ts'
import { BackendError } from '../../errors.ts'
import type { Http, HttpReply } from '../http.ts'
import { readRows } from '../json-rows.ts'
import { NoAnswer } from '../network-faults.ts'
import { faultOf } from './faults.ts'

/** Nothing, or `null`, where an answer belongs: seen of arrays that are failing over or being upgraded. */
export class EmptyAnswer extends BackendError {}

/** There is no API of the version asked for. */
export class UnknownVersion extends BackendError {}

/**
 * Asks once.
 *
 * @param version of the API: `12.0`
 * @param row gets each object of a list that is a member of the result, and its number; 0 is left in its place
 * @returns the result, which may be anything yet
 */
export async function askOnce(
  http: Http,
  ctx: Context,
  version: string,
  { method, params }: { readonly method: string; readonly params: Readonly<Record<string, unknown>> },
  row?: (row: unknown, index: number) => void,
): Promise<unknown> {
  const id = ++lastId
  const what = `${method} on ${http.address}`
  const reply = await http.request(ctx, {
    operation: method,
    method: 'POST',
    path: `/json-rpc/${version}`,
    headers: { 'content-type': 'application/json-rpc' },
    body: JSON.stringify({ method, params, id }),
  })
  ensureAnswer(what, version, reply)
  const envelope = await parse(what, reply.body, row)
  const { error } = envelope
  if (error !== undefined && error !== null) throw faultIn(what, error)
  if (envelope['id'] === id) return envelope['result']
  throw malformed(what, 'it is the answer to another call (its "id" differs)')
}

/** Makes out which call an answer belongs to. */
let lastId = 0

/** Faults that the array has no JSON for. Whatever has JSON is an answer, whatever its status. */
function ensureAnswer(what: string, version: string, { status, body }: HttpReply): void {
  if (status === 401 || status === 403) {
    throw new BackendError(
      'UNAUTHORIZED',
      `The array refused ${what}: it does not accept the user and password (HTTP ${status}). Correct those of the setting "Endpoint", where a password is percent-encoded, or "username" and "password".`,
    )
  }
  const begins = body.subarray(0, ENOUGH).toString('latin1').trimStart()
  if (begins.startsWith('{')) return
  if (status === 404) {
    throw new UnknownVersion(
      'TOO_OLD',
      `The array refused ${what}: it has no version ${version} of the API (HTTP 404). Correct the end of the setting "Endpoint".`,
    )
  }
  if (status >= 500) {
    throw new NoAnswer(
      `The array did not answer ${what}: HTTP ${status}. See whether it is overloaded or failing over, then try again.`,
      { mayBeDone: true },
    )
  }
  if (status !== 200) throw malformed(what, `HTTP ${status}`)
  if (begins === '' || begins === 'null') {
    throw new EmptyAnswer(
      'MALFORMED',
      `The array did not answer ${what}: what came is ${begins || 'empty'}. See whether it is failing over, then try again.`,
    )
  }
  if (begins.startsWith('<')) throw malformed(what, 'it is a page of HTML')
}

const ENOUGH = 64

async function parse(
  what: string,
  body: Buffer,
  row?: (row: unknown, index: number) => void,
): Promise<Readonly<Record<string, unknown>>> {
  let value: unknown
  try {
    value = row ? await readRows(body, row) : JSON.parse(body.toString('utf8'))
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    // What the parser says quotes the text, which may hold a secret.
    throw malformed(what, `it is not JSON, or only a part of it (${body.length} bytes)`)
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  throw malformed(what, 'it is not an object')
}

function faultIn(what: string, error: unknown): BackendError {
  const { name, message } = error as { readonly name?: unknown; readonly message?: unknown }
  if (typeof name !== 'string' || name === '') throw malformed(what, 'its "error" has no name')
  return faultOf(what, name, typeof message === 'string' ? message : '')
}

function malformed(what: string, found: string): BackendError {
  return new BackendError(
    'MALFORMED',
    `Cannot use the answer to ${what}: ${found}. Check that the setting "Endpoint" is the MVIP of an Element cluster.`,
  )
}
