/** Work that, done once, serves all who asked before it began. */

interface Round {
  readonly done: Promise<void>
  /** Of those who asked after it began. */
  next?: Promise<void>
}

export class Rounds {
  readonly #rounds = new Map<string, Round>()

  /** Never two of a key at a time. */
  join(key: string, work: () => Promise<void>): Promise<void> {
    const current = this.#rounds.get(key)
    if (!current) return this.#begin(key, work)
    current.next ??= current.done.catch(() => {}).then(() => this.#begin(key, work))
    return current.next
  }

  #begin(key: string, work: () => Promise<void>): Promise<void> {
    const round: Round = { done: work().finally(() => this.#end(key, round)) }
    this.#rounds.set(key, round)
    return round.done
  }

  /** The next one takes its place, if there is one. */
  #end(key: string, { next }: Round): void {
    if (next === undefined) this.#rounds.delete(key)
  }
}
