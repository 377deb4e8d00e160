/** At most so many at a time; the rest wait in the order they came. Some turns are kept from work that may take long. */

import { unlessAborted } from '../retry.ts'

/** `slow` work may not have every turn. */
export type Pace = 'quick' | 'slow'

interface Waiting {
  readonly pace: Pace
  readonly begin: () => void
}

export class Turns {
  readonly #free: Record<'all' | 'slow', number>
  readonly #waiting = new Set<Waiting>()

  constructor(width: number) {
    this.#free = { all: width, slow: width < 2 ? width : width - Math.max(1, Math.floor(width / KEPT)) }
  }

  /** Runs `work` when its turn has come; leaves the queue with the signal's reason when that is aborted before. */
  async take<T>(signal: AbortSignal, pace: Pace, work: () => Promise<T>): Promise<T> {
    signal.throwIfAborted()
    if (this.#isFree(pace)) this.#count(pace, -1)
    else await this.#wait(signal, pace)
    try {
      return await work()
    } finally {
      this.#pass(pace)
    }
  }

  async #wait(signal: AbortSignal, pace: Pace): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const waiting = { pace, begin: resolve }
    this.#waiting.add(waiting)
    try {
      await unlessAborted(promise, signal)
    } catch (error) {
      // The turn may have been given in the same moment: then it goes to the next.
      if (!this.#waiting.delete(waiting)) this.#pass(pace)
      throw error
    }
  }

  /** Gives a turn that has ended to the first in line that may have it. */
  #pass(ended: Pace): void {
    this.#count(ended, 1)
    for (const waiting of this.#waiting) {
      if (!this.#isFree(waiting.pace)) continue
      this.#count(waiting.pace, -1)
      this.#waiting.delete(waiting)
      waiting.begin()
      return
    }
  }

  #isFree(pace: Pace): boolean {
    return this.#free.all > 0 && (pace === 'quick' || this.#free.slow > 0)
  }

  #count(pace: Pace, more: number): void {
    this.#free.all += more
    if (pace === 'slow') this.#free.slow += more
  }
}

/** Every fifth turn, and at least one, is kept for what is quick. */
const KEPT = 5
