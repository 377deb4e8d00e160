/** Looking again and again, until something has been there for long. */

import type { Context } from '../../../context.ts'
import { sleep } from '../../../retry.ts'
import type { Rival } from './rivals.ts'

const FIRST_MS = 100
const LONGEST_MS = 1_000

/**
 * Counts looks rather than seconds: an array that takes long to answer takes long to make something, too.
 */
export class Looks {
  #seen: ReadonlyMap<string, number> = new Map()
  #pauseMs = FIRST_MS

  see(found: readonly Rival[]): void {
    this.#seen = new Map(found.map(keyOf).map((key) => [key, (this.#seen.get(key) ?? 0) + 1]))
  }

  /** Of what was just seen, whether it was at so many looks before, too; at the same stage. */
  hasLasted(rival: Rival, looks: number): boolean {
    return (this.#seen.get(keyOf(rival)) ?? 0) > looks
  }

  /** Not to the millisecond, so that several hosts do not look as one. */
  async pause({ signal }: Context): Promise<void> {
    await sleep(this.#pauseMs * (0.75 + Math.random() / 2), signal)
    this.#pauseMs = Math.min(this.#pauseMs * 2, LONGEST_MS)
  }
}

function keyOf({ stage, qtree: { volume, id } }: Rival): string {
  return `${stage} ${volume}/${id}`
}
