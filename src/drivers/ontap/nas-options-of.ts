/** From what was asked for, the config's defaults and its pools to the options one volume is made with. */

import { RequestError } from '../../errors.ts'
import { type Bytes, parseSize } from '../../units.ts'
import type { OptionValues, ResolvedOptions } from '../driver.ts'
import { listOf } from './access.ts'
import type { Labels } from './marks.ts'
import { type NasOptions, settled } from './nas-options.ts'
import type { Placement } from './placement.ts'
import { type Pool, poolsFor } from './pools.ts'

/** With the pool the volume is made in, by its place in the config. */
export interface PooledOptions extends NasOptions {
  readonly pool?: number
}

export class OptionsResolver {
  readonly #pools: readonly Pool[]
  readonly #placement: Placement
  readonly #keepsExportPolicy: boolean

  constructor(pools: readonly Pool[], placement: Placement, keepsExportPolicy: boolean) {
    this.#pools = pools
    this.#placement = placement
    this.#keepsExportPolicy = keepsExportPolicy
  }

  /** Of several pools that would do, the one with most room when last looked at. @throws RequestError OPTION_INVALID */
  resolve(asked: Partial<NasOptions>, options: Partial<NasOptions>): ResolvedOptions {
    if (this.#keepsExportPolicy && asked.exportPolicy !== undefined) {
      throw new RequestError(
        'OPTION_INVALID',
        'Option "exportPolicy" has no effect: the config says "autoExportPolicy", so the plugin keeps the policy. Leave it out.',
      )
    }
    const pools = this.#poolsFor({ ...options, ...asked })
    const pool = pools.reduce((best, other) => (this.#roomOf(other) > this.#roomOf(best) ? other : best))
    const { size, ...defaults } = pool.defaults
    return {
      asked: this.#asked(asked, pools.length === 1 ? { ...options, ...defaults, ...asked } : options),
      options: settled({ ...options, ...defaults, ...asked, pool: this.#pools.indexOf(pool) } as OptionValues),
      ...(size !== undefined && { defaultSize: parseSize(String(size), 'size of the pool') as Bytes }),
    }
  }

  /** Aggregates to choose among. */
  aggregatesOf({ aggregate, pool = 0 }: Pick<PooledOptions, 'aggregate' | 'pool'>): readonly string[] {
    return aggregate === undefined ? (this.#pools[pool]?.aggregates ?? []) : listOf(aggregate)
  }

  labelsOf({ pool = 0 }: Pick<PooledOptions, 'pool'>): Labels {
    return this.#pools[pool]?.labels ?? {}
  }

  /** Those of the labels, and of them those with the aggregate, where any has it. */
  #poolsFor({ selector, aggregate }: Partial<NasOptions>): readonly Pool[] {
    const pools = poolsFor(this.#pools, selector)
    const fitting = pools.filter(({ aggregates }) => aggregate === undefined || aggregates.includes(aggregate))
    return fitting.length > 0 ? fitting : pools
  }

  /** A clone is split as the config has it, where nobody says otherwise; as its pool has it, where that is certain. */
  #asked(asked: Partial<NasOptions>, { splitOnClone }: Partial<NasOptions>): OptionValues {
    return { ...settled(asked as OptionValues), splitOnClone }
  }

  #roomOf({ aggregates }: Pool): number {
    return this.#placement.roomOf(aggregates)
  }
}
