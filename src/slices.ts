/** Work on long lists, between whose parts everything else has its turn: one thread answers all calls of the daemon. */

import { setImmediate } from 'node:timers/promises'

/** How long others may have to wait. */
const SLICE_MS = 5

/** `if (slices.isOver) await slices.next()` after each part that is short. */
export class Slices {
  #end = performance.now() + SLICE_MS

  get isOver(): boolean {
    return performance.now() >= this.#end
  }

  /** Resolves when everything else that was due has had its turn. */
  async next(): Promise<void> {
    await setImmediate()
    this.#end = performance.now() + SLICE_MS
  }
}

/** What `items.map` answers. */
export async function mapInSlices<T, U>(items: readonly T[], map: (item: T) => U): Promise<readonly U[]> {
  const slices = new Slices()
  const mapped: U[] = []
  for (const item of items) {
    mapped.push(map(item))
    if (slices.isOver) await slices.next()
  }
  return mapped
}
