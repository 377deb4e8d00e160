/** JSON-RPC as Element speaks it: a call is made, its answer checked, and it is repeated where that may help. */

import type { Context } from '../../context.ts'
import { hasCode } from '../../errors.ts'
import { Fields } from '../fields.ts'
import type { Http } from '../http.ts'
import { NoAnswer } from '../network-faults.ts'
import { type Again, type Repeat, repeatedly, type Tries } from '../repeat.ts'
import { ElementFault } from './faults.ts'
import { askOnce, EmptyAnswer } from './json-rpc.ts'

export interface Call {
  readonly method: string
  readonly params: Readonly<Record<string, unknown>>
}

export interface ClientSettings extends Tries {
  readonly http: Http
  /** The version of the API that is spoken: `12.0`. */
  readonly version: string
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

  #repeatedly<T>(ctx: Context, repeat: Repeat, passing: readonly string[], work: () => Promise<T>): Promise<T> {
    const mayPass = (error: unknown) => error instanceof ElementFault && passing.includes(error.fault)
    return repeatedly(ctx, this.#settings, repeat, (error) => (mayPass(error) ? 'briefly' : againOf(error)), work)
  }
}

function againOf(error: unknown): Again {
  if (error instanceof ElementFault) return error.again
  if (error instanceof NoAnswer) return error.mayBeDone ? 'unsure' : 'later'
  return error instanceof EmptyAnswer ? 'unsure' : 'never'
}
