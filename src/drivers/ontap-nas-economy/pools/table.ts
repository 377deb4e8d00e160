/** FlexVols that hold this instance's qtrees, as last seen. What is decided by it is either harmless or looked at again. */

import type { Ontap, OntapQtree, OntapTreeRule, OntapVolume } from '../../../backends/ontap/ontap.ts'
import type { Context } from '../../../context.ts'
import { BackendError } from '../../../errors.ts'
import type { Bytes } from '../../../units.ts'
import { isLeaving } from '../qtrees/removal-names.ts'
import { Absent } from './absent.ts'
import type { PoolNames } from './names.ts'

export interface Pool {
  readonly volume: OntapVolume
  /** Those on their way in or out, too. */
  readonly qtrees: number
  /** All limits together. */
  readonly limits: Bytes
}

export interface Survey {
  readonly pools: readonly OntapVolume[]
  readonly qtrees: readonly OntapQtree[]
  readonly rules: readonly OntapTreeRule[]
}

export class PoolTable {
  readonly #ontap: Ontap
  readonly #names: PoolNames
  readonly #pools = new Map<string, Pool>()
  /** Beginnings of names that there are pools of: others need not be asked about. */
  #present: readonly string[]
  readonly #absent = new Absent()

  constructor(ontap: Ontap, names: PoolNames) {
    this.#ontap = ontap
    this.#names = names
    this.#present = names.prefixes.slice(0, 1)
  }

  /** Beginnings of the names of pools that have to be looked into. */
  get prefixes(): readonly string[] {
    return this.#present
  }

