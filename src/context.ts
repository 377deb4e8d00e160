/** What one piece of work carries from the request that asked for it down to the last command it runs. */

import type { Log } from './log.ts'

export interface Context {
  /** Names the work in every log line it causes: `mount-41`. */
  readonly id: string
  readonly log: Log
  /**
   * Stops the work itself: the daemon is going down, the work has run absurdly long, or it only reads and nobody
   * waits for it any more.
   */
  readonly signal: AbortSignal
  /**
   * Aborted once nobody waits for the answer any more: the connection closed, or the deadline's answer was given.
   * Work that has begun carries on; work that has not begun must not begin.
   */
  readonly gone: AbortSignal
}

/** A Context for work nobody waits for, such as tidying up after a crash. */
export function backgroundContext(id: string, log: Log, signal: AbortSignal): Context {
  return { id, log: log.child({ id }), signal, gone: NEVER }
}

/** The same work, now for its own sake: whoever asked may go. */
export function unwaited(ctx: Context): Context {
  return { ...ctx, gone: NEVER }
}

/** The same work where stopping half-way would do harm, even as the daemon goes down. Commands keep their time limits. */
export function unstoppable(ctx: Context): Context {
  return { ...ctx, gone: NEVER, signal: NEVER }
}

const NEVER = new AbortController().signal
