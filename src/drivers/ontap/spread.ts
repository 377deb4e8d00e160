/** How a FlexGroup is spread over aggregates. */

import type { Bytes } from '../../units.ts'

export interface Place {
  readonly aggregates: readonly string[]
  readonly constituentsPerAggregate?: number
}

/** A constituent is no smaller. @see ONTAP, volume create, size of a FlexGroup */
export const LEAST_CONSTITUENT = 200_000_000 as Bytes

/** ONTAP's own choice on most models. */
const MOST_PER_AGGREGATE = 4

/**
 * Over as many aggregates as the size allows, in their order, and then in as many parts on each.
 *
 * @param size at least one constituent's
 */
export function spread(aggregates: readonly string[], size: Bytes): Place {
  const parts = Math.max(1, Math.floor(size / LEAST_CONSTITUENT))
  const chosen = aggregates.slice(0, parts)
  return {
    aggregates: chosen,
    constituentsPerAggregate: Math.min(MOST_PER_AGGREGATE, Math.max(1, Math.floor(parts / Math.max(1, chosen.length)))),
  }
}
