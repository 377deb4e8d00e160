/** CloneVolume, and the job it starts. */

import { Fault, noSnapshot } from '../faults.ts'
import type { Params } from '../params.ts'
import { type CloneJob, type ElementArray, nextId, now, type Volume } from '../state.ts'
import { CURVE, type View, volumeView } from '../views.ts'
import { ACCESS, liveVolume, makeVolume, sizeOf } from './volumes.ts'

/**
 * CloneVolume. What is not given is taken from the source, but for access groups. The volume is `init` until the job is
 * done. Its size may be smaller than the source's.
 *
 * A source that is itself still `init` is refused with xSliceNotRegistered (seen by clients, the case is unsure).
 *
 * @see docs.netapp.com/us-en/element-software/api/reference_element_api_clonevolume.html
 */
export function cloneVolume(array: ElementArray, params: Params, version: string): View {
  const source = liveVolume(array, params.number('volumeID'))
  if (source.status === 'init') {
    throw new Fault('xSliceNotRegistered', `The slice of volume ${source.volumeID} is not registered.`)
  }
  const snapshotID = params.optionalNumber('snapshotID')
  const snapshot = snapshotID === undefined ? undefined : array.snapshots.get(snapshotID)
  if (snapshotID !== undefined && snapshot?.volumeID !== source.volumeID) throw noSnapshot(snapshotID)
  ensureRoom(array, source)

  const asked = params.optionalNumber('newSize')
  const volume = makeVolume(array, {
    name: params.text('name'),
    accountID: params.optionalNumber('newAccountID') ?? source.accountID,
    totalSize: asked === undefined ? (snapshot ?? source).totalSize : sizeOf(array.limits, asked),
    enable512e: params.optionalFlag('enable512e') ?? source.enable512e,
    attributes: params.optionalAttributes() ?? source.attributes,
    access: params.optionalChoice('access', ACCESS) ?? source.access,
    status: 'init',
    qos: source.qos,
    qosPolicyID: source.qosPolicyID,
  })
  const { volumeID } = volume
  const job = startJob(array, source, volume)
  const from = snapshotID === undefined ? { volumeID: source.volumeID } : { snapshotID }
  array.effects.push({ kind: 'copy', from, volumeID })
  return {
    asyncHandle: job.asyncHandle,
    cloneID: job.cloneID,
    curve: CURVE,
    volume: volumeView(array, volume, version),
    volumeID,
  }
}

/** @throws Fault xMaxClonesPerVolumeExceeded | xMaxClonesPerNodeExceeded */
function ensureRoom({ jobs, limits }: ElementArray, { volumeID }: Volume): void {
  const running = [...jobs.values()].filter(({ done }) => !done)
  if (running.filter(({ source }) => source === volumeID).length >= limits.cloneJobsPerVolumeMax) {
    throw new Fault('xMaxClonesPerVolumeExceeded', `Volume ${volumeID} is being cloned as often as it can be at once.`)
  }
  // One node stands for the cluster.
  if (running.length >= limits.cloneJobsPerNodeMax) {
    throw new Fault('xMaxClonesPerNodeExceeded', 'The node has as many clone jobs as it can have at once.')
  }
}

function startJob(array: ElementArray, source: Volume, volume: Volume): CloneJob {
  const createdAt = now(array)
  const job = {
    asyncHandle: nextId(array, 'job'),
    cloneID: nextId(array, 'clone'),
    source: source.volumeID,
    volumeID: volume.volumeID,
    createdAt,
    readyAt: createdAt + array.cloneMs,
    done: false,
  }
  array.jobs.set(job.asyncHandle, job)
  return job
}
