/** FlexGroups, and the asynchronous twins of APIs of volumes. They name a volume by `volume-name`, not by `volume`. */

import { ArrayFault } from '../../faults.ts'
import { takeRoom } from '../../operations/aggregates.ts'
import { planConstituents } from '../../operations/flexgroups.ts'
import { checkNewVolume, type NewVolume } from '../../operations/volumes.ts'
import type { OntapArray } from '../../state.ts'
import { type Answer, type Call, svmOf } from '../call.ts'
import { missingInput } from '../errors.ts'
import { apiFaultOf } from '../faults.ts'
import { inJob } from './jobs.ts'
import { named, newSize, settingsOf } from './volumes.ts'

/**
 * volume-create-async. What is wrong with it is refused; what is too small or has no room has begun, and failed: then the
 * call passes. That the array sees this before there is a job is unsure.
 */
export function create(call: Call): Answer {
  const { array, input } = call
  const size = input.optionalNumber('size')
  const wanted = { svm: svmOf(call).uuid, name: input.text('volume-name'), ...placeOf(call), ...settingsOf(input) }
  const volume = { ...wanted, ...(size !== undefined && { size }) }
  checkNewVolume(array, volume)
  try {
    checkRoom(array, volume)
  } catch (error) {
    if (!(error instanceof ArrayFault)) throw error
    const { errno, message } = apiFaultOf(error, input.api, array.release)
    return { 'result-error-code': errno, 'result-error-message': message, 'result-status': 'failed' }
  }
  return inJob(call, { kind: 'create-volume', volume })
}

/** volume-size-async. */
export function size(call: Call): Answer {
  const volume = named(call, 'volume-name')
  return inJob(call, { kind: 'change-volume', volume: volume.uuid, change: { size: newSize(call.input, volume.size) } })
}

/** volume-destroy-async. */
export function destroy(call: Call): Answer {
  const volume = named(call, 'volume-name')
  const unmountAndOffline = call.input.optionalFlag('unmount-and-offline') ?? false
  return inJob(call, { kind: 'delete-volume', volume: volume.uuid, how: { unmountAndOffline, purge: false } })
}

/** @throws ArrayFault too-small | no-space */
function checkRoom(array: OntapArray, volume: NewVolume): void {
  if (volume.style !== 'flexgroup') return
  const { aggregates, smallest } = planConstituents(array, volume)
  const { name, size = smallest, guarantee = 'volume' } = volume
  if (size < smallest) throw new ArrayFault('too-small', { volume: name, size, smallest })
  if (guarantee === 'volume') for (const place of aggregates) takeRoom(array, place, size / aggregates.length)
}

/** One aggregate is for a FlexVol, a list for a FlexGroup, and `auto-provision-as` for all that the SVM has. */
function placeOf({ input }: Call): Pick<NewVolume, 'style' | 'aggregates' | 'constituentsPerAggregate'> {
  const aggregate = input.optionalText('containing-aggr-name')
  if (aggregate !== undefined) return { style: 'flexvol', aggregates: [aggregate] }
  const aggregates = input.optionalTexts('aggr-list')
  const automatic = input.optionalChoice('auto-provision-as', ['flexgroup'])
  if (!aggregates && !automatic) throw missingInput('aggr-list')
  const multiplier = input.optionalNumber('aggr-list-multiplier')
  return {
    style: 'flexgroup',
    aggregates: aggregates ?? [],
    ...(multiplier !== undefined && { constituentsPerAggregate: multiplier }),
  }
}
