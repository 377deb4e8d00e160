/** Where volumes lie, and how much room is left there. */

import { ArrayFault } from '../faults.ts'
import type { Aggregate } from '../state/cluster.ts'
import type { Svm } from '../state/svm.ts'
import type { OntapArray } from '../state.ts'
import { compare } from '../volume-table.ts'

/** Those an SVM may use, by name. */
export function assignedTo(array: OntapArray, { uuid }: Svm): readonly Aggregate[] {
  const assigned = [...array.aggregates.values()].filter(({ svms }) => svms.includes(uuid))
  return assigned.sort((a, b) => compare(a.name, b.name))
}

/** What hosts have written counts where somebody says how much it is, beyond what thick volumes reserve. */
export function usedOf(array: OntapArray, { name, otherUsed }: Aggregate): number {
  return otherUsed + array.volumes.reservedOf(name)
}

export function availableOf(array: OntapArray, aggregate: Aggregate): number {
  return Math.max(0, aggregate.size - usedOf(array, aggregate))
}

/** @throws ArrayFault no-aggregate | not-assigned */
export function usableAggregate(array: OntapArray, svm: Svm, name: string): Aggregate {
  const aggregate = array.aggregates.get(name)
  if (!aggregate) throw new ArrayFault('no-aggregate', { aggregate: name, svm: svm.name })
  if (!aggregate.svms.includes(svm.uuid)) throw new ArrayFault('not-assigned', { aggregate: name, svm: svm.name })
  return aggregate
}

/** @throws ArrayFault no-space */
export function takeRoom(array: OntapArray, name: string, bytes: number): void {
  const aggregate = array.aggregates.get(name)
  if (!aggregate) return
  const available = availableOf(array, aggregate)
  if (bytes > available) throw new ArrayFault('no-space', { aggregate: name, needed: bytes, available })
}
