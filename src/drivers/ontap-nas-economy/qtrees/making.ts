/**
 * One volume of a name, though each FlexVol takes a qtree of any name that it does not have itself.
 *
 *     1. choose a FlexVol with room, or make one
 *     2. make the qtree there with mode 0: a candidate (rivals.ts), which no host lists or mounts
 *     3. look at all FlexVols: has another host a qtree of that name?
 *     4. set its quota, and make the FlexVol as large as that needs
 *     5. give it its mode: from here on it is made
 *
 * What a host does at 3 about another host's qtree:
 *
 *     made, or nearly for long                removes its own candidate: the name is taken
 *     in a FlexVol whose name comes earlier   removes its own candidate, and waits until the other is made or gone
 *     in one whose name comes later           keeps its own candidate, and waits until the other is made or gone
 *     a candidate for long                    removes that candidate: its maker has crashed
 *
 * Each has made its candidate before it looks, so of two hosts at least one sees the other's, and no host goes on to 4
 * that sees any. Two in one FlexVol the array refuses. What "for long" means is in patience.ts; should the maker of a
 * candidate that was removed be at work after all, it finds it gone at 4 or 5, and begins again.
 *
 * At 3 it looks at the FlexVol, too. A host that is about to delete an empty FlexVol says so in its comment, and looks for
 * qtrees in it afterwards (keeping/pruning.ts): either its maker sees the comment, or its deleter sees the candidate.
 */

import type { Ontap, OntapQtree, OntapVolume } from '../../../backends/ontap/ontap.ts'
import { type Context, unwaited } from '../../../context.ts'
import { BackendError, hasCode } from '../../../errors.ts'
import type { Bytes } from '../../../units.ts'
import type { Upkeep } from '../keeping/upkeep.ts'
import type { PoolChoice } from '../pools/choice.ts'
import { isGoing } from '../pools/marks.ts'
import type { PoolTable } from '../pools/table.ts'
import type { PoolWish } from '../pools/wish.ts'
import { Looks } from './looks.ts'
import { RIVALLING, SETTLING, WAITING } from './patience.ts'
import type { Rival, Rivals } from './rivals.ts'

export interface MakingParts {
  readonly ontap: Ontap
  readonly table: PoolTable
  readonly choice: PoolChoice
  readonly rivals: Rivals
  readonly upkeep: Upkeep
}

export interface NewQtree {
  readonly name: string
  readonly size: Bytes
  readonly unixPermissions: number
  readonly securityStyle: 'unix' | 'mixed'
  readonly exportPolicy: string
  readonly wish: PoolWish
}

/** @throws BackendError ALREADY_EXISTS; what the array has against it, and then no candidate is left */
export async function makeTheOne(parts: MakingParts, ctx: Context, qtree: NewQtree): Promise<void> {
  const spoiled = new Set<string>()
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const { pool, release } = await parts.choice.choose(ctx, qtree.wish, spoiled)
    try {
      const end = await new Attempt(parts, ctx, qtree, pool).run()
      if (end === 'made') return
      if (end === 'elsewhere') spoiled.add(pool.name)
    } finally {
      release()
    }
  }
  throw new BackendError(
    'BUSY',
    `Cannot make volume "${qtree.name}": it was begun ${ATTEMPTS} times, and each time others were in the way. Try again.`,
  )
}

const ATTEMPTS = 20

/** `again`: nothing is in the way any more. `elsewhere`: not in this FlexVol. */
type End = 'made' | 'again' | 'elsewhere'

class Attempt {
  readonly #parts: MakingParts
  readonly #ctx: Context
  readonly #wanted: NewQtree
  readonly #pool: OntapVolume

  constructor(parts: MakingParts, ctx: Context, wanted: NewQtree, pool: OntapVolume) {
    this.#parts = parts
    this.#ctx = ctx
    this.#wanted = wanted
    this.#pool = pool
  }

  async run(): Promise<End> {
    const begun = await this.#begin()
    if (begun !== 'begun') return begun
    try {
      const own = await this.#lookAround()
      return typeof own === 'string' ? own : await this.#finish(own)
    } catch (error) {
      if (!hasCode(error, 'ALREADY_EXISTS')) await this.#removeCandidate()
      if (!hasCode(error, 'FULL')) throw error
      this.#ctx.log.warn('No room in a FlexVol; trying another.', { pool: this.#pool.name, reason: error.message })
      return 'elsewhere'
    }
  }

