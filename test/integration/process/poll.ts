/** Waiting for something to become true, with a bound; no fixed sleep ever decides a test. */

import { setTimeout as delay } from 'node:timers/promises'

const POLL_MS = 5

/** Resolves with the first answer that is neither undefined nor false. @throws Error naming `what`, after `limitMs` */
export async function until<T>(
  what: string,
  probe: () => T | undefined | false | Promise<T | undefined | false>,
  limitMs = 15_000,
): Promise<T> {
  const end = performance.now() + limitMs
  for (;;) {
    const answer = await probe()
    if (answer !== undefined && answer !== false) return answer
    if (performance.now() > end) throw new Error(`Waited ${limitMs / 1000} s in vain: ${what}.`)
    await delay(POLL_MS)
  }
}

/** The promise's value, or an error that names `what` after `limitMs`. */
export async function within<T>(what: string, promise: Promise<T>, limitMs = 15_000): Promise<T> {
  const timer = new AbortController()
  const late = delay(limitMs, undefined, { signal: timer.signal }).then(() => {
    throw new Error(`Waited ${limitMs / 1000} s in vain: ${what}.`)
  })
  late.catch(() => {})
  try {
    return await Promise.race([promise, late])
  } finally {
    timer.abort()
  }
}

/** Runs `work` for every item, at most `width` at a time. */
export async function spread<T>(items: readonly T[], width: number, work: (item: T) => Promise<void>): Promise<void> {
  const waiting = [...items]
  const worker = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item)
  }
  await Promise.all(Array.from({ length: width }, worker))
}
