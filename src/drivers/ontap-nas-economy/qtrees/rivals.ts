/**
 * Qtrees of one name in several pools, and how far each is made.
 *
 *     mode 0, no quota rule   `candidate`  Docker has not been told of it. Any host may remove it, if it stays so for long
 *     mode 0, a quota rule    `nearly`     only the host that is making it may still remove it
 *     another mode            `made`       a volume: only Docker's Remove removes it
 *
 * A qtree with data in it shows mode 0 if a container says `chmod 000`, or no rule if an administrator deletes that: one
 * of the two alone makes no candidate.
 */

import type { Ontap, OntapQtree, OntapQtreeRef, OntapTreeRule } from '../../../backends/ontap/ontap.ts'
import type { Context } from '../../../context.ts'
import { hasCode } from '../../../errors.ts'
import type { Bytes } from '../../../units.ts'
import type { PoolTable } from '../pools/table.ts'
import { leavingNameOf } from './removal-names.ts'

export interface Rival {
  readonly qtree: OntapQtree
  readonly stage: 'candidate' | 'nearly' | 'made'
  /** As far as it was asked for; absent also where there is none. */
  readonly limit?: Bytes
}

export class Rivals {
  readonly #ontap: Ontap
  readonly #table: PoolTable

  constructor(ontap: Ontap, table: PoolTable) {
    this.#ontap = ontap
    this.#table = table
  }

  /** All of a name. One call; another where one is not made yet. */
  async named(ctx: Context, name: string): Promise<readonly Rival[]> {
    return this.#staged(ctx, name, await this.#table.named(ctx, name))
  }

  /** All but `own`, which is a candidate: one call as long as it is alone. `mine` is undefined when it is gone. */
  async besides(ctx: Context, own: OntapQtreeRef) {
    const all = await this.#table.named(ctx, own.name, own.volume)
    const mine = all.find(({ volume }) => volume === own.volume)
    const others = all.filter((qtree) => qtree !== mine)
    return { mine, others: await this.#staged(ctx, own.name, others) }
  }

  staged(qtrees: readonly OntapQtree[], rules: readonly OntapTreeRule[]): readonly Rival[] {
    return qtrees.map((qtree): Rival => {
      const rule = rules.find(({ volume }) => volume === qtree.volume)
      const stage = hasMode(qtree) ? 'made' : rule ? 'nearly' : 'candidate'
      return { qtree, stage, ...(rule?.hardLimit !== undefined && { limit: rule.hardLimit }) }
    })
  }

  async #staged(ctx: Context, name: string, qtrees: readonly OntapQtree[]): Promise<readonly Rival[]> {
    return this.staged(qtrees, qtrees.every(hasMode) ? [] : await this.#table.rules(ctx, name))
  }

  /**
   * Removes a candidate, whichever host made it: if that host is still at work, it finds the qtree gone and begins again.
   *
   * Between the look that found a candidate and this call its maker may have finished it. So the qtree is renamed first:
   * from then on the array refuses its maker a quota rule, which goes by the name. Then it is looked at once more, and
   * deleted only if it is a candidate still. One that is made by then, or nearly, gets its name back.
   */
  async takeAway(ctx: Context, candidate: OntapQtree): Promise<void> {
    const { qtrees } = this.#ontap
    const { volume, name } = candidate
    const away = { ...candidate, name: leavingNameOf(name) }
    try {
      await qtrees.rename(ctx, candidate, away.name)
      this.#table.forgetQtree(candidate)
      const stage = await this.#stageOf(ctx, away, name)
      // Another host has renamed or removed it in the meantime, and does what is left to do.
      if (stage === undefined) return
      if (stage !== 'candidate') return await qtrees.rename(ctx, away, name)
      await qtrees.remove(ctx, away)
      ctx.log.info('Removed what was left of a volume that was not made.', { pool: volume, qtree: name })
    } catch (error) {
      if (!hasCode(error, 'NOT_FOUND')) throw error
    }
  }

  /** The quota rule of a qtree just renamed may still be under its former name: not all arrays rename both at an instant. */
  async #stageOf(ctx: Context, { volume, name, id }: OntapQtree, former: string): Promise<Rival['stage'] | undefined> {
    const [qtrees, rules] = await Promise.all([
      this.#ontap.qtrees.named(ctx, name, volume),
      this.#ontap.quotas.treeRules(ctx, volume),
    ])
    const found = qtrees.find((qtree) => qtree.volume === volume && qtree.id === id)
    if (!found) return undefined
    const own = rules.filter((rule) => rule.volume === volume && (rule.qtree === name || rule.qtree === former))
    return this.staged([found], own)[0]?.stage
  }
}

function hasMode({ unixPermissions }: OntapQtree): boolean {
  return unixPermissions !== 0
}
