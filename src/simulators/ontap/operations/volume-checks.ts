/** What is looked at before a volume is made or changed. */

import { ArrayFault } from '../faults.ts'
import { LARGEST_VOLUME, LONGEST_COMMENT } from '../limits.ts'
import { isAtLeast } from '../releases.ts'
import type { Svm } from '../state/svm.ts'
import type { OntapArray } from '../state.ts'
import { exportPolicyNamed } from './find.ts'
import type { VolumeChange } from './volume-changes.ts'
import type { NewVolume } from './volumes.ts'

export function checkNameIsFree(array: OntapArray, svm: Svm, name: string): void {
  if (array.volumes.named(svm.uuid, name)) throw new ArrayFault('volume-exists', { volume: name, svm: svm.name })
}

type Policies = Pick<VolumeChange, 'snapshotPolicy' | 'exportPolicy' | 'qosPolicy'>

/** @throws ArrayFault no-snapshot-policy | no-export-policy | no-qos-policy */
export function checkPolicies(
  array: OntapArray,
  svm: string,
  { snapshotPolicy, exportPolicy, qosPolicy }: Policies,
): void {
  if (snapshotPolicy !== undefined && !array.snapshotPolicies.has(snapshotPolicy)) {
    throw new ArrayFault('no-snapshot-policy', { policy: snapshotPolicy })
  }
  if (exportPolicy !== undefined) exportPolicyNamed(array, svm, exportPolicy)
  if (typeof qosPolicy !== 'string') return
  const known = [...array.qosPolicies.values()].some((policy) => policy.name === qosPolicy && policy.svm === svm)
  if (!known) throw new ArrayFault('no-qos-policy', { policy: qosPolicy })
}

type Values = Pick<NewVolume, 'snapshotReserve' | 'comment' | 'encryption' | 'mode'>

export function checkValues(array: OntapArray, { snapshotReserve, comment = '', encryption, mode = 0 }: Values): void {
  if (snapshotReserve !== undefined && !isWithin(snapshotReserve, 0, 90)) {
    throw new ArrayFault('bad-value', { field: 'snapshotReserve', value: snapshotReserve })
  }
  if (comment.length > LONGEST_COMMENT) throw new ArrayFault('bad-value', { field: 'comment', value: comment })
  if (!isWithin(mode, 0, 0o7777)) throw new ArrayFault('bad-value', { field: 'mode', value: mode })
  if (encryption && !isAtLeast(array.release, '9.1')) throw new ArrayFault('not-in-release', { field: 'encryption' })
}

/** @throws ArrayFault too-small | too-large */
export function checkSize(size: number, smallest: number, volume: string): void {
  if (size < smallest) throw new ArrayFault('too-small', { volume, size, smallest })
  if (size > LARGEST_VOLUME) throw new ArrayFault('too-large', { volume, size, largest: LARGEST_VOLUME })
}

const BLOCK = 4096

export function roundUp(bytes: number): number {
  return Math.ceil(bytes / BLOCK) * BLOCK
}

function isWithin(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most
}
