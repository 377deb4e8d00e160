/** Which aggregate a volume goes to: one the SVM is assigned and the config allows, with room, the emptiest first. */

import type { Ontap, OntapAggregate } from '../../backends/ontap/ontap.ts'
import { type Context, unwaited } from '../../context.ts'
import { BackendError, RequestError } from '../../errors.ts'
import { unlessAborted } from '../../retry.ts'
import type { Bytes } from '../../units.ts'

/** How long what the array said about room is good enough for choosing. */
const FRESH_MS = 10_000

export interface Request {
  /** Empty: any. */
  readonly allowed: readonly string[]
  /** What the volume takes at once: nothing when it is thin. */
  readonly reserved: Bytes
}

export class Placement {
  readonly #ontap: Ontap
  /** Percent. */
  readonly #limit: number | undefined
  /** Under which is asked what callers share: it must not end with one of them. */
  #shared: Context | undefined
  #assigned: { readonly at: number; readonly list: Promise<readonly OntapAggregate[]> } | undefined
  /** Available bytes as last heard of, for choosing where nobody can wait. */
  #room: ReadonlyMap<string, number> = new Map()

  /** @param limit such as `80%` */
  constructor(ontap: Ontap, limit: string | undefined) {
    this.#ontap = ontap
    this.#limit = limit === undefined ? undefined : Number(limit.replace('%', ''))
  }

  /**
   * What is wrong with the config's aggregates is told at the start, in nDVP's words; and that the array will not say
   * how full they are, when that is to be limited.
   *
   * @param ctx lasts as long as the driver
   *
   * @throws BackendError REFUSED | UNAUTHORIZED
   */
  async check(ctx: Context, named: readonly string[]): Promise<void> {
    const { svm } = this.#ontap
    this.#shared = ctx
    const assigned = await this.#list(ctx)
    if (assigned.length === 0) {
      throw new BackendError(
        'REFUSED',
        `SVM ${svm.name} has no assigned aggregates. Assign some: "vserver modify -vserver ${svm.name} -aggr-list AGGREGATE".`,
      )
    }
    for (const name of named) {
      if (assigned.some((aggregate) => aggregate.name === name)) continue
      throw new BackendError(
        'REFUSED',
        `Aggregate ${name} does not exist or is not assigned to SVM ${svm.name}. Assigned are: ${assigned.map((aggregate) => aggregate.name).join(', ')}.`,
      )
    }
    if (this.#limit !== undefined) await this.#ontap.aggregates.usage(ctx)
  }

  /**
   * Aggregates to try, in this order. Costs no call where there is nothing to choose.
   *
   * @throws RequestError OPTION_INVALID; BackendError FULL by limitAggregateUsage
   */
  async candidates(ctx: Context, { allowed, reserved }: Request): Promise<readonly string[]> {
    const [only, ...others] = allowed
    if (only !== undefined && others.length === 0 && this.#limit === undefined && this.#room.has(only)) return [only]
    const assigned = await this.#list(ctx)
    const usable = assigned.filter(({ name }) => allowed.length === 0 || allowed.includes(name))
    if (usable.length === 0) throw this.#notAssigned(allowed, assigned)
    const byRoom = usable.toSorted((a, b) => (b.available ?? 0) - (a.available ?? 0)).map(({ name }) => name)
    return this.#limit === undefined ? byRoom : this.#below(ctx, this.#limit, byRoom, reserved)
  }

  /** @throws BackendError FULL by limitAggregateUsage, when this much more is taken of each of them */
  async refuseAboveLimit(ctx: Context, names: readonly string[], reserved: Bytes): Promise<void> {
    if (this.#limit !== undefined) await this.#below(ctx, this.#limit, names, reserved)
  }

  /** How much room the emptiest of them had when last looked at; all of them when none is named. */
  roomOf(names: readonly string[]): number {
    const rooms = [...this.#room].filter(([name]) => names.length === 0 || names.includes(name))
    return Math.max(0, ...rooms.map(([, room]) => room))
  }

  /** Who asks meanwhile shares the answer; each may leave without it. */
  #list(ctx: Context): Promise<readonly OntapAggregate[]> {
    const now = performance.now()
    if (this.#assigned && now - this.#assigned.at < FRESH_MS) return unlessAborted(this.#assigned.list, ctx.signal)
    const list = this.#ontap.aggregates.assigned(this.#shared ?? unwaited(ctx))
    this.#assigned = { at: now, list }
    list.then(
      (found) => {
        this.#room = new Map(found.map(({ name, available }) => [name, available ?? 0]))
      },
      () => {
        this.#assigned = undefined
      },
    )
    return unlessAborted(list, ctx.signal)
  }

  async #below(ctx: Context, limit: number, names: readonly string[], reserved: Bytes): Promise<readonly string[]> {
    const usage = new Map((await this.#ontap.aggregates.usage(ctx)).map((row) => [row.name, row]))
    const percentOf = (name: string) => {
      const row = usage.get(name)
      return row ? ((row.used + reserved) / row.size) * 100 : 100
    }
    const below = names.filter((name) => percentOf(name) <= limit)
    if (below.length > 0) return below
    const found = names.map((name) => `${name} ${percentOf(name).toFixed(1)}%`).join(', ')
    throw new BackendError(
      'FULL',
      `No aggregate is used less than limitAggregateUsage ${limit}% with this volume: ${found}. Remove volumes, raise the limit, or allow another aggregate.`,
    )
  }

  #notAssigned(allowed: readonly string[], assigned: readonly OntapAggregate[]): RequestError {
    const names = assigned.map(({ name }) => name).join(', ')
    return new RequestError(
      'OPTION_INVALID',
      `Aggregate ${allowed.join(', ')} does not exist or is not assigned to SVM ${this.#ontap.svm.name}. ${names === '' ? 'None are.' : `Assigned are: ${names}.`}`,
    )
  }
}
