/**
 * Shares reads of the array: callers that ask the same while an answer is on its way get that answer, and one that has
 * just come serves for a moment longer. Anything this host changes makes both void at once.
 *
 * A read is stopped when the last of its callers is gone: behind a call to an array that hangs, reads that nobody waits
 * for would queue up without end.
 */

import type { Context } from '../../context.ts'
import { DeadlineError } from '../../errors.ts'

/** How old an answer may be. Other hosts' changes show after this at the latest. */
const FRESH_MS = 2_000

/** A read that takes longer serves only those it has: it may never come back. */
const JOIN_MS = 5_000

export class Reads {
  readonly #answers = new Map<string, SharedRead>()
  readonly #absent = new Map<string, number>()

  /**
   * `read` gets a Context that is everybody's who waits for it. `keep` says whether an answer may serve again; one that
   * says "there is none" should not.
   */
  share<T>(
    key: string,
    ctx: Context,
    read: (ctx: Context) => Promise<T>,
    keep: (value: T) => boolean = () => true,
  ): Promise<T> {
    const known = this.#answers.get(key)
    const isJoined = known !== undefined && performance.now() - known.begun < JOIN_MS
    const { answer, callers } = isJoined ? known : this.#begin(key, ctx, read, keep)
    callers.join(ctx.gone)
    return answer as Promise<T>
  }

  #begin<T>(key: string, ctx: Context, read: (ctx: Context) => Promise<T>, keep: (value: T) => boolean): SharedRead {
    const begun = performance.now()
    const forget = () => {
      if (this.#answers.get(key) === shared) this.#answers.delete(key)
    }
    const callers = new Callers(forget)
    const answer = read(callers.contextFrom(ctx))
    const shared = { answer, begun, callers }
    this.#answers.set(key, shared)
    answer
      .then((value) => {
        const freshMs = keep(value) ? begun + FRESH_MS - performance.now() : 0
        if (freshMs > 0) setTimeout(forget, freshMs).unref()
        else forget()
      }, forget)
      .finally(() => callers.end())
    return shared
  }

  /** The array has just said that it has none of this name. No answer to Docker: another host may make it meanwhile. */
  noteAbsent(name: string): void {
    this.#absent.set(name, performance.now())
    setTimeout(() => this.#absent.delete(name), FRESH_MS).unref()
  }

  /** True shortly after noteAbsent: enough for a creator whom the array stops if it is no longer so. */
  wasAbsent(name: string): boolean {
    const since = this.#absent.get(name)
    return since !== undefined && performance.now() - since < FRESH_MS
  }

  invalidate(): void {
    this.#answers.clear()
    this.#absent.clear()
  }
}

interface SharedRead {
  readonly answer: Promise<unknown>
  readonly begun: number
  readonly callers: Callers
}

/** Those who wait for one read. */
class Callers {
  readonly #leave: () => void
  readonly #waiting = new Set<AbortSignal>()
  readonly #gone = new AbortController()
  readonly #stop = new AbortController()
  readonly #ended = new AbortController()

  /** @param leave is called as the last of them goes: whoever comes then needs a read of his own */
  constructor(leave: () => void) {
    this.#leave = leave
  }

  contextFrom(ctx: Context): Context {
    return { ...ctx, gone: this.#gone.signal, signal: AbortSignal.any([ctx.signal, this.#stop.signal]) }
  }

  join(gone: AbortSignal): void {
    if (this.#ended.signal.aborted) return
    this.#waiting.add(gone)
    const left = () => this.#left(gone)
    if (gone.aborted) left()
    else gone.addEventListener('abort', left, { once: true, signal: this.#ended.signal })
  }

  /** There is an answer, or none will come. */
  end(): void {
    this.#ended.abort()
  }

  #left(gone: AbortSignal): void {
    this.#waiting.delete(gone)
    if (this.#waiting.size > 0) return
    this.#leave()
    this.#gone.abort(NOBODY)
    // Whoever was about to repeat a call has said by then why it did not work.
    setImmediate(() => this.#stop.abort(NOBODY))
  }
}

const NOBODY = new DeadlineError('The array was not asked any longer: nobody waits for the answer any more.')
