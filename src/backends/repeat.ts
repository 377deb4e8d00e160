/** Making a call again where that may help. */

import type { Context } from '../context.ts'
import { BackendError } from '../errors.ts'
import { sleep } from '../retry.ts'

/**
 * - `freely`: a call that reads, or that done twice is as done once. Also when nobody knows what became of the first.
 * - `if-refused`: a call that done twice makes two things, or fails. Only when the array surely did nothing.
 * - `once`: a call that may be right now and wrong later.
 */
export type Repeat = 'freely' | 'if-refused' | 'once'

/**
 * Whether asking again may help.
 *
 * - `later`: the array did nothing and will take the same call in a while.
 * - `briefly`: likewise, but it usually means what it says.
 * - `unsure`: nobody knows what became of it; for calls that may be made twice.
 * - `never`
 */
export type Again = 'later' | 'briefly' | 'unsure' | 'never'

export interface Tries {
  /** At most. */
  readonly tries: number
  /** Before the second; doubles from try to try. */
  readonly firstPauseMs: number
}

/** Stops repeating once nobody waits any more; what failed last is then thrown. */
export async function repeatedly<T>(
  ctx: Context,
  { tries, firstPauseMs }: Tries,
  repeat: Repeat,
  againOf: (error: unknown) => Again,
  work: () => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      const again = againOf(error)
      const told = repeat !== 'freely' && again === 'unsure' ? unsure(error) : error
      if (attempt >= Math.min(tries, MOST[again][repeat]) || ctx.gone.aborted) throw told
      await pause(ctx, firstPauseMs * 2 ** (attempt - 1), told)
    }
  }
}

const FEW = 3

/** How often at most, by what the fault tells and by what the call may bear. */
const MOST: Readonly<Record<Again, Readonly<Record<Repeat, number>>>> = {
  later: { freely: Number.POSITIVE_INFINITY, 'if-refused': Number.POSITIVE_INFINITY, once: 1 },
  briefly: { freely: FEW, 'if-refused': FEW, once: 1 },
  unsure: { freely: Number.POSITIVE_INFINITY, 'if-refused': 1, once: 1 },
  never: { freely: 1, 'if-refused': 1, once: 1 },
}

function unsure(error: unknown): BackendError {
  const { message } = error as BackendError
  return new BackendError('UNREACHABLE', `${message} The array may have done it all the same.`, { cause: error })
}

/** Waits about `ms`, so that several hosts do not come back as one. Throws `error` once nobody waits any more. */
async function pause(ctx: Context, ms: number, error: unknown): Promise<void> {
  try {
    await sleep(ms * (0.75 + Math.random() / 2), AbortSignal.any([ctx.signal, ctx.gone]))
  } catch {
    ctx.signal.throwIfAborted()
    throw error
  }
}
