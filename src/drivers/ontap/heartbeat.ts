/** Entries in the array's event log that say who uses it: at the start, and again from time to time. */

import { hostname } from 'node:os'
import type { Ontap } from '../../backends/ontap/ontap.ts'
import type { Context } from '../../context.ts'
import { reasonOf } from '../../errors.ts'
import { version } from '../../version.ts'

const HOUR_MS = 3_600_000
/** However small the number in the config is: entries cost the array something. */
const SHORTEST_MS = 60_000
/** setTimeout's own limit is 24.8 days. */
const LONGEST_MS = 24 * 24 * HOUR_MS

export interface Heartbeat {
  /** No more entries. */
  stop(): void
}

/** @param hours 0 for the first entry only */
export function startHeartbeat(
  ctx: Context,
  ontap: Ontap,
  { driverName, prefix, hours }: { readonly driverName: string; readonly prefix: string; readonly hours: number },
): Heartbeat {
  const log = (category: string) => {
    const description = `netappdvp ${driverName} ${version.text} (${version.build}) SVM[${ontap.svm.name}] StoragePrefix[${prefix}]`
    ontap.events
      .log(ctx, {
        computer: hostname(),
        source: `netappdvp ${driverName}`,
        version: version.text,
        category,
        description,
      })
      .catch((error) => {
        if (ctx.signal.aborted) return
        ctx.log.warn('Cannot write to the array’s event log.', { category, reason: reasonOf(error) })
      })
  }
  log('initialized')
  const everyMs = Math.min(Math.max(hours * HOUR_MS, SHORTEST_MS), LONGEST_MS)
  const timer = hours > 0 ? setInterval(() => log('heartbeat'), everyMs) : undefined
  timer?.unref()
  return { stop: () => clearInterval(timer) }
}
