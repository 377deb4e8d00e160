/** Does what time does to an array, when its time has come, and lets those know who wait. */

import { nextEvent, settle } from './settle.ts'
import { now, type OntapArray } from './state.ts'

export interface Clockwork {
  /** Settles the array now. Resolves once what that did is carried out and kept. */
  tick(): Promise<void>
  /** To be called after anything that may have begun something. */
  wind(): void
  /** Resolves when the job is done, or after so many milliseconds. */
  jobDone(uuid: string, ms: number): Promise<void>
  stop(): void
}

/** `changed` carries out and keeps what was done. */
export function startClockwork(array: OntapArray, changed: () => Promise<void>): Clockwork {
  let timer: NodeJS.Timeout | undefined
  const waiting = new Set<() => void>()

  const clockwork: Clockwork = {
    async tick() {
      if (settle(array)) await changed()
      clockwork.wind()
      for (const wake of [...waiting]) wake()
    },
    wind() {
      clearTimeout(timer)
      const next = nextEvent(array)
      // A failure has been reported, and whoever asks next meets it again.
      const go = () => void clockwork.tick().catch(() => {})
      if (next !== undefined) timer = setTimeout(go, Math.max(0, next - now(array)))
    },
    async jobDone(uuid, ms) {
      const deadline = Date.now() + ms
      const isRunning = () => array.jobs.get(uuid)?.outcome === undefined && array.jobs.has(uuid)
      clockwork.wind()
      while (isRunning() && Date.now() < deadline) await wakened(waiting, deadline - Date.now())
    },
    stop() {
      clearTimeout(timer)
      for (const wake of [...waiting]) wake()
    },
  }
  return clockwork
}

function wakened(waiting: Set<() => void>, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const wake = () => {
      clearTimeout(timer)
      waiting.delete(wake)
      resolve()
    }
    const timer = setTimeout(wake, ms)
    waiting.add(wake)
  })
}
