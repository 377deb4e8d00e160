/** Results of calls that answer before they are done: here, clones. */

import { Fault } from '../faults.ts'
import type { Params } from '../params.ts'
import type { CloneJob, ElementArray } from '../state.ts'
import { atLeast } from '../versions.ts'
import { timeText, type View } from '../views.ts'

/**
 * GetAsyncResult. A complete result is gone once it was fetched, unless `keepResult` is true.
 *
 * From which version on the newer of the two errors is used is unsure.
 *
 * @see docs.netapp.com/us-en/element-software/api/reference_element_api_getasyncresult.html
 */
export function getAsyncResult(array: ElementArray, params: Params, version: string): View {
  const handle = params.number('asyncHandle')
  const job = array.jobs.get(handle)
  if (!job) throw noHandle(handle, version)
  if (!job.done) return { ...timesOf(job), details: {}, resultType: 'Clone', status: 'running' }
  if (params.optionalFlag('keepResult') !== true) array.jobs.delete(handle)
  return { ...timesOf(job), ...outcomeOf(array, job), resultType: 'Clone', status: 'complete' }
}

/** ListAsyncResults. */
export function listAsyncResults(array: ElementArray, params: Params): View {
  const types = params.optionalList('asyncResultTypes') ?? []
  const shown = types.length === 0 || types.includes('Clone')
  const results = [...(shown ? array.jobs.values() : [])].map((job) => ({
    asyncResultID: job.asyncHandle,
    completed: job.done,
    ...timesOf(job),
    data: { cloneID: job.cloneID, volumeID: job.volumeID, ...(job.done && { message: COMPLETE }) },
    resultType: 'Clone',
    success: job.done && !('error' in outcomeOf(array, job)),
  }))
  return { asyncHandles: results }
}

const COMPLETE = 'Clone complete.'

function timesOf({ createdAt, readyAt, done }: CloneJob): View {
  return { createTime: timeText(createdAt), lastUpdateTime: timeText(done ? readyAt : createdAt) }
}

/** A clone that was deleted while it was made has failed. */
function outcomeOf({ volumes }: ElementArray, { cloneID, volumeID }: CloneJob): View {
  const volume = volumes.get(volumeID)
  if (volume && volume.status !== 'deleted') return { result: { cloneID, message: COMPLETE, volumeID } }
  return { error: { message: `VolumeID ${volumeID} does not exist.`, name: 'xVolumeIDDoesNotExist' } }
}

function noHandle(handle: number, version: string): Fault {
  if (atLeast(version, '9.0')) return new Fault('xAsyncHandleDoesNotExist', `Async handle ${handle} does not exist.`)
  const path = `/asyncresults/${handle}`
  return new Fault('xDBNoSuchPath', `DBClient operation requested on a non-existent path at [${path}]`)
}
