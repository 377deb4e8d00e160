/** Load-sharing mirrors of an SVM's root volume, as SnapMirror tells of them. */

import { ArrayFault } from '../../faults.ts'
import { updateLoadSharing } from '../../operations/mirrors.ts'
import type { Svm } from '../../state/svm.ts'
import type { OntapArray } from '../../state.ts'
import { type Answer, type Call, listing, svmOf, svmsOf } from '../call.ts'
import { sortedBy } from '../iterators.ts'
import type { Shape } from '../records.ts'
import { inJob } from './jobs.ts'

interface Mirror {
  readonly svm: Svm
  readonly source: string
  readonly destination: string
}

/** snapmirror-get-iter. Nothing but load-sharing is mirrored here. */
export function getRelationships(call: Call): Answer {
  const { array } = call
  const rows = svmsOf(call).flatMap((svm) => mirrorsOf(array, svm))
  const shape: Shape<Mirror> = {
    'destination-location': ({ svm, destination }) => `${svm.name}:${destination}`,
    'destination-volume': ({ destination }) => destination,
    'destination-vserver': ({ svm }) => svm.name,
    'is-healthy': () => true,
    'last-transfer-end-timestamp': ({ svm }) => Math.floor((svm.loadSharing?.updatedAt ?? 0) / 1000),
    'last-transfer-type': () => 'update',
    'mirror-state': () => 'snapmirrored',
    'relationship-status': ({ svm }) => (svm.loadSharing?.updatingUntil === undefined ? 'idle' : 'transferring'),
    'relationship-type': () => 'load_sharing',
    'source-location': ({ svm, source }) => `${svm.name}:${source}`,
    'source-volume': ({ source }) => source,
    'source-vserver': ({ svm }) => svm.name,
    vserver: ({ svm }) => svm.name,
  }
  const keys = ({ svm, destination }: Mirror) => [svm.name, destination]
  return listing(call, { record: 'snapmirror-info', shape, rows: sortedBy(rows, keys), keys })
}

/** snapmirror-update-ls-set, by `svm:volume`, or by SVM and volume each. */
export function updateSet(call: Call): Answer {
  const { array, input } = call
  const svm = svmOf(call)
  const location = input.optionalText('source-location')
  const source = location ?? `${input.text('source-vserver')}:${input.text('source-volume')}`
  if (!mirrorsOf(array, svm).some((mirror) => `${svm.name}:${mirror.source}` === source)) {
    throw new ArrayFault('no-mirrors', { svm: svm.name })
  }
  updateLoadSharing(array, svm)
  return inJob(call, { kind: 'nothing' })
}

function mirrorsOf({ volumes }: OntapArray, svm: Svm): readonly Mirror[] {
  const source = volumes.get(svm.root ?? '')?.name ?? ''
  return (svm.loadSharing?.mirrors ?? []).map((uuid) => ({ svm, source, destination: volumes.get(uuid)?.name ?? '' }))
}
