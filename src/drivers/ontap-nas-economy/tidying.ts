/**
 * What crashes, other hosts and time leave in the FlexVols, put right. Several hosts may do so at once.
 *
 * What may just be under way is touched only when a second look has found it, too; what may be in the making, when it has
 * been there for minutes.
 */

import type { Ontap, OntapQtree, OntapTreeRule, OntapVolume } from '../../backends/ontap/ontap.ts'
import type { Context } from '../../context.ts'
import { hasCode, reasonOf } from '../../errors.ts'
import type { PoolNames } from './pool-names.ts'
import { type PoolTable, type Survey, sumOf } from './pool-table.ts'
import { usableOf } from './pool-wish.ts'
import type { Pruning } from './pruning.ts'
import { isLeavingFrom } from './removal-names.ts'
import type { Rivals } from './rivals.ts'
import type { Upkeep } from './upkeep.ts'

export interface TidyingParts {
  readonly ontap: Ontap
  readonly names: PoolNames
  readonly table: PoolTable
  readonly rivals: Rivals
  readonly upkeep: Upkeep
  readonly pruning: Pruning
  readonly arrayPrefix: string
  /** How often it is done. */
  readonly everyMs: number
}

export class Tidying {
  readonly #parts: TidyingParts
  /** What may have to go, with how often it was seen by now. */
  #seen: ReadonlyMap<string, number> = new Map()
  #isFirst = true

  constructor(parts: TidyingParts) {
    this.#parts = parts
  }

  async tidy(ctx: Context): Promise<void> {
    const { table, upkeep, pruning, names } = this.#parts
    const survey = await table.survey(ctx)
    const ours = survey.pools.filter(({ name }) => names.isOurs(name))
    if (this.#isFirst) this.#applyAll(ctx, ours, survey)
    this.#isFirst = false
    for (const pool of ours.filter((one) => isTooSmall(one, survey))) {
      await this.#trying(ctx, pool.name, () => upkeep.grow(ctx, pool.name))
    }
    await this.#removeLeftovers(ctx, survey)
    for (const pool of ours) {
      const isEmpty = survey.qtrees.every(({ volume }) => volume !== pool.name)
      await this.#trying(ctx, pool.name, () => pruning.judge(ctx, pool, isEmpty))
    }
  }

  /** As nDVP did at its start: whoever made the last rules may have gone before the array took them up. */
  #applyAll(ctx: Context, pools: readonly OntapVolume[], { rules }: Survey): void {
    for (const pool of pools) {
      if (rules.some(({ volume }) => volume === pool.name)) this.#parts.upkeep.changed(ctx, pool)
    }
  }

  async #removeLeftovers(ctx: Context, { qtrees, rules }: Survey): Promise<void> {
    const { names, arrayPrefix } = this.#parts
    const own = qtrees.filter(({ volume }) => names.isOurs(volume))
    const named = new Set(own.map(nameOf))
    const limited = new Set(rules.map(nameOf))
    const leaving = own.filter(({ name }) => isLeavingFrom(name, arrayPrefix))
    const begun = own.filter((one) => one.name.startsWith(arrayPrefix) && isCandidate(one, limited))
    const orphans = rules.filter((rule) => names.isOurs(rule.volume) && !named.has(nameOf(rule)))

    const all = [...leaving, ...begun, ...orphans].map(keyOf)
    this.#seen = new Map(all.map((key) => [key, (this.#seen.get(key) ?? 0) + 1]))
    const { ontap, rivals, everyMs } = this.#parts
    const lasting = 1 + Math.ceil(LASTING_MS / everyMs)
    await this.#each(ctx, leaving, 1, (qtree) => ontap.qtrees.remove(ctx, qtree))
    await this.#each(ctx, begun, lasting, (qtree) => rivals.takeAway(ctx, qtree))
    await this.#each(ctx, orphans, 1, ({ volume, qtree }) => ontap.quotas.removeTreeRule(ctx, { volume, name: qtree }))
  }

  /** @param looks at how many it has to have been there, before this one */
  async #each<T extends OntapQtree | OntapTreeRule>(
    ctx: Context,
    found: readonly T[],
    looks: number,
    remove: (one: T) => Promise<void>,
  ): Promise<void> {
    for (const one of found.filter((one) => this.#seen.get(keyOf(one))! > looks)) {
      await this.#trying(ctx, nameOf(one), () => remove(one))
    }
  }

  /** One that fails keeps none of the others from being tidied up. */
  async #trying(ctx: Context, what: string, work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      ctx.signal.throwIfAborted()
      if (hasCode(error, 'NOT_FOUND')) return
      ctx.log.info('Something on the array is not tidied up yet.', { place: what, reason: reasonOf(error) })
    }
  }
}

/** Longer than anything takes that is under way. */
const LASTING_MS = 300_000

function isTooSmall(pool: OntapVolume, { rules }: Survey): boolean {
  return usableOf(pool) < sumOf(rules.filter(({ volume }) => volume === pool.name))
}

function isCandidate(qtree: OntapQtree, limited: ReadonlySet<string>): boolean {
  return qtree.unixPermissions === 0 && !limited.has(nameOf(qtree))
}

function nameOf(one: OntapQtree | OntapTreeRule): string {
  return `${one.volume}/${'name' in one ? one.name : one.qtree}`
}

/** A name that was used again is another's. */
function keyOf(one: OntapQtree | OntapTreeRule): string {
  return 'id' in one ? `${nameOf(one)} ${one.id}` : nameOf(one)
}
