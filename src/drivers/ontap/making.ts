/**
 * Making a volume so that there is one of its name, and nothing is left of what failed.
 *
 * Names are unique in an SVM, so the array itself lets one of several hosts make it. Each volume carries its intent from
 * the moment it can be seen: by that a host knows its own after a lost answer, and takes back no other.
 */

import type { Ontap, OntapVolume } from '../../backends/ontap/ontap.ts'
import type { Context } from '../../context.ts'
import { Defect, hasCode } from '../../errors.ts'
import type { ArrayName } from '../../names.ts'
import { sleep } from '../../retry.ts'
import type { IntentId } from '../driver.ts'
import { marksIn } from './marks.ts'
import { discardSnapshots } from './snapshots.ts'
import type { Place } from './spread.ts'

export interface Attempt {
  readonly name: ArrayName
  readonly intent: IntentId
}

/** What is to be done once a volume has been taken back. */
type AfterDiscard = (ctx: Context, volume: OntapVolume) => Promise<void>

export type FindVolume = (ctx: Context, name: ArrayName) => Promise<OntapVolume | undefined>

export class Maker {
  readonly #ontap: Ontap
  readonly #find: FindVolume
  readonly #afterDiscard: AfterDiscard

  constructor(ontap: Ontap, find: FindVolume, afterDiscard: AfterDiscard) {
    this.#ontap = ontap
    this.#find = find
    this.#afterDiscard = afterDiscard
  }

  /**
   * Makes a volume in the first of the places that has room for it. What a failure has left is removed, and if that
   * fails too, by recovery.
   *
   * @throws BackendError ALREADY_EXISTS once the other volume of that name can be seen; what `make` throws
   */
  async make(
    ctx: Context,
    attempt: Attempt,
    places: readonly Place[],
    make: (place: Place) => Promise<OntapVolume>,
  ): Promise<OntapVolume> {
    for (const [index, place] of places.entries()) {
      try {
        return await make(place)
      } catch (error) {
        const own = await this.#ownAfter(ctx, attempt, error)
        if (own) return own
        if (hasCode(error, 'ALREADY_EXISTS')) throw error
        await this.discard(ctx, attempt).catch(() => {})
        if (index === places.length - 1 || !hasCode(error, 'FULL')) throw error
        const { name: volume } = attempt
        ctx.log.warn('No room; trying another aggregate.', { volume, aggregate: place.aggregates.join(', ') })
      }
    }
    throw new Defect('Was to make a volume, and in no place.')
  }

  /** See Driver.discard. Each removal is preceded by a look: somebody may count on the volume by now. */
  async discard(ctx: Context, { name, intent }: Attempt): Promise<void> {
    const { volumes } = this.#ontap
    for (const remnant of (await volumes.remnantsOf?.(ctx, intent)) ?? []) {
      await volumes.remove(ctx, remnant, { purge: true }).catch(ignoreNotFound)
    }
    for (let tried = 1; ; tried++) {
      const found = await this.#find(ctx, name)
      if (!found) return
      if (marksIn(found.comment)?.intent !== intent) return discardSnapshots(ctx, this.#ontap, found, intent)
      try {
        await volumes.remove(ctx, found, { purge: true, once: true }).catch(ignoreNotFound)
        return await this.#afterDiscard(ctx, found)
      } catch (error) {
        if (tried === DISCARD_TRIES || !hasCode(error, 'BUSY', 'UNREACHABLE')) throw error
      }
      await sleep(DISCARD_PAUSE_MS * tried, ctx.signal)
    }
  }

  /** The volume of this very attempt that is there in spite of the error. */
  async #ownAfter(ctx: Context, { name, intent }: Attempt, error: unknown): Promise<OntapVolume | undefined> {
    const isOwn = (found: OntapVolume) => marksIn(found.comment)?.intent === intent
    if (hasCode(error, 'ALREADY_EXISTS')) {
      // It may be in the making yet, and not be listed. If none shows, the name was not what the array meant.
      const found = await this.#watch(ctx, name, TAKEN_MS, ({ state }) => state === 'online')
      return found && isOwn(found) ? found : undefined
    }
    // These two leave open what became of the call: the array may still be at it.
    if (!hasCode(error, 'UNREACHABLE', 'MALFORMED')) return undefined
    return this.#watch(ctx, name, LOST_MS, (found) => isOwn(found) && found.state === 'online')
  }

  /** Looks again and again, until there is such a volume or the time is over. */
  async #watch(
    ctx: Context,
    name: ArrayName,
    limitMs: number,
    isIt: (found: OntapVolume) => boolean,
  ): Promise<OntapVolume | undefined> {
    const until = performance.now() + limitMs
    for (let pause = 100; ; pause = Math.min(pause * 2, MOST_PAUSE_MS)) {
      const found = await this.#find(ctx, name).catch(() => undefined)
      ctx.signal.throwIfAborted()
      if (found && isIt(found)) return found
      if (performance.now() + pause > until) return undefined
      await sleep(pause, ctx.signal)
    }
  }
}

const LOST_MS = 30_000
const TAKEN_MS = 20_000
const MOST_PAUSE_MS = 2_000
const DISCARD_TRIES = 3
const DISCARD_PAUSE_MS = 1_000

function ignoreNotFound(error: unknown): void {
  if (!hasCode(error, 'NOT_FOUND')) throw error
}
