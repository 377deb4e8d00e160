/** At most so many at a time; the rest wait in the order they came. */

import { unlessAborted } from '../retry.ts'

export class Turns {
  #free: number
  readonly #waiting = new Set<() => void>()

  constructor(width: number) {
    this.#free = width
  }

  /** Runs `work` when its turn has come; leaves the queue with the signal's reason when that is aborted before. */
  async take<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    signal.throwIfAborted()
    if (this.#free > 0) this.#free--
    else await this.#wait(signal)
    try {
      return await work()
    } finally {
      this.#pass()
    }
  }

  async #wait(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#waiting.add(resolve)
    try {
      await unlessAborted(promise, signal)
    } catch (error) {
      // The turn may have been given in the same moment: then it goes to the next.
      if (!this.#waiting.delete(resolve)) this.#pass()
      throw error
    }
  }

  /** Gives the turn to the next in line. */
  #pass(): void {
    const [next] = this.#waiting
    if (!next) {
      this.#free++
      return
    }
    this.#waiting.delete(next)
    next()
  }
}
