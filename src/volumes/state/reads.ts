/**
 * Shares reads of the array: callers that ask the same while an answer is on its way get that answer, and one that has
 * just come serves for a moment longer. Anything this host changes makes both void at once.
 */

/** How old an answer may be. Other hosts' changes show after this at the latest. */
const FRESH_MS = 2_000

/** A read that takes longer serves only those it has: it may never come back. */
const JOIN_MS = 5_000

export class Reads {
  readonly #answers = new Map<string, { readonly answer: Promise<unknown>; readonly begun: number }>()
  readonly #absent = new Map<string, number>()

  /** `keep` says whether an answer may serve again; one that says "there is none" should not. */
  share<T>(key: string, read: () => Promise<T>, keep: (value: T) => boolean = () => true): Promise<T> {
    const known = this.#answers.get(key)
    if (known && performance.now() - known.begun < JOIN_MS) return known.answer as Promise<T>

    const begun = performance.now()
    const answer = read()
    this.#answers.set(key, { answer, begun })
    const forget = () => {
      if (this.#answers.get(key)?.answer === answer) this.#answers.delete(key)
    }
    answer.then((value) => {
      const freshMs = keep(value) ? begun + FRESH_MS - performance.now() : 0
      if (freshMs > 0) setTimeout(forget, freshMs).unref()
      else forget()
    }, forget)
    return answer
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
