/**
 * What is done from time to time, on every host, whoever is first: quotas the array has not taken up, FlexVols that are
 * too small for what is in them or empty, volumes half removed. Nobody waits for it, and what fails is tried again.
 */

import { backgroundContext, type Context } from '../../../context.ts'
import { reasonOf } from '../../../errors.ts'
import type { Log } from '../../../log.ts'
import { unlessAborted } from '../../../retry.ts'

export interface Chore {
  readonly name: string
  /** 0: never. */
  readonly everyMs: number
  readonly work: (ctx: Context) => Promise<void>
}

export interface Housekeeping {
  /** Resolves once nothing is under way any more. */
  stop(): Promise<void>
}

/** Hosts of a Swarm start together: the first time of each chore, too, is anywhere in its period. */
export function startHousekeeping(log: Log, signal: AbortSignal, chores: readonly Chore[]): Housekeeping {
  const stopped = new AbortController()
  const ctx = backgroundContext('housekeeping', log, AbortSignal.any([signal, stopped.signal]))
  const running = chores.filter(({ everyMs }) => everyMs > 0).map((chore) => keepDoing(ctx, chore))
  return {
    async stop() {
      stopped.abort(new Error('The driver is closed.'))
      await Promise.all(running)
    },
  }
}

async function keepDoing(ctx: Context, { name, everyMs, work }: Chore): Promise<void> {
  for (let pause = everyMs * Math.random(); ; pause = everyMs * (0.75 + Math.random() / 2)) {
    try {
      await rest(Math.min(pause, LONGEST_MS), ctx.signal)
      await work(ctx)
    } catch (error) {
      if (ctx.signal.aborted) return
      ctx.log.warn('Cannot tidy up on the array now; it is tried again.', { chore: name, reason: reasonOf(error) })
    }
  }
}

/** Keeps no process from ending. */
async function rest(ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, ms)
  timer.unref()
  try {
    await unlessAborted(promise, signal)
  } finally {
    clearTimeout(timer)
  }
}

/** Of a timer. */
const LONGEST_MS = 2 ** 31 - 1
