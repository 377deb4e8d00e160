/** The queue that keeps deleted volumes, under names with their numbers behind. */

import { ArrayFault } from '../../faults.ts'
import { purgeFromQueue, recoverFromQueue, recoveryQueue } from '../../operations/deletion.ts'
import type { Svm } from '../../state/svm.ts'
import type { Volume } from '../../state/volume.ts'
import { type Answer, type Call, listing, svmName, svmsOf } from '../call.ts'
import { sortedBy } from '../iterators.ts'
import type { Shape } from '../records.ts'

/** volume-recovery-queue-get-iter. Names of its fields beside the two of names are unsure. */
export function getQueue(call: Call): Answer {
  const { array } = call
  const rows = svmsOf(call).flatMap(({ uuid }) => recoveryQueue(array, uuid))
  const shape: Shape<Volume> = {
    'deletion-request-time': ({ deletedAt = 0 }) => Math.floor(deletedAt / 1000),
    'retention-hours': ({ svm }) => array.svms.get(svm)?.retentionHours,
    'volume-name': ({ name }) => name,
    'vserver-name': ({ svm }) => svmName(array, svm),
  }
  const keys = ({ svm, name }: Volume) => [svmName(array, svm), name]
  return listing(call, { record: 'volume-recovery-queue-info', shape, rows: sortedBy(rows, keys), keys })
}

/** volume-recovery-queue-purge. */
export function purge(call: Call): Answer {
  purgeFromQueue(call.array, ownerIn(call).uuid, call.input.text('volume-name'))
}

/** volume-recovery-queue-recover. */
export function recover(call: Call): Answer {
  recoverFromQueue(call.array, ownerIn(call).uuid, call.input.text('volume-name'))
}

function ownerIn(call: Call): Svm {
  const name = call.input.optionalText('vserver-name') ?? call.svm?.name ?? ''
  const svm = svmsOf(call).find((candidate) => candidate.name === name)
  if (svm) return svm
  throw new ArrayFault('no-svm', { svm: name })
}
