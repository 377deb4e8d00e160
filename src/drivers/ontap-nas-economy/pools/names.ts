/**
 * How FlexVols that hold qtrees are called: by nDVP, and by Trident for Docker, `ndvp_qtree_pool_PREFIX_ABCDEFGHIJ`; by
 * Trident elsewhere `trident_qtree_pool_PREFIX_ABCDEFGHIJ`. Pairs of `_` are written as one.
 *
 * All ten letters count: else the instance of the prefix `a_` would take pools of the prefix `a_b_` for its own.
 */

import { randomInt } from 'node:crypto'

const MAKERS = ['ndvp', 'trident'] as const
const LETTERS = 10

/** nDVP's policy of its pools, which lets every host in; Trident's likewise. */
export const OPEN_POLICY = 'ndvp_qtree_pool_export_policy'
const OPEN_POLICIES = MAKERS.map((maker) => `${maker}_qtree_pool_export_policy`)

export class PoolNames {
  /** What names of pools begin with: those made here, and those of Trident elsewhere. */
  readonly prefixes: readonly string[]
  readonly #pools: RegExp

  /** @param prefix of the instance, as its config has it */
  constructor(prefix: string) {
    const spoken = prefix.replace(/[^A-Za-z0-9_]/g, '_')
    this.prefixes = MAKERS.map((maker) => `${maker}_qtree_pool_${spoken}_`.replaceAll('__', '_'))
    this.#pools = new RegExp(`^(?:${this.prefixes.join('|')})[A-Z]{${LETTERS}}$`)
  }

  isPool(name: string): boolean {
    return this.#pools.test(name)
  }

  /** Whether volumes are made in it, and it is deleted once it is empty: Trident outside Docker minds its own. */
  isOurs(name: string): boolean {
    return this.isPool(name) && name.startsWith(this.prefixes[0]!)
  }

  another(): string {
    return this.prefixes[0]! + capitals(LETTERS)
  }
}

export function isOpen(exportPolicy: string | undefined): boolean {
  return exportPolicy !== undefined && OPEN_POLICIES.includes(exportPolicy)
}

export function capitals(count: number): string {
  return Array.from({ length: count }, () => String.fromCharCode(65 + randomInt(26))).join('')
}