  async #begin(): Promise<'begun' | End> {
    const { name, securityStyle, exportPolicy } = this.#wanted
    const volume = this.#pool.name
    try {
      const qtree = { volume, name, unixPermissions: 0, securityStyle, exportPolicy }
      await this.#parts.ontap.qtrees.create(this.#ctx, qtree)
      return 'begun'
    } catch (error) {
      if (hasCode(error, 'ALREADY_EXISTS')) return this.#waitForOthers()
      if (hasCode(error, 'FULL')) return 'elsewhere'
      if (!hasCode(error, 'NOT_FOUND', 'REFUSED')) throw error
      const pool = await this.#parts.table.look(this.#ctx, volume)
      if (pool?.state === 'online') throw error
      return 'elsewhere'
    }
  }

  /** Resolves to our qtree once nobody else has one of the name. */
  async #lookAround(): Promise<OntapQtree | End> {
    const { rivals, table } = this.#parts
    const place = { volume: this.#pool.name, name: this.#wanted.name }
    for (const looks = new Looks(); ; await looks.pause(this.#ctx)) {
      const asked = performance.now()
      const [{ mine, others }, pool] = await Promise.all([
        rivals.besides(this.#ctx, place),
        table.look(this.#ctx, place.volume),
      ])
      if (!mine) return 'again'
      if (!pool || isGoing(pool)) {
        await rivals.takeAway(this.#ctx, mine)
        return 'elsewhere'
      }
      // An answer that took long may be older than what another host has made since.
      if (others.length === 0 && performance.now() - asked < STALE_MS) return mine
      looks.see(others)
      const left = others.filter((other) => isLeft(other, looks, RIVALLING))
      const first = others.filter((other) => other.qtree.volume < place.volume && !left.includes(other))
      if (first.length > 0 || others.some((other) => isThere(other, looks))) {
        await rivals.takeAway(this.#ctx, mine)
        return this.#waitForOthers()
      }
      await this.#remove(left)
    }
  }

  /** Resolves once nobody has one of the name. @throws BackendError ALREADY_EXISTS */
  async #waitForOthers(): Promise<'again'> {
    for (const looks = new Looks(); ; await looks.pause(this.#ctx)) {
      const others = await this.#parts.rivals.named(this.#ctx, this.#wanted.name)
      if (others.length === 0) return 'again'
      looks.see(others)
      const winner = others.find((other) => isThere(other, looks))
      if (winner) throw taken(winner)
      await this.#remove(others.filter((other) => isLeft(other, looks, WAITING)))
    }
  }

  async #finish(own: OntapQtree): Promise<End> {
    const { ontap, table, upkeep } = this.#parts
    const { size, unixPermissions } = this.#wanted
    const { volume, name } = own
    try {
      await ontap.quotas.setTreeRule(this.#ctx, { volume, qtree: name, hardLimit: size })
    } catch (error) {
      if (await this.#isThere(own)) throw error
      return 'again'
    }
    try {
      await upkeep.grow(this.#ctx, volume)
    } catch (error) {
      await ontap.quotas.removeTreeRule(unwaited(this.#ctx), own).catch(() => {})
      throw error
    }
    try {
      await ontap.qtrees.changeMode(this.#ctx, own, unixPermissions)
    } catch (error) {
      if (hasCode(error, 'NOT_FOUND')) return 'again'
      // Where the answer was lost it may be made: another host may have told Docker of it already.
      if (!hasCode(error, 'UNREACHABLE', 'MALFORMED')) await ontap.quotas.removeTreeRule(unwaited(this.#ctx), own)
      throw error
    }
    table.noteQtree(volume)
    upkeep.changed(this.#ctx, this.#pool, name)
    return 'made'
  }

  /** Arrays do not agree on what is wrong with a rule for a qtree that is gone. */
  async #isThere({ volume, name, id }: OntapQtree): Promise<boolean> {
    const found = await this.#parts.table.named(unwaited(this.#ctx), name)
    return found.some((qtree) => qtree.volume === volume && qtree.id === id)
  }

  async #remove(candidates: readonly Rival[]): Promise<void> {
    for (const { qtree } of candidates) await this.#parts.rivals.takeAway(this.#ctx, qtree)
  }

  /** Our own, after a failure. Should this fail, too, what settles the intent of this create does it (`discard`). */
  async #removeCandidate(): Promise<void> {
    const ctx = unwaited(this.#ctx)
    const left = await this.#parts.rivals.named(ctx, this.#wanted.name).catch(() => [])
    const here = left.filter(({ qtree, stage }) => stage === 'candidate' && qtree.volume === this.#pool.name)
    await this.#remove(here).catch(() => {})
  }
}

/** Other hosts wait longer than that until they remove a candidate of ours (RIVALLING, WAITING). */
const STALE_MS = 5_000

/** A volume: its maker does not remove it any more. */
function isThere(rival: Rival, looks: Looks): boolean {
  return rival.stage === 'made' || (rival.stage === 'nearly' && looks.hasLasted(rival, SETTLING))
}

/** A candidate whose maker has crashed. */
function isLeft(rival: Rival, looks: Looks, patience: number): boolean {
  return rival.stage === 'candidate' && looks.hasLasted(rival, patience)
}

function taken({ qtree: { name, volume } }: Rival): BackendError {
  return new BackendError('ALREADY_EXISTS', `Volume "${name}" is on the array already, in FlexVol "${volume}".`)
}
