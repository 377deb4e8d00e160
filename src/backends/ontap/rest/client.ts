/** ONTAP's REST API: a call is made, its pages and its job are waited for, and it is repeated where that may help. */

import type { Context } from '../../../context.ts'
import { unwaited } from '../../../context.ts'
import { hasCode } from '../../../errors.ts'
import { Fields } from '../../fields.ts'
import type { Http } from '../../http.ts'
import { NoAnswer } from '../../network-faults.ts'
import { type Again, type Repeat, repeatedly, type Tries } from '../../repeat.ts'
import { type Call, operationOf, targetOf } from './call.ts'
import { EmptyAnswer, exchange, type Reply } from './exchange.ts'
import { OntapFault } from './faults.ts'
import { waitForJob } from './jobs.ts'
import { part, textIn } from './maybe.ts'

export interface ClientSettings extends Tries {
  readonly http: Http
}

/** Every call may throw BackendError or the reason of `ctx.signal`. */
export class RestClient {
  readonly #settings: ClientSettings

  constructor(settings: ClientSettings) {
    this.#settings = settings
  }

  /** `host:port` of the array. */
  get address(): string {
    return this.#settings.http.address
  }

  /** Reads one object. */
  object<T>(ctx: Context, call: Call, read: (value: Fields) => T): Promise<T> {
    return this.#repeatedly(ctx, 'freely', async () => read(this.#fieldsOf(call, await this.#ask(ctx, call))))
  }

  /**
   * Reads all of a list, page by page: only a page that names no next one is the last.
   *
   * @param read undefined for rows that are not wanted
   */
  async records<T>(ctx: Context, call: Call, read: (row: Fields) => T | undefined): Promise<readonly T[]> {
    const all: T[] = []
    const seen = new Set<string>()
    for (let target = targetOf(call); ; ) {
      const { rows, next } = await this.#repeatedly(ctx, 'freely', () => this.#page(ctx, call, target, read))
      for (const row of rows) all.push(row)
      if (next === undefined) return all
      if (seen.has(next.href)) throw next.links.wrong('next', 'a page that was not there before')
      seen.add(next.href)
      if (seen.size >= MOST_PAGES || all.length > MOST_ROWS) throw next.links.wrong('next', 'the end of the list')
      target = next.href
    }
  }

  /**
   * Makes a call that changes something, and waits until the array is done with it, unless its job is only to begin.
   *
   * @param fine faults with which it is done all the same
   * @returns the first of the objects that the answer shows
   */
  change(ctx: Context, call: Call, repeat: Repeat, fine: readonly string[] = []): Promise<Fields | undefined> {
    return this.#repeatedly(ctx, repeat, async () => {
      try {
        return await this.#finish(ctx, call)
      } catch (error) {
        if (error instanceof OntapFault && fine.includes(error.fault)) return undefined
        throw error
      }
    })
  }

  /**
   * Takes something away. When an answer was lost and the thing is not there the next time, then it was taken away: the
   * array never gives a UUID twice.
   */
  remove(ctx: Context, call: Call, fine: readonly string[] = [], repeat: Repeat = 'freely'): Promise<void> {
    let lost = false
    return this.#repeatedly(ctx, repeat, async () => {
      try {
        await this.#finish(ctx, call)
      } catch (error) {
        if (error instanceof OntapFault && fine.includes(error.fault)) return
        if (lost && hasCode(error, 'NOT_FOUND')) return
        lost ||= againOf(error) === 'unsure'
        throw error
      }
    })
  }

  /** `the answer of 10.0.0.5:443 to GET /cluster` */
  sourceOf(call: Call): string {
    return `the answer of ${this.address} to ${operationOf(call)}`
  }

  async #finish(ctx: Context, call: Call): Promise<Fields | undefined> {
    const awaited = call.job === 'awaited'
    const waiting = awaited ? { ...call, query: { ...call.query, return_timeout: PATIENCE_S } } : call
    const reply = await exchange(this.#settings.http, ctx, waiting, {
      target: targetOf(waiting),
      ...(awaited && { timeoutMs: (PATIENCE_S + GRACE_S) * 1_000 }),
    })
    const answer = this.#fieldsOf(call, reply)
    // The array is at it, whether anybody waits or not.
    if (reply.status === 202 && call.job !== 'begun' && answer.has('job')) {
      await waitForJob(this, unwaited(ctx), call, answer.fields('job').text('uuid'))
    }
    return answer.has('records') ? answer.list('records', (row) => row)[0] : undefined
  }

  async #page<T>(ctx: Context, call: Call, target: string, read: (row: Fields) => T | undefined) {
    const rows: T[] = []
    let count = 0
    const source = this.sourceOf(call)
    const reply = await exchange(this.#settings.http, ctx, call, {
      target,
      row: (value, index) => {
        count++
        const row = read(new Fields(value, `records[${index}]`, source))
        if (row !== undefined) rows.push(row)
      },
    })
    const answer = this.#fieldsOf(call, reply)
    if (answer.counts('records').length !== count) throw answer.wrong('records', 'a list of objects')
    const links = part(answer, '_links')
    const href = textIn(part(links, 'next'), 'href')
    if (links === undefined || href === undefined) return { rows }
    if (!href.startsWith('/api/')) throw links.wrong('next', 'an address below /api/')
    return { rows, next: { href, links } }
  }

  #ask(ctx: Context, call: Call): Promise<Reply> {
    return exchange(this.#settings.http, ctx, call, { target: targetOf(call) })
  }

  #fieldsOf(call: Call, { value }: Reply): Fields {
    return new Fields(value, 'answer', this.sourceOf(call))
  }

  #repeatedly<T>(ctx: Context, repeat: Repeat, work: () => Promise<T>): Promise<T> {
    return repeatedly(ctx, this.#settings, repeat, againOf, work)
  }
}

/** No SVM has as much of anything: a list that goes on is not to fill the memory. */
const MOST_PAGES = 5_000
const MOST_ROWS = 500_000

/**
 * How long the array keeps a call before it answers that it has made a job of it. Most are done by then; of a longer one
 * the UUID has to be known before a connection breaks.
 */
const PATIENCE_S = 2

/** On top of that for the answer to arrive: one that is lost costs more than one that is late. */
const GRACE_S = 60

function againOf(error: unknown): Again {
  if (error instanceof OntapFault) return error.again
  if (error instanceof NoAnswer) return error.mayBeDone ? 'unsure' : 'later'
  return error instanceof EmptyAnswer ? 'unsure' : 'never'
}