  get pools(): readonly Pool[] {
    return [...this.#pools.values()]
  }

  get(name: string): Pool | undefined {
    return this.#pools.get(name)
  }

  /** Looks at all there is. Three calls a page, at once. */
  async survey(ctx: Context): Promise<Survey> {
    const [pools, qtrees, rules] = await Promise.all([
      this.#volumes(ctx, this.#names.prefixes),
      this.qtrees(ctx),
      this.rules(ctx),
    ])
    const [first, ...others] = this.#names.prefixes as [string, ...string[]]
    const present = [first, ...others.filter((prefix) => pools.some(({ name }) => name.startsWith(prefix)))]
    const isComplete = present.every((prefix) => this.#present.includes(prefix))
    this.#present = present
    if (!isComplete) return this.survey(ctx)
    this.#learn({ pools, qtrees, rules })
    return { pools, qtrees, rules }
  }

  /** All in all pools, whatever becomes of them. One call a page. */
  async qtrees(ctx: Context): Promise<readonly OntapQtree[]> {
    const found = await Promise.all(this.#present.map((prefix) => this.#ontap.qtrees.inVolumes(ctx, prefix)))
    const listed = found.flat().filter(({ volume }) => this.#names.isPool(volume))
    const absent: OntapQtree[] = []
    for (const pool of this.#absent.missingIn(listed)) {
      if (await this.#isOffline(ctx, pool)) absent.push(...this.#absent.in(pool))
      else this.#absent.forget(pool)
    }
    this.#absent.rememberAll(listed)
    return [...listed, ...absent]
  }

  /**
   * Those of a name, in whatever pool. One call.
   *
   * @param own pool in which one is in the making
   *
   * @throws BackendError REFUSED when another may be in a pool that cannot be looked into
   */
  async named(ctx: Context, name: string, own?: string): Promise<readonly OntapQtree[]> {
    const found = await Promise.all(this.#present.map((prefix) => this.#ontap.qtrees.named(ctx, name, prefix)))
    const listed = found.flat().filter(({ volume }) => this.#names.isPool(volume))
    const absent = await this.#absentNamed(ctx, name, listed)
    if ([...listed, ...absent].every(({ volume }) => volume === own)) await this.#refuseInTheDark(ctx, name)
    this.#absent.remember(listed)
    return [...listed, ...absent]
  }

  /** The qtree is on its way out. */
  forgetQtree(qtree: Pick<OntapQtree, 'volume' | 'name'>): void {
    this.#absent.forgetQtree(qtree)
  }

  /** Rules of single qtrees; with `qtree` of that name. One call a page. */
  async rules(ctx: Context, qtree?: string): Promise<readonly OntapTreeRule[]> {
    const found = await Promise.all(this.#present.map((prefix) => this.#ontap.quotas.treeRules(ctx, prefix, qtree)))
    return found
      .flat()
      .filter((rule) => this.#names.isPool(rule.volume) && rule.qtree !== '')
      .filter((rule) => qtree === undefined || rule.qtree === qtree)
  }

  /** Rules of the qtrees of one pool, which are noted. One call. */
  async rulesIn(ctx: Context, pool: string): Promise<readonly OntapTreeRule[]> {
    const rules = await this.#ontap.quotas.treeRules(ctx, pool)
    const own = rules.filter(({ volume, qtree }) => volume === pool && qtree !== '')
    const known = this.#pools.get(pool)
    if (known) this.#pools.set(pool, { ...known, limits: sumOf(own) })
    return own
  }

  /** As last seen; asked for where it was not. Undefined when the array has none. */
  async volume(ctx: Context, name: string): Promise<OntapVolume | undefined> {
    return this.#pools.get(name)?.volume ?? this.look(ctx, name)
  }

  /** As it is now. */
  async look(ctx: Context, name: string): Promise<OntapVolume | undefined> {
    const found = await this.#ontap.volumes.find(ctx, name)
    if (found) this.note(found)
    else this.forget(name)
    return found
  }

  /** All volumes, where not all that these are in are known. */
  async ensureKnown(ctx: Context, qtrees: readonly OntapQtree[]): Promise<void> {
    if (qtrees.every(({ volume }) => this.#pools.has(volume))) return
    for (const volume of await this.#volumes(ctx, this.#present)) this.note(volume)
  }

  note(volume: OntapVolume): void {
    const { qtrees, limits } = this.#pools.get(volume.name) ?? { qtrees: 0, limits: 0 as Bytes }
    this.#pools.set(volume.name, { volume, qtrees, limits })
  }

  /** One more is in there. */
  noteQtree(pool: string): void {
    const known = this.#pools.get(pool)
    if (known) this.#pools.set(pool, { ...known, qtrees: known.qtrees + 1 })
  }

  forget(name: string): void {
    this.#pools.delete(name)
  }

  async #absentNamed(ctx: Context, name: string, listed: readonly OntapQtree[]): Promise<readonly OntapQtree[]> {
    const absent: OntapQtree[] = []
    const missing = this.#absent.named(name).filter(({ volume }) => listed.every((qtree) => qtree.volume !== volume))
    for (const qtree of missing) {
      if (await this.#isOffline(ctx, qtree.volume)) absent.push(qtree)
      else this.#absent.forgetQtree(qtree)
    }
    return absent
  }

  async #refuseInTheDark(ctx: Context, name: string): Promise<void> {
    const dark = this.pools.filter(({ volume }) => volume.state !== 'online' && !this.#absent.knows(volume.name))
    for (const { volume } of dark) {
      if (await this.#isOffline(ctx, volume.name)) throw inTheDark(name, volume)
    }
  }

  async #isOffline(ctx: Context, pool: string): Promise<boolean> {
    const found = await this.look(ctx, pool)
    if (!found) await this.#ontap.ensureSeen(ctx)
    return found !== undefined && found.state !== 'online'
  }

  async #volumes(ctx: Context, prefixes: readonly string[]): Promise<readonly OntapVolume[]> {
    const found = await Promise.all(prefixes.map((prefix) => this.#ontap.volumes.withPrefix(ctx, prefix)))
    return found.flat().filter(({ name }) => this.#names.isPool(name))
  }

  #learn({ pools, qtrees, rules }: Survey): void {
    this.#pools.clear()
    const counts = Map.groupBy(qtrees, ({ volume }) => volume)
    const limits = Map.groupBy(rules, ({ volume }) => volume)
    for (const volume of pools) {
      const { name } = volume
      this.#pools.set(name, { volume, qtrees: counts.get(name)?.length ?? 0, limits: sumOf(limits.get(name) ?? []) })
    }
  }
}

function inTheDark(name: string, { name: pool, state }: OntapVolume): BackendError {
  return new BackendError(
    'REFUSED',
    `Cannot tell whether there is a volume "${name}": it may be in FlexVol "${pool}", which is ${state} on the array. Bring it online ("volume online -volume ${pool}"), or delete it if nobody needs what is in it.`,
  )
}

/** Of what is to stay. */
export function sumOf(rules: readonly OntapTreeRule[]): Bytes {
  const staying = rules.filter(({ qtree }) => !isLeaving(qtree))
  return staying.reduce((sum, { hardLimit = 0 }) => sum + hardLimit, 0) as Bytes
}
