/**
 * Sees to it that FlexVols are as large as the limits of what is in them, and that the array enforces those limits.
 *
 * Where rules count only once the array has taken them up (ONTAPI), it is asked to as soon as one has changed; changes
 * that come while it is at it wait for the next time, together. No volume that this host has made is mounted before its
 * own limit counts; others do not wait, whatever is wrong with the quotas of their FlexVol.
 */

import type { Ontap, OntapVolume } from '../../../backends/ontap/ontap.ts'
import { type Context, unwaited } from '../../../context.ts'
import { BackendError, hasCode, reasonOf } from '../../../errors.ts'
import { type Bytes, GIB, roundUp } from '../../../units.ts'
import { withReserve } from '../../ontap/sizes.ts'
import { type PoolTable, sumOf } from '../pools/table.ts'
import { Rounds } from './rounds.ts'

export interface Keeping {
  readonly ontap: Ontap
  readonly table: PoolTable
  /** Of a FlexVol, snapshot reserve included. */
  readonly largest: Bytes
}

export class Upkeep {
  readonly #keeping: Keeping
  readonly #growing = new Rounds()
  readonly #applying = new Rounds()
  /** By pool: rules the array may not have taken up yet. */
  readonly #pending = new Map<string, Pending>()
  /** Pools whose quotas were on a moment ago: where rules count at once, they do so there. */
  readonly #on = new Set<string>()
  /** Of those, pools whose rules have changed since. */
  readonly #trusted = new Set<string>()
  readonly #ended = new AbortController()

  constructor(keeping: Keeping) {
    this.#keeping = keeping
  }

  /** Makes the pool as large as its rules need by now, never smaller. @throws BackendError FULL | BUSY */
  grow(ctx: Context, pool: string): Promise<void> {
    return this.#growing.join(pool, () => this.#grow(unwaited(ctx), pool))
  }

  /**
   * Rules of the pool have changed. Returns at once; the array is asked in its own time.
   *
   * @param made a new qtree in it, not to be used before its rule counts
   */
  changed(ctx: Context, pool: OntapVolume, made?: string): void {
    this.enforce(ctx, pool, made).catch((error) => {
      if (ctx.signal.aborted || this.#ended.signal.aborted) return
      const reason = reasonOf(error)
      ctx.log.warn('The array has not taken up new quotas yet; it is asked again.', { pool: pool.name, reason })
    })
  }

  /** Resolves once the rules of the pool count. @throws what the array has against it */
  async enforce(ctx: Context, pool: OntapVolume, made?: string): Promise<void> {
    if (this.#keeping.ontap.quotas.appliesAtOnce && this.#on.has(pool.name)) this.#trusted.add(pool.name)
    else await this.#apply(ctx, pool, made)
  }

  /** Resolves once the rule of a qtree counts, if it was made here. @throws what the array has against it, at a second try */
  async ready(ctx: Context, pool: OntapVolume, qtree: string): Promise<void> {
    const pending = this.#pending.get(pool.name)
    if (pending?.made.has(qtree)) await pending.asked.catch(() => this.#apply(ctx, pool))
  }

  /** What could not be done yet is tried again; and somebody may have switched quotas off since they were seen on. */
  async retry(ctx: Context): Promise<void> {
    const names = [...this.#pending.keys(), ...this.#trusted]
    this.#on.clear()
    this.#trusted.clear()
    for (const name of names) {
      const pool = await this.#keeping.table.volume(ctx, name)
      if (pool) this.changed(ctx, pool)
      else this.forget(name)
    }
  }

  /** What nobody waits for ends. */
  stop(): void {
    this.#ended.abort(new Error('The driver is closed.'))
  }

  forget(pool: string): void {
    this.#pending.delete(pool)
    this.#on.delete(pool)
  }

  #apply(ctx: Context, pool: OntapVolume, made?: string): Promise<void> {
    const { name } = pool
    const signal = AbortSignal.any([ctx.signal, this.#ended.signal])
    const asked = this.#applying.join(name, () => this.#keeping.ontap.quotas.apply({ ...unwaited(ctx), signal }, pool))
    const earlier = this.#pending.get(name)?.made ?? []
    this.#pending.set(name, { asked, made: new Set(made === undefined ? earlier : [...earlier, made]) })
    return asked.then(
      () => {
        this.#on.add(name)
        if (this.#pending.get(name)?.asked === asked) this.#pending.delete(name)
      },
      (error) => {
        if (hasCode(error, 'NOT_FOUND')) this.forget(name)
        throw error
      },
    )
  }

  /** After a change it looks again: another host may have set the size at the same time, and for less. */
  async #grow(ctx: Context, name: string): Promise<void> {
    const { ontap, table } = this.#keeping
    for (let attempt = 0; ; attempt++) {
      const limits = sumOf(await table.rulesIn(ctx, name))
      const known = await table.volume(ctx, name)
      if (!known || isEnough(known, limits)) return
      const pool = await table.look(ctx, name)
      if (!pool || isEnough(pool, limits)) return
      if (attempt === ATTEMPTS) throw outgrown(name)
      const size = this.#sizeFor(pool, limits)
      await ontap.volumes.change(ctx, pool, { size })
      table.note({ ...pool, size })
      ctx.log.debug('A FlexVol has grown.', { pool: name, size })
    }
  }

  /**
   * A thin FlexVol takes no space for what is not written: it gets some room to spare, so that not each new volume has to
   * grow it. The same for the same needs, so that hosts which grow it at once agree.
   */
  #sizeFor({ spaceGuarantee, snapshotReserve }: OntapVolume, limits: Bytes): Bytes {
    const needed = withReserve(limits, snapshotReserve)
    if (spaceGuarantee !== 'none') return needed
    const step = Math.max(GIB, 2 ** Math.floor(Math.log2(needed / 4)))
    return Math.max(needed, Math.min(roundUp(needed, step), this.#keeping.largest)) as Bytes
  }
}

interface Pending {
  /** The array, for the last time. */
  readonly asked: Promise<void>
  /** Names of qtrees that wait for it. */
  readonly made: ReadonlySet<string>
}

/** Between two looks each host that makes volumes may promise more. Seen in the tests: 4 are too few for 18 volumes at once. */
const ATTEMPTS = 20

function outgrown(pool: string): BackendError {
  return new BackendError(
    'BUSY',
    `FlexVol "${pool}" was grown ${ATTEMPTS} times and is still too small for what is promised in it: other hosts are promising more in the meantime. Try again.`,
  )
}

function isEnough({ size, snapshotReserve }: OntapVolume, limits: Bytes): boolean {
  return size >= withReserve(limits, snapshotReserve)
}
