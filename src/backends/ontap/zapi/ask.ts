/** One request to ONTAPI and its answer: the envelope, HTTP's statuses, and what comes instead of an answer. */

import type { Context } from '../../../context.ts'
import { BackendError } from '../../../errors.ts'
import type { Http, HttpReply } from '../../http.ts'
import { NoAnswer } from '../../network-faults.ts'
import { malformed, mostBytesOf, type Rows, readAnswer } from './answer.ts'
import { faultOf } from './faults.ts'
import type { XmlFields } from './fields.ts'
import { escapeXml, type Input, writeXml } from './xml.ts'

export interface Call {
  /** Such as `volume-create`. */
  readonly api: string
  readonly input?: Input
}

export interface Envelope {
  /** Of ONTAPI, `1.100`. Arrays refuse what is newer than theirs. */
  readonly version: string
  /** The SVM that is meant, on a LIF of the cluster. */
  readonly vfiler?: string
}

/** Nothing where an answer belongs: a front end that has lost the server behind it. */
export class EmptyAnswer extends BackendError {}

/** @returns the element `results` of a call that passed */
export async function askOnce(
  http: Http,
  ctx: Context,
  envelope: Envelope,
  { api, input = {} }: Call,
  rows?: Rows,
): Promise<XmlFields> {
  const reply = await http.request(ctx, {
    operation: api,
    method: 'POST',
    path: '/servlets/netapp.servlets.admin.XMLrequest_filer',
    headers: { 'content-type': 'text/xml; charset=utf-8' },
    body: enveloped(envelope, writeXml({ [api]: input })),
    timeoutMs: TIMEOUT_MS,
    mostBytes: mostBytesOf(rows),
    slow: !READS.test(api),
  })
  const source = `the answer of ${http.address} to ${api}`
  ensureAnswer(api, http.address, source, reply)
  const results = await readAnswer(source, reply.body, rows)
  const status = results.attribute('status')
  if (status === 'passed') return results
  if (status !== 'failed') throw malformed(source, 'it says neither that the call passed nor that it failed')
  const errno = results.attribute('errno') ?? ''
  throw faultOf({ api, address: http.address, errno, reason: results.attribute('reason') ?? '' })
}

/** Lists may take 90 s, which is the slice of time an array gives a page; making a volume may as well. */
const TIMEOUT_MS = 120_000

/** APIs that only look: `volume-get-iter`, `quota-status`, `system-get-version`. */
const READS = /-(?:get|list|status|show)\b|^system-|^vserver-/

function enveloped({ version, vfiler }: Envelope, content: string): string {
  const tunnel = vfiler === undefined ? '' : ` vfiler="${escapeXml(vfiler)}"`
  return `<?xml version="1.0" encoding="UTF-8"?>\n<netapp xmlns="${NAMESPACE}" version="${version}"${tunnel}>${content}</netapp>`
}

const NAMESPACE = 'http://www.netapp.com/filer/admin'

/** Faults that the array has no XML for. */
function ensureAnswer(api: string, address: string, source: string, { status, body }: HttpReply): void {
  const what = `${api} on ${address}`
  if (status === 401 || status === 403) {
    throw new BackendError(
      'UNAUTHORIZED',
      `The array refused ${what}: it does not accept the credentials (HTTP ${status}). Correct "username" and "password", or the client certificate, and see that the user may use the application ontapi.`,
    )
  }
  if (status === 404 || status === 405) {
    throw new BackendError(
      'REFUSED',
      `The array refused ${what}: there is no ZAPI (HTTP ${status}), as with ONTAP 9.18 and later. Leave out "useREST", or set it to true.`,
    )
  }
  if (status === 429 || status >= 500) {
    throw new NoAnswer(
      `The array did not answer ${what}: HTTP ${status}. See whether it is overloaded or failing over, then try again.`,
      { mayBeDone: status !== 429 && status !== 503 },
    )
  }
  if (status !== 200) throw malformed(source, `HTTP ${status}`)
  const begins = body.subarray(0, ENOUGH).toString('latin1').trimStart()
  if (begins === '') {
    throw new EmptyAnswer(
      'MALFORMED',
      `The array did not answer ${what}: what came is empty. See whether it is failing over, then try again.`,
    )
  }
  if (/^<!doctype html|^<html/i.test(begins)) throw malformed(source, 'it is a page of HTML')
}

const ENOUGH = 64
