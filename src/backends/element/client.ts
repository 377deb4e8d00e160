/** JSON-RPC as Element speaks it: a call is made, its answer checked, and it is repeated where that may help. */

import type { Context } from '../../context.ts'
import { BackendError, hasCode } from '../../errors.ts'
import { sleep } from '../../retry.ts'
import { Fields } from '../fields.ts'
import type { Http } from '../http.ts'
import { NoAnswer } from '../network-faults.ts'
import { type Again, ElementFault } from './faults.ts'
import { askOnce, EmptyAnswer } from './json-rpc.ts'

export interface Call {
  readonly method: string
  readonly params: Readonly<Record<string, unknown>>
}

/**
 * - `freely`: a call that reads, or that done twice is as done once. Also when nobody knows what became of the first.
 * - `if-refused`: a call that done twice makes two things. Only when the array surely did nothing.
 * - `once`: a call that may be right now and wrong later.
 */
export type Repeat = 'freely' | 'if-refused' | 'once'

export interface ClientSettings {
  readonly http: Http
  /** The version of the API that is spoken: `12.0`. */
  readonly version: string
  /** How often a call is made at most. */
  readonly tries: number
  /** Before the second try; doubles from try to try. */
  readonly firstPauseMs: number
}

/** Every call may throw BackendError or the reason of `ctx.signal`. */
export class Client {
  readonly version: string
  readonly #settings: ClientSettings

  constructor(settings: ClientSettings) {
    this.#settings = settings
    this.version = settings.version
  }

  /**
   * Makes a call and reads its result.
   *
   * @param passing faults of the array that may pass for this call, though for others they do not
   */
  call<T>(
    ctx: Context,
    call: Call,
    repeat: Repeat,
    read: (result: Fields) => T,
    passing: readonly string[] = [],
  ): Promise<T> {
    return this.#repeatedly(ctx, repeat, passing, async () => read(await this.#ask(ctx, call)))
  }

  /** Makes a call whose result is a long list of objects, and reads it object by object. */
  list<T>(ctx: Context, call: Call, member: string, read: (row: Fields) => T): Promise<readonly T[]> {
    return this.#repeatedly(ctx, 'freely', [], async () => {
      const rows: T[] = []
      const result = await this.#ask(ctx, call, (row, index) => {
        rows.push(read(new Fields(row, `result.${member}[${index}]`, this.#sourceOf(call))))
      })
      const listed = result.counts(member).length
      if (listed === rows.length) return rows
      throw result.wrong(member, 'a list of objects')
    })
  }

  /**
   * Makes a call that takes something away. When its answer was lost and the thing is not there the next time, then it
   * was taken away by the first: the array never gives an ID twice.
   */
  remove(ctx: Context, call: Call): Promise<void> {
    let lost = false
    return this.#repeatedly(ctx, 'freely', [], async () => {
      try {
        await this.#ask(ctx, call)
      } catch (error) {
        if (lost && hasCode(error, 'NOT_FOUND')) return
        lost ||= againOf(error) === 'unsure'
        throw error
      }
    })
  }

  async #ask(ctx: Context, call: Call, row?: (row: unknown, index: number) => void): Promise<Fields> {
    const { http, version } = this.#settings
    return new Fields(await askOnce(http, ctx, version, call, row), 'result', this.#sourceOf(call))
  }

  #sourceOf({ method }: Call): string {
    return `the answer of ${this.#settings.http.address} to ${method}`
  }

  async #repeatedly<T>(ctx: Context, repeat: Repeat, passing: readonly string[], work: () => Promise<T>): Promise<T> {
    const { tries, firstPauseMs } = this.#settings
    for (let attempt = 1; ; attempt++) {
      try {
        return await work()
      } catch (error) {
        const again = error instanceof ElementFault && passing.includes(error.fault) ? 'briefly' : againOf(error)
        const told = repeat === 'if-refused' && again === 'unsure' ? unsure(error) : error
        if (attempt >= Math.min(tries, TRIES[again][repeat]) || ctx.gone.aborted) throw told
        await pause(ctx, firstPauseMs * 2 ** (attempt - 1), told)
      }
    }
  }
}

/** What OpenStack's driver does: six tries, the pauses doubling from one second. */
const MANY = 6
const FEW = 3

/** How often at most, by what the fault tells and by what the call may bear. */
const TRIES: Readonly<Record<Again, Readonly<Record<Repeat, number>>>> = {
  later: { freely: MANY, 'if-refused': MANY, once: 1 },
  briefly: { freely: FEW, 'if-refused': FEW, once: 1 },
  unsure: { freely: MANY, 'if-refused': 1, once: 1 },
  never: { freely: 1, 'if-refused': 1, once: 1 },
}

function againOf(error: unknown): Again {
  if (error instanceof ElementFault) return error.again
  if (error instanceof NoAnswer) return error.mayBeDone ? 'unsure' : 'later'
  return error instanceof EmptyAnswer ? 'unsure' : 'never'
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
