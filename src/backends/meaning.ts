/** What an array's fault means, in our words: the entries of each API's table. */

import type { BackendError } from '../errors.ts'
import type { Again } from './repeat.ts'

export interface Meaning {
  readonly code: BackendError['code']
  readonly again: Again
}

export const REFUSED: Meaning = { code: 'REFUSED', again: 'never' }
export const NOT_FOUND: Meaning = { code: 'NOT_FOUND', again: 'never' }
export const ALREADY_EXISTS: Meaning = { code: 'ALREADY_EXISTS', again: 'never' }
export const HAS_DEPENDENTS: Meaning = { code: 'HAS_DEPENDENTS', again: 'never' }
export const FULL: Meaning = { code: 'FULL', again: 'never' }
export const TOO_OLD: Meaning = { code: 'TOO_OLD', again: 'never' }
export const UNAUTHORIZED: Meaning = { code: 'UNAUTHORIZED', again: 'never' }
export const LATER: Meaning = { code: 'BUSY', again: 'later' }
export const UNSURE: Meaning = { code: 'BUSY', again: 'unsure' }
