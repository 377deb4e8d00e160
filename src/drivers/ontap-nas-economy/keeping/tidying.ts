/**
 * What crashes, other hosts and time leave in the FlexVols, put right. Several hosts may do so at once.
 *
 * What may just be under way is touched only when it has been there for minutes. FlexVols that are not online are left
 * alone: the array does not list what is in them.
 */

import type { Ontap, OntapQtree, OntapTreeRule, OntapVolume } from '../../../backends/ontap/ontap.ts'
import type { Context } from '../../../context.ts'
import { hasCode, reasonOf } from '../../../errors.ts'
import type { PoolNames } from '../pools/names.ts'
import { type PoolTable, type Survey, sumOf } from '../pools/table.ts'
import { usableOf } from '../pools/wish.ts'
import { isLeavingFrom } from '../qtrees/removal-names.ts'
import type { Rivals } from '../qtrees/rivals.ts'
import type { Pruning } from './pruning.ts'
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
  /** How long something has to be there until it is taken for left. Default: longer than anything takes that is under way. */
  readonly leftoverMs?: number
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
    const { upkeep, pruning } = this.#parts
    const survey = await this.#survey(ctx)
    if (this.#isFirst) this.#applyAll(ctx, survey)
    this.#isFirst = false
    for (const pool of survey.pools.filter((one) => isTooSmall(one, survey))) {
      await this.#trying(ctx, pool.name, () => upkeep.grow(ctx, pool.name))
    }
    await this.#removeLeftovers(ctx, survey)
    for (const pool of survey.pools) {
      // An array deletes the rules of what it deletes.
      const isEmpty = [...survey.qtrees, ...survey.rules].every(({ volume }) => volume !== pool.name)
      await this.#trying(ctx, pool.name, () => pruning.judge(ctx, pool, isEmpty))
    }
  }

  /** Of the pools that are ours, and can be looked into. */
  async #survey(ctx: Context): Promise<Survey> {
    const { table, names } = this.#parts
    const { pools, qtrees, rules } = await table.survey(ctx)
    const ours = pools.filter(({ name, state }) => names.isOurs(name) && state === 'online')
    const open = new Set(ours.map(({ name }) => name))
    return {
      pools: ours,
      qtrees: qtrees.filter(({ volume }) => open.has(volume)),
      rules: rules.filter(({ volume }) => open.has(volume)),
    }
  }

  /** As nDVP did at its start: whoever made the last rules may have gone before the array took them up. */
  #applyAll(ctx: Context, { pools, rules }: Survey): void {
    for (const pool of pools) {
      if (rules.some(({ volume }) => volume === pool.name)) this.#parts.upkeep.changed(ctx, pool)
    }
  }

  async #removeLeftovers(ctx: Context, { qtrees, rules }: Survey): Promise<void> {
    const { ontap, rivals, arrayPrefix } = this.#parts
    const named = new Set(qtrees.map(nameOf))
    const limited = new Set(rules.map(nameOf))
    const leaving = qtrees.filter(({ name }) => isLeavingFrom(name, arrayPrefix))
    const begun = qtrees.filter((one) => one.name.startsWith(arrayPrefix) && isCandidate(one, limited))
    // Where nothing at all is listed, the list may be at fault.
    const listed = new Set(qtrees.map(({ volume }) => volume))
    const orphans = rules.filter((rule) => listed.has(rule.volume) && !named.has(nameOf(rule)))

    const all = [...leaving, ...begun, ...orphans].map(keyOf)
    this.#seen = new Map(all.map((key) => [key, (this.#seen.get(key) ?? 0) + 1]))
    await this.#eachLasting(ctx, leaving, (qtree) => ontap.qtrees.remove(ctx, qtree))
    await this.#eachLasting(ctx, begun, (qtree) => rivals.takeAway(ctx, qtree))
    await this.#eachLasting(ctx, orphans, (rule) => this.#removeOrphan(ctx, rule))
  }

  async #eachLasting<T extends OntapQtree | OntapTreeRule>(
    ctx: Context,
    found: readonly T[],
    remove: (one: T) => Promise<void>,
  ): Promise<void> {
    const { everyMs, leftoverMs = LASTING_MS } = this.#parts
    const enough = 2 + Math.ceil(leftoverMs / everyMs)
    for (const one of found.filter((one) => this.#seen.get(keyOf(one))! >= enough)) {
      await this.#trying(ctx, nameOf(one), () => remove(one))
    }
  }

  /** Rules go by names: that of one that is gone may be a new volume's by now. */
  async #removeOrphan(ctx: Context, { volume, qtree }: OntapTreeRule): Promise<void> {
    const { ontap, table } = this.#parts
    const namesakes = await table.named(ctx, qtree)
    if (namesakes.some((one) => one.volume === volume)) return
    await ontap.quotas.removeTreeRule(ctx, { volume, name: qtree })
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
