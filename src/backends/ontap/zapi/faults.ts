/** The faults of ONTAPI by errno, and by their words where the errno is a catch-all, in our words. One table. */

import { BackendError } from '../../../errors.ts'
import {
  ALREADY_EXISTS,
  FULL,
  HAS_DEPENDENTS,
  LATER,
  type Meaning,
  NOT_FOUND,
  REFUSED,
  UNAUTHORIZED,
  UNSURE,
} from '../../meaning.ts'
import type { Again } from '../../repeat.ts'
import { quotable } from '../../words.ts'
import { rightFor } from './rights.ts'

type Code = BackendError['code']

/** The array refused a call. */
export class ZapiFault extends BackendError {
  /** Digits, as a rule: the servlet itself has `Not_Allowed`. Empty when the array gave none. */
  readonly errno: string
  /** The array's own words. */
  readonly reason: string
  readonly again: Again

  constructor(code: Code, message: string, fault: { readonly errno: string; reason: string; again: Again }) {
    super(code, message)
    this.errno = fault.errno
    this.reason = fault.reason
    this.again = fault.again
  }
}

export interface Refusal {
  /** Name of the API. */
  readonly api: string
  /** `10.0.0.5:443` */
  readonly address: string
  readonly errno: string
  readonly reason: string
}

export function faultOf({ api, address, errno, reason }: Refusal): ZapiFault {
  // Patterns below take time that grows with the square of what they look at.
  const words = quotable(reason)
  const { code, again } = meaningOf(api, errno, words)
  const number = errno === '' ? '' : ` with errno ${errno}`
  const quoted = words === '' ? '' : `: "${words}"`
  const message = `The array refused ${api} on ${address}${number}${quoted}. ${cureOf(code, api)}`.trim()
  return new ZapiFault(code, message, { errno, reason, again })
}

/** True for a fault of the array with one of these numbers. */
export function hasErrno(error: unknown, ...errnos: readonly string[]): error is ZapiFault {
  return error instanceof ZapiFault && errnos.includes(error.errno)
}

const EVOLUMEDOESNOTEXIST = '13040'
export const EVOLUMEOFFLINE = '13042'
export const ENOTACLONE = '13170'
export const ENOTMOUNTED = '14716'
export const ENOSUCHSVM = '15698'
export const EBEINGSPLIT = '17151'

function meaningOf(api: string, errno: string, words: string): Meaning {
  const meaning = MEANINGS.get(errno) ?? REASONS.find(([pattern]) => pattern.test(words))?.[1] ?? REFUSED
  return meaning === NOT_FOUND && errno !== EVOLUMEDOESNOTEXIST && isOfAnother(api, words) ? REFUSED : meaning
}

/**
 * True when what is missing, by the words, is not what the call is about, nor in it: the SVM, an aggregate, a policy.
 * A volume that is only named beside such a thing is there.
 */
function isOfAnother(api: string, words: string): boolean {
  const [, before = '', after = ''] = MISSING.exec(words.replace(/"[^"]*"|'[^']*'(?=\W|$)/g, '""')) ?? []
  const nouns = `${before.replace(PLACE, ' ')} ${after}`.match(NOUNS) ?? []
  const missing = nouns.at(-1)?.toLowerCase()
  return missing !== undefined && OTHERS.test(missing) && !(missing === 'policy' && api.startsWith('export-'))
}

/** The sentence up to what says so, or the words behind "no such". */
const MISSING = /([^.]*?)(?:does not exist|doesn't exist|not found|no such((?: \S+){1,3}))/i

/** `in Vserver "svm1"`, `of the SVM` */
const PLACE = /\b(?:in|on|of|for|from) (?:the )?(?:vserver|svm|volume|cluster|node|aggregate)\b(?: "")?/gi

const NOUNS = /\b(?:volume|snapshot(?! policy)|qtree|rule|entry|vserver|svm|policy|aggregate|node|cluster|job|user)\b/gi
const OTHERS = /^(?:vserver|svm|policy|aggregate|node|cluster|job|user)$/

/** Numbers that mean one thing. What is neither here nor in REASONS is REFUSED. What is missing, see isOfAnother. */
const MEANINGS: ReadonlyMap<string, Meaning> = new Map([
  ['2', NOT_FOUND],
  ['17', ALREADY_EXISTS],
  ['13021', NOT_FOUND],
  ['13024', HAS_DEPENDENTS],
  [EVOLUMEDOESNOTEXIST, NOT_FOUND],
  ['13130', ALREADY_EXISTS],
  ['15661', NOT_FOUND],
  ['15894', HAS_DEPENDENTS],

  // No right to it; or the release, or an SVM's own LIF, does not have it. The array does not say which.
  ['13003', UNAUTHORIZED],
  ['13005', UNAUTHORIZED],

  [EVOLUMEOFFLINE, REFUSED],
  [ENOTACLONE, REFUSED],
  ['13171', REFUSED],
  ['14420', REFUSED],
  [ENOTMOUNTED, REFUSED],
  ['14956', REFUSED],
  [ENOSUCHSVM, REFUSED],
  [EBEINGSPLIT, REFUSED],
])

/** What the catch-alls (13001, 13114, 13115 and numbers nobody has seen yet) say; the first that fits counts. */
const REASONS: readonly (readonly [words: RegExp, meaning: Meaning])[] = [
  // Another host is making the very volume.
  [/job exists\W*$/i, ALREADY_EXISTS],
  [/already (?:exists|contains a rule)|duplicate|is already in use/i, ALREADY_EXISTS],
  // Unmounting while a clone is split.
  [/\bjob id\b|another (?:\w+ )?operation|try (?:the \w+ )?again|retry|is busy|in progress/i, LATER],
  [/timed? ?out/i, UNSURE],
  [/insufficient privileges|not authorized|does not have (?:write |read )?access/i, UNAUTHORIZED],
  [
    /maximum (?:\w+ )*(?:count|number)|limit reached|(?:as|too) many|(?:no|not enough|insufficient) (?:\w+ )*space|out of space/i,
    FULL,
  ],
  [/(?:has|have|parent of) (?:\S+ )*clones?\b|clone(?:s|d)? (?:\S+ )*depend/i, HAS_DEPENDENTS],
  [/(?:does not|doesn't) exist|not found|no such/i, NOT_FOUND],
]

function cureOf(code: Code, api: string): string {
  if (code === 'UNAUTHORIZED') return `Give the user's role the right ${rightFor(api)}, unless only the cluster has it.`
  return CURES[code] ?? ''
}

const CURES: Partial<Record<Code, string>> = {
  FULL: 'Remove what is no longer needed, or see the limits of the SVM and its aggregates.',
  BUSY: 'Try again in a while.',
  REFUSED: "See the array's event log.",
}
