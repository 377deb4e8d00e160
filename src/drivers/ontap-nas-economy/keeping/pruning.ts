/**
 * Deletes FlexVols that have been empty for long, while other hosts may be putting volumes into them:
 *
 *     deleter: see that it is online; say so in its comment; look for qtrees; delete if there are none
 *     maker:   make a candidate; look at the comment; go elsewhere if it says so (qtrees/making.ts)
 *
 * Of the two at least one sees the other. What was said is taken back only when it has stood for long: another deleter
 * may rely on it. And who comes to delete too late does not, nor tries again without a look.
 */

import type { Ontap, OntapVolume } from '../../../backends/ontap/ontap.ts'
import type { Context } from '../../../context.ts'
import { isAnnotated, isGoing, withGoing } from '../pools/marks.ts'
import type { PoolTable } from '../pools/table.ts'
import type { Upkeep } from './upkeep.ts'

export interface PruningParts {
  readonly ontap: Ontap
  readonly table: PoolTable
  readonly upkeep: Upkeep
  /** How long a pool has to be empty. */
  readonly afterMs: number
}

export class Pruning {
  readonly #parts: PruningParts
  /** When a pool was first seen empty, and when about to go though it is not, by name; milliseconds of this process. */
  readonly #empty = new Map<string, number>()
  readonly #stuck = new Map<string, number>()

  constructor(parts: PruningParts) {
    this.#parts = parts
  }

  async judge(ctx: Context, pool: OntapVolume, isEmpty: boolean): Promise<void> {
    const { afterMs } = this.#parts
    if (isEmpty && !isAnnotated(pool)) {
      if (longSince(this.#empty, pool.name, afterMs)) await this.#delete(ctx, pool)
    } else {
      this.#empty.delete(pool.name)
    }
    if (!isEmpty && isGoing(pool)) {
      if (longSince(this.#stuck, pool.name, STANDS_MS)) await this.#stay(ctx, pool)
    } else {
      this.#stuck.delete(pool.name)
    }
  }

  async #delete(ctx: Context, { name }: OntapVolume): Promise<void> {
    const { ontap, table, upkeep } = this.#parts
    const begun = performance.now()
    // What the survey saw may be long over: an administrator may have taken it offline, or written something there.
    const pool = await table.look(ctx, name)
    if (!isOnline(pool) || isAnnotated(pool)) return
    await ontap.volumes.change(ctx, pool, { comment: withGoing(pool, true) })
    const qtrees = await ontap.qtrees.inVolumes(ctx, pool.name)
    if (qtrees.some(({ volume }) => volume === pool.name)) return
    // Else nothing is listed, whatever is in there.
    if (!isOnline(await table.look(ctx, pool.name))) return
    if (performance.now() - begun > TOO_LATE_MS) return
    // It goes to the recovery queue, where the array has one.
    await ontap.volumes.remove(ctx, pool, { purge: false, once: true })
    this.#empty.delete(pool.name)
    table.forget(pool.name)
    upkeep.forget(pool.name)
    ctx.log.info('Deleted a FlexVol that has long been empty.', { pool: pool.name })
  }

  async #stay(ctx: Context, pool: OntapVolume): Promise<void> {
    await this.#parts.ontap.volumes.change(ctx, pool, { comment: withGoing(pool, false) })
    this.#stuck.delete(pool.name)
  }
}

/** Twice the time that a deletion may take from its first step to its last. */
const STANDS_MS = 120_000
const TOO_LATE_MS = 30_000

function isOnline(pool: OntapVolume | undefined): pool is OntapVolume {
  return pool?.state === 'online'
}

function longSince(times: Map<string, number>, name: string, ms: number): boolean {
  const now = performance.now()
  const since = times.get(name) ?? now
  times.set(name, since)
  return now - since >= ms
}
