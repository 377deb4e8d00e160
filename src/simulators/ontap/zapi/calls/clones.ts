/** FlexClones. */

import { defined } from '../../defined.ts'
import { ArrayFault } from '../../faults.ts'
import {
  checkNewClone,
  createClone,
  type NewClone,
  splitProgress,
  startSplit,
  stopSplit,
} from '../../operations/clones.ts'
import type { Volume } from '../../state/volume.ts'
import { type Answer, type Call, listing, svmName, svmOf } from '../call.ts'
import type { Shape } from '../records.ts'
import { inJob } from './jobs.ts'
import { liveVolumes } from './volume-list.ts'
import { named, refuseFlexGroup } from './volumes.ts'

/** volume-clone-create. The clone is there when it is answered, and not mounted unless a release can that at once. */
export function create(call: Call): Answer {
  const { array, input } = call
  const wanted = wantedIn(call)
  const parent = array.volumes.named(wanted.svm, input.text('parent-volume'))
  if (parent) refuseFlexGroup(parent)
  createClone(array, wanted)
}

/** volume-clone-create-async, of FlexGroups too. */
export function createAsync(call: Call): Answer {
  const clone = wantedIn(call)
  checkNewClone(call.array, clone)
  return inJob(call, { kind: 'create-clone', clone })
}

/** volume-clone-split-start: it goes on by itself. */
export function split(call: Call): Answer {
  const { array } = call
  const { uuid } = named(call, 'volume')
  startSplit(array, uuid)
  return inJob(call, { kind: 'nothing' }, array.durations.split)
}

/** volume-clone-split-stop. */
export function stop(call: Call): Answer {
  stopSplit(call.array, named(call, 'volume').uuid)
}

/** volume-clone-split-status: of one volume, or of all that are being split. */
export function status(call: Call): Answer {
  const { array, input } = call
  const volumes = input.has('volume') ? [named(call, 'volume')] : liveVolumes(call)
  const details = volumes.flatMap((volume) => {
    const percent = splitProgress(array, volume)
    return percent === undefined ? [] : [{ name: volume.name, 'block-percentage-complete': percent }]
  })
  if (input.has('volume') && details.length === 0) {
    throw new ArrayFault('not-splitting', { volume: input.text('volume') })
  }
  return { 'clone-split-details': { 'clone-split-detail-info': details } }
}

/** volume-clone-get-iter. */
export function getClones(call: Call): Answer {
  const { array } = call
  const rows = liveVolumes(call).filter(({ clone }) => clone !== undefined)
  const parentOf = ({ clone }: Volume) => array.volumes.get(clone?.parent ?? '')?.name
  const shape: Shape<Volume> = {
    'parent-snapshot': ({ clone }) => clone?.snapshot,
    'parent-volume': parentOf,
    'parent-vserver': ({ svm }) => svmName(array, svm),
    'split-volume-completed-percent': (volume) => splitProgress(array, volume),
    volume: ({ name }) => name,
    vserver: ({ svm }) => svmName(array, svm),
  }
  return listing(call, { record: 'volume-clone-info', shape, rows, keys: ({ svm, name }) => [svm, name] })
}

/** Of a source in the same SVM, as cloning into another is not simulated. */
function wantedIn(call: Call): NewClone {
  const { input } = call
  const { uuid: svm, name: svmName } = svmOf(call)
  const [parent, parentSvm = svmName] = [input.text('parent-volume'), input.optionalText('parent-vserver')]
  if (parentSvm !== svmName) throw new ArrayFault('no-parent', { volume: parent, svm: parentSvm })
  const guarantee = input.optionalChoice('space-reserve', ['none', 'volume'])
  return {
    svm,
    name: input.text('volume'),
    parent,
    ...defined({
      snapshot: input.optionalText('parent-snapshot') || undefined,
      junction: input.optionalText('junction-path') || undefined,
      guarantee,
      qosPolicy: input.optionalText('qos-policy-group-name') ?? input.optionalText('qos-adaptive-policy-group-name'),
    }),
  }
}
