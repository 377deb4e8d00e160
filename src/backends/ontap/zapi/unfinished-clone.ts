/** What is told of a clone that was begun and could not be finished. */

import type { Context } from '../../../context.ts'
import { BackendError, hasCode, reasonOf } from '../../../errors.ts'

export function warnOfRemnant(ctx: Context, volume: string, error: unknown): void {
  if (hasCode(error, 'NOT_FOUND')) return
  ctx.log.warn(`A clone could not be finished, nor taken back: ${reasonOf(error)}. Delete it on the array.`, { volume })
}

/** That something is missing is said of the source only. */
export function unfinished(error: unknown): unknown {
  return hasCode(error, 'NOT_FOUND') ? new BackendError('REFUSED', reasonOf(error), { cause: error }) : error
}
