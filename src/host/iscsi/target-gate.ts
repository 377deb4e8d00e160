/**
 * Several volumes may share a target. Logging in to it, and out of it, is done by one of them at a time, and nobody logs
 * out while another is about to bring a LUN of it here.
 */
export class TargetGate {
  readonly #arriving = new Map<string, number>()
  readonly #last = new Map<string, Promise<unknown>>()

  /** For as long as `work` lasts, nobody leaves the target. */
  async arrive<T>(target: string, work: () => Promise<T>): Promise<T> {
    this.#count(target, +1)
    try {
      return await work()
    } finally {
      this.#count(target, -1)
    }
  }

  /** Does nothing when somebody is arriving. */
  leave(target: string, work: () => Promise<void>): Promise<void> {
    return this.alone(target, async () => {
      if (!this.#arriving.has(target)) await work()
    })
  }

  /** One after the other, for each target. */
  async alone<T>(target: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(target)
    const own = (async () => {
      await before?.catch(() => {})
      return work()
    })()
    this.#last.set(target, own)
    try {
      return await own
    } finally {
      if (this.#last.get(target) === own) this.#last.delete(target)
    }
  }

  #count(target: string, change: number): void {
    const count = (this.#arriving.get(target) ?? 0) + change
    if (count > 0) this.#arriving.set(target, count)
    else this.#arriving.delete(target)
  }
}
