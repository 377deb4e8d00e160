/** Which FlexVol a new volume goes to: the fullest that suits it and has room, so that others may empty; or a new one. */

import type { OntapVolume } from '../../../backends/ontap/ontap.ts'
import type { Context } from '../../../context.ts'
import { BackendError, RequestError } from '../../../errors.ts'
import { type Bytes, printSize } from '../../../units.ts'
import { withReserve } from '../../ontap/sizes.ts'
import { isGoing } from './marks.ts'
import type { PoolNames } from './names.ts'
import type { Pool, PoolTable } from './table.ts'
import { type PoolWish, printKind, suits } from './wish.ts'

export interface ChoiceLimits {
  readonly qtreesPerFlexvol: number
  /** Of a FlexVol, snapshot reserve included. */
  readonly largest: Bytes
  readonly deniesNew: boolean
}

export interface Choice {
  readonly table: PoolTable
  readonly names: PoolNames
  readonly limits: ChoiceLimits
  /** Aggregates that may take so much more; all of the wish where nothing limits them. */
  readonly allowedOf: (ctx: Context, wish: PoolWish) => Promise<readonly string[]>
  readonly make: (ctx: Context, wish: PoolWish) => Promise<OntapVolume>
}

export interface Place {
  readonly pool: OntapVolume
  /** Says that the choice is done with, one way or the other. */
  release(): void
}

export class PoolChoice {
  readonly #choice: Choice
  /** Volumes on their way into a pool, by its name. */
  readonly #coming = new Map<string, { count: number; size: number }>()
  /** The last search of each kind; the next begins after it. */
  readonly #searches = new Map<string, Promise<unknown>>()

  constructor(choice: Choice) {
    this.#choice = choice
  }

  /**
   * @param spoiled names of pools that have been tried
   *
   * @throws RequestError SIZE_TOO_LARGE; BackendError FULL; what making a FlexVol throws
   */
  async choose(ctx: Context, wish: PoolWish, spoiled: ReadonlySet<string>): Promise<Place> {
    this.#refuseTooLarge(wish)
    const aggregates = await this.#choice.allowedOf(ctx, wish)
    const narrowed = { ...wish, aggregates }
    return this.#pick(narrowed, spoiled) ?? this.#search(ctx, narrowed, spoiled)
  }

  #pick(wish: PoolWish, spoiled: ReadonlySet<string>): Place | undefined {
    const usable = this.#choice.table.pools.filter((pool) => !spoiled.has(pool.volume.name) && this.#takes(pool, wish))
    const [best] = usable.toSorted((a, b) => b.qtrees - a.qtrees || (a.volume.name < b.volume.name ? -1 : 1))
    return best && this.#promise(best.volume, wish.size)
  }

  #takes({ volume, qtrees, limits }: Pool, wish: PoolWish): boolean {
    const { names, limits: most } = this.#choice
    const { count, size } = this.#coming.get(volume.name) ?? { count: 0, size: 0 }
    const total = withReserve((limits + size + wish.size) as Bytes, volume.snapshotReserve)
    return (
      names.isOurs(volume.name) &&
      !isGoing(volume) &&
      qtrees + count < most.qtreesPerFlexvol &&
      total <= most.largest &&
      suits(volume, wish)
    )
  }

  #promise(pool: OntapVolume, size: Bytes): Place {
    const coming = this.#coming.get(pool.name) ?? { count: 0, size: 0 }
    this.#coming.set(pool.name, coming)
    coming.count += 1
    coming.size += size
    return {
      pool,
      release: () => {
        coming.count -= 1
        coming.size -= size
      },
    }
  }

  /** One at a time of a kind: of fifty volumes that find no room, one makes the FlexVol for all. */
  async #search(ctx: Context, wish: PoolWish, spoiled: ReadonlySet<string>): Promise<Place> {
    const key = `${printKind(wish.kind)} ${wish.exportPolicy} ${wish.aggregates}`
    const before = this.#searches.get(key)
    const search = (before ?? Promise.resolve())
      .catch(() => {})
      .then(() => (before && this.#pick(wish, spoiled)) ?? this.#lookAgain(ctx, wish, spoiled))
    this.#searches.set(key, search)
    try {
      return await search
    } finally {
      if (this.#searches.get(key) === search) this.#searches.delete(key)
    }
  }

  /** Another host may have made one meanwhile. */
  async #lookAgain(ctx: Context, wish: PoolWish, spoiled: ReadonlySet<string>): Promise<Place> {
    const { table, limits, make } = this.#choice
    await table.survey(ctx)
    const found = this.#pick(wish, spoiled)
    if (found) return found
    if (limits.deniesNew) throw noneIsLeft(table.pools.length)
    const pool = await make(ctx, wish)
    table.note(pool)
    return this.#promise(pool, wish.size)
  }

  #refuseTooLarge({ size, kind }: PoolWish): void {
    const { largest } = this.#choice.limits
    if (withReserve(size, kind.snapshotReserve) <= largest) return
    throw new RequestError(
      'SIZE_TOO_LARGE',
      `Requested volume size ${printSize(size)} does not fit into a FlexVol, of which the largest has ${printSize(largest)}${kind.snapshotReserve > 0 ? ` with ${kind.snapshotReserve}% for snapshots` : ''}. Ask for less, or raise limitVolumePoolSize in the configuration, if it is given.`,
    )
  }
}

function noneIsLeft(count: number): BackendError {
  return new BackendError(
    'FULL',
    `None of ${count} FlexVols of this instance has room for such a volume, and the configuration says "denyNewVolumePools": true. Remove volumes, raise qtreesPerFlexvol or limitVolumePoolSize, or allow new ones.`,
  )
}
