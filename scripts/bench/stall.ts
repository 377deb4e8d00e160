/** How long a call that needs neither array nor disk waits for the event loop while the plugin is at something else. */

import type { Plugin } from './plugin.ts'

export interface Stall {
  /** One wait after the other, by the clock: other processes on the machine lengthen them. */
  readonly waitsMs: readonly number[]
  /** The most that the plugin itself was at before it answered one: what it did not interrupt. */
  readonly longestMs: number
}

export async function stallDuring({ call, busyMs }: Plugin, work: () => Promise<unknown>): Promise<Stall> {
  let busy = true
  const end = work().finally(() => {
    busy = false
  })
  const waitsMs: number[] = []
  let longestMs = 0
  while (busy) {
    const [begun, busyBefore] = [performance.now(), busyMs()]
    await call('Capabilities')
    waitsMs.push(performance.now() - begun)
    longestMs = Math.max(longestMs, busyMs() - busyBefore)
  }
  await end
  return { waitsMs, longestMs }
}

export function printStall({ waitsMs, longestMs }: Stall): string {
  const worst = Math.max(...waitsMs)
  return `longest event-loop stall meanwhile: ${longestMs.toFixed(0)} ms of processor time, ${worst.toFixed(0)} ms by the clock\n`
}
