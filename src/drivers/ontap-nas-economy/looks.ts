/** Looking again and again, until something has been there for long. */

import type { Context } from '../../context.ts'
import { sleep } from '../../retry.ts'
import type { Rival } from './rivals.ts'

/**
 * In looks rather than in seconds: an array that takes long to answer takes long to make something, too.
 */
export interface Patience {
  /** How often something has to be seen until it counts as lasting. */
  readonly looks: number
  /** Between the first two looks; doubles to ten times that. */
  readonly firstMs: number
}

export class Looks {
  readonly #patience: Patience
  /** How often each was seen by now. */
  #seen: ReadonlyMap<string, number> = new Map()
  #pauseMs: number

  constructor(patience: Patience) {
    this.#patience = patience
    this.#pauseMs = patience.firstMs
  }

  /** Of what is there now, what has lasted. */
  lasting(found: readonly Rival[]): readonly Rival[] {
    this.#seen = new Map(found.map(keyOf).map((key) => [key, (this.#seen.get(key) ?? 0) + 1]))
    return found.filter((rival) => this.#seen.get(keyOf(rival))! > this.#patience.looks)
  }

  /** Not to the millisecond, so that several hosts do not look as one. */
  async pause({ signal }: Context): Promise<void> {
    await sleep(this.#pauseMs * (0.75 + Math.random() / 2), signal)
    this.#pauseMs = Math.min(this.#pauseMs * 2, this.#patience.firstMs * 10)
  }
}

function keyOf({ stage, qtree: { volume, id } }: Rival): string {
  return `${stage} ${volume}/${id}`
}
