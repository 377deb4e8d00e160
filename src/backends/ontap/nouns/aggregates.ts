/** Aggregates: where volumes are made. */

import type { Context } from '../../../context.ts'
import type { Bytes } from '../../../units.ts'

export interface OntapAggregates {
  /** Those this SVM may use; none is an answer. One call. */
  assigned(ctx: Context): Promise<readonly OntapAggregate[]>
  /** All, with what is used of them. Only the cluster's own users may ask. @throws BackendError UNAUTHORIZED */
  usage(ctx: Context): Promise<readonly OntapAggregateUsage[]>
}

export interface OntapAggregate {
  readonly name: string
  readonly available?: Bytes
}

export interface OntapAggregateUsage {
  readonly name: string
  readonly size: Bytes
  readonly used: Bytes
}
