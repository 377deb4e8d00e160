/**
 * One queue a volume: verbs that change the same volume run one after the other, in the order they came.
 *
 * Invariants:
 * - different volumes never wait for each other;
 * - whoever stands first in a queue holds the lock, and nobody else does;
 * - a caller nobody waits for any more leaves the queue without running: nothing begins after Docker was told it failed;
 * - work that has begun keeps its lock to its end, however long;
 * - two locks are taken in the order of their names, so that two clones between the same volumes cannot block each other.
 */

import type { Context } from '../../context.ts'
import { DeadlineError } from '../../errors.ts'
import type { VolumeName } from '../../names.ts'
import { unlessAborted } from '../../retry.ts'

export class Locks {
  readonly #queues = new Map<VolumeName, Ticket[]>()

  /** Runs `work` when every earlier holder of each name is done. @throws DeadlineError naming the holder waited for */
  async hold<T>(ctx: Context, names: readonly VolumeName[], verb: string, work: () => Promise<T>): Promise<T> {
    const [first, ...others] = [...new Set(names)].sort()
    if (first === undefined) return work()
    return this.#holdOne(ctx, first, verb, () => this.hold(ctx, others, verb, work))
  }

  /** What runs now: for the log at shutdown. */
  holders(): readonly string[] {
    return [...this.#queues.values()].map(([holder]) => holder!.who)
  }

  /** Resolves when nothing is held or waited for. */
  async idle(): Promise<void> {
    while (this.#queues.size > 0) await Promise.all([...this.#queues.values()].flat().map((ticket) => ticket.left))
  }

  async #holdOne<T>(ctx: Context, name: VolumeName, verb: string, work: () => Promise<T>): Promise<T> {
    const queue = this.#queues.get(name) ?? []
    this.#queues.set(name, queue)
    const { promise: left, resolve: leave } = Promise.withResolvers<void>()
    const ticket: Ticket = { who: `${ctx.id} (${verb} ${name})`, since: Date.now(), left }
    queue.push(ticket)
    try {
      await turnOf(ticket, queue, ctx.gone)
      if (ctx.gone.aborted) throw tooLate(verb, name, undefined)
      ticket.since = Date.now()
      return await work()
    } finally {
      queue.splice(queue.indexOf(ticket), 1)
      if (queue.length === 0) this.#queues.delete(name)
      leave()
    }

    async function turnOf(mine: Ticket, line: readonly Ticket[], gone: AbortSignal): Promise<void> {
      while (line[0] !== mine) {
        const ahead = line[line.indexOf(mine) - 1]!
        await unlessAborted(ahead.left, gone).catch(() => {
          throw tooLate(verb, name, line[0])
        })
      }
    }
  }
}

interface Ticket {
  readonly who: string
  /** When it came; from its turn on, when that was. */
  since: number
  readonly left: Promise<void>
}

function tooLate(verb: string, name: VolumeName, holder: Ticket | undefined): DeadlineError {
  if (!holder) return new DeadlineError(`Cannot ${verb} volume "${name}": nobody waits for the answer any more.`)
  const seconds = Math.round((Date.now() - holder.since) / 1000)
  return new DeadlineError(
    `Cannot ${verb} volume "${name}" yet: ${holder.who} has been at it for ${seconds} s. Try again when it is done.`,
  )
}
