/** Waiting in tests: for a condition, never for a time. */

import { setTimeout as delay } from 'node:timers/promises'

const INTERVAL_MS = 20

/** Asks until the answer is neither false nor undefined. @throws when that takes longer than `limitMs` */
export async function until<T>(
  what: string,
  ask: () => Promise<T | false | undefined> | T | false | undefined,
  limitMs = 10_000,
): Promise<T> {
  const end = performance.now() + limitMs
  for (;;) {
    const answer = await ask()
    if (answer !== false && answer !== undefined) return answer
    if (performance.now() > end) throw new Error(`waited ${limitMs} ms in vain until ${what}`)
    await delay(INTERVAL_MS)
  }
}
