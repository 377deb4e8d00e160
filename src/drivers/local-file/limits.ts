/** How much of a filesystem volumes may promise away. */

import { BackendError } from '../../errors.ts'
import { type Bytes, printSize } from '../../units.ts'

/** @throws BackendError FULL when `more` would take what is used or promised above `limit` percent of the whole */
export function refuseOvercommit(
  space: { readonly total: number; readonly promised: number },
  limit: string,
  more: Bytes,
  directory: string,
): void {
  const percent = Number(limit.replace('%', ''))
  const after = ((space.promised + more) / space.total) * 100
  if (after <= percent) return
  throw new BackendError(
    'FULL',
    `Cannot take ${printSize(more)} more in ${directory}: ${printSize(space.promised)} of ${printSize(space.total)} are used or promised, and limitAggregateUsage is ${percent}%. Remove volumes, ask for less, or raise the limit.`,
  )
}

/** @throws BackendError FULL when space for `more` cannot be reserved */
export function refuseBeyondFree(free: number, more: Bytes, directory: string): void {
  if (more <= free) return
  throw new BackendError(
    'FULL',
    `Cannot reserve ${printSize(more)} in ${directory}: ${printSize(free)} are free. Remove volumes, ask for less, or leave spaceReserve at "none".`,
  )
}
