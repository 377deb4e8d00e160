/** The faults of ONTAP's REST API by their codes, in our words. One table. */

import { BackendError } from '../../../errors.ts'
import {
  ALREADY_EXISTS,
  FULL,
  HAS_DEPENDENTS,
  LATER,
  type Meaning,
  NOT_FOUND,
  REFUSED,
  TOO_OLD,
  UNAUTHORIZED,
} from '../../meaning.ts'
import type { Again } from '../../repeat.ts'
import { quotable } from '../../words.ts'
import type { Call } from './call.ts'

type Code = BackendError['code']

/** The array refused a call, at once or as the job it had become. */
export class OntapFault extends BackendError {
  /** Such as `917526`. */
  readonly fault: string
  readonly again: Again

  constructor(code: Code, message: string, fault: string, again: Again) {
    super(code, message)
    this.fault = fault
    this.again = again
  }
}

/**
 * @param address of the array: `10.0.0.5:443`
 * @param status of HTTP; absent for the fault of a job
 */
export function faultOf(address: string, call: Call, fault: string, words: string, status?: number): OntapFault {
  const { code, again } = meaningOf(call, fault, words, status)
  const what = `${call.method} ${call.path} on ${address}`
  const said = quotable(words)
  const quoted = said === '' ? '' : `: "${said}"`
  const found = `The array refused ${what} with error ${fault}${quoted}.`
  const cure = code === 'UNAUTHORIZED' ? rightFor(call) : CURES[code]
  return new OntapFault(code, cure === undefined ? found : `${found} ${cure}`, fault, again)
}

/** A right as an administrator grants it. */
export function rightFor({ method, path }: Pick<Call, 'method' | 'path'>): string {
  const api = `/api${path.replace(/\/\{.*$/, '')}`
  const access = method === 'GET' ? 'readonly' : 'all'
  return `Give the role of the user access "${access}" to ${api}: "security login rest-role create -role ROLE -api ${api} -access ${access}".`
}

function meaningOf(
  { method, path, body = {} }: Call,
  fault: string,
  words: string,
  status: number | undefined,
): Meaning {
  const byWords = BY_WORDS.find(([code, pattern]) => code === fault && pattern.test(words))
  if (byWords) return byWords[2]
  const missing = MISSING.find(({ faults }) => faults.includes(fault))
  if (missing) {
    // What a new volume is to have is not there, such as its policy. Of a clone it is what it is made of.
    const isCreate = method === 'POST' && path === '/storage/volumes' && !('clone' in body)
    return missing.asked.test(`${method} ${path}`) && !isCreate ? NOT_FOUND : REFUSED
  }
  const known = Object.hasOwn(MEANINGS, fault) ? MEANINGS[fault] : undefined
  return known ?? (status === 429 || status === 503 ? LATER : status === 403 ? UNAUTHORIZED : REFUSED)
}

/** One code for many reasons. */
const BY_WORDS: readonly (readonly [fault: string, words: RegExp, meaning: Meaning])[] = [
  ['5242886', /exist|duplicate/i, ALREADY_EXISTS],
  ['5242886', /maximum|limit/i, FULL],
]

/**
 * What is missing is only NOT_FOUND where it can be what was asked for: a policy or an SVM that is gone says nothing of
 * the volume. An SVM (917505, 2621462) is never what is asked for.
 */
const MISSING: readonly { readonly faults: readonly string[]; readonly asked: RegExp }[] = [
  // The entry does not exist.
  { faults: ['4'], asked: /^/ },
  // Volumes.
  { faults: ['917506', '917525', '917927'], asked: / \/storage\/(?:volumes|qtrees|quota)\b/ },
  { faults: ['524601'], asked: /^POST \/storage\/volumes$/ },
  // Snapshots, also to be cloned or gone back to.
  {
    faults: ['1638600', '542797'],
    asked: /\/snapshots\b|^POST \/storage\/volumes$|^PATCH \/storage\/volumes\/\{uuid\}$/,
  },
  // Qtrees.
  {
    faults: ['5242927', '5242954', '5242955', '5242956', '5242957', '5242958'],
    asked: / \/storage\/(?:qtrees|quota)\b/,
  },
  { faults: ['5308545'], asked: / \/storage\/quota\b/ },
  { faults: ['1703954'], asked: / \/protocols\/nfs\/export-policies\b/ },
]

/**
 * Faults that are neither here nor above are REFUSED.
 *
 * @see docs.netapp.com, ONTAP REST API reference: the tables of error codes
 */
const MEANINGS: Readonly<Record<string, Meaning>> = {
  // Duplicate entry.
  '1': ALREADY_EXISTS,
  '917526': ALREADY_EXISTS,
  '525059': ALREADY_EXISTS,
  '5242972': ALREADY_EXISTS,
  '1704070': ALREADY_EXISTS,

  // Clones of the volume; owners or locks of the snapshot.
  '524615': HAS_DEPENDENTS,
  '1638543': HAS_DEPENDENTS,
  '1638555': HAS_DEPENDENTS,

  // No space; too many snapshots; no aggregate with room for a FlexGroup.
  '1245212': FULL,
  '525062': FULL,
  '13107341': FULL,

  // No such API, or none of its arguments.
  '3': TOO_OLD,
  '262179': TOO_OLD,

  '6': UNAUTHORIZED,
  '6691623': UNAUTHORIZED,

  // Busy, too many requests, not ready.
  '7': LATER,
  '8': LATER,
  '262160': LATER,
  // The volume is still being made, or something else is done to it.
  '13107405': LATER,
  '13107406': LATER,
  '524486': LATER,
  // Too many qtrees are being deleted.
  '5242925': LATER,
}

const CURES: Partial<Record<Code, string>> = {
  FULL: 'Remove what is no longer needed, or see the limits of the SVM and its aggregates.',
  TOO_OLD: 'Use a release of ONTAP that has it, or set "useREST" to false.',
  BUSY: 'Try again in a while.',
  REFUSED: 'See the event log of the cluster.',
}
