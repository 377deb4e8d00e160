/** The event log of the array. */

import type { Context } from '../../../context.ts'

export interface OntapEvents {
  /** Writes to the array's event log. */
  log(ctx: Context, event: OntapEvent): Promise<void>
}

export interface OntapEvent {
  /** Name of this host. */
  readonly computer: string
  readonly source: string
  readonly version: string
  /** `initialized`, `heartbeat`. */
  readonly category: string
  readonly description: string
}
