/** What time does to an array by itself. */

import { ArrayFault } from './faults.ts'
import { JOB_KEPT_MS, type Job, type JobOutcome } from './jobs.ts'
import { endSplit } from './operations/clones.ts'
import { purgeVolume } from './operations/deletion.ts'
import { endUpdate } from './operations/mirrors.ts'
import { enforceRules } from './operations/quotas.ts'
import { perform } from './operations/work.ts'
import { now, type OntapArray } from './state.ts'

/**
 * Does the work of jobs, oldest first, ends splits, quota changes and updates of mirrors, empties the recovery queue and
 * forgets old jobs.
 *
 * @returns whether anything changed
 */
export function settle(array: OntapArray): boolean {
  const time = now(array)
  const done = [settleJobs(array, time), settleVolumes(array, time), settleMirrors(array, time)]
  return done.includes(true)
}

/** When the next thing happens by itself; undefined when nothing will, but the recovery queue and old jobs. */
export function nextEvent(array: OntapArray): number | undefined {
  const times = [
    ...[...array.jobs.values()].flatMap(({ outcome, endsAt }) => (outcome ? [] : [endsAt])),
    ...array.volumes.changing().flatMap(({ clone, quota }) => [clone?.splitUntil ?? [], quota.until ?? []].flat()),
    ...[...array.svms.values()].flatMap(({ loadSharing }) => loadSharing?.updatingUntil ?? []),
  ]
  return times.length === 0 ? undefined : Math.min(...times)
}

function settleJobs(array: OntapArray, time: number): boolean {
  const due = [...array.jobs.values()].filter(({ outcome, endsAt }) => !outcome && endsAt <= time)
  for (const job of due.sort((a, b) => a.endsAt - b.endsAt || a.id - b.id)) {
    array.jobs.set(job.uuid, { ...job, outcome: outcomeOf(array, job) })
  }
  const old = [...array.jobs.values()].filter(({ outcome, endsAt }) => outcome && endsAt + JOB_KEPT_MS <= time)
  for (const { uuid } of old) array.jobs.delete(uuid)
  return due.length + old.length > 0
}

function outcomeOf(array: OntapArray, { work }: Job): JobOutcome {
  try {
    const note = perform(array, work)
    return { state: 'success', ...(note !== undefined && { note }) }
  } catch (error) {
    if (!(error instanceof ArrayFault)) throw error
    return { state: 'failure', kind: error.kind, values: error.values }
  }
}

function settleVolumes(array: OntapArray, time: number): boolean {
  let changed = false
  for (const volume of array.volumes.changing()) {
    if (volume.quota.until !== undefined && volume.quota.until <= time) {
      enforceRules(array, volume)
      changed = true
    }
    const now = array.volumes.get(volume.uuid)!
    if (now.clone?.splitUntil !== undefined && now.clone.splitUntil <= time) {
      endSplit(array, now)
      changed = true
    }
  }
  for (const { uuid, svm, style, deletedAt = 0 } of array.volumes.deleted()) {
    if (style === 'constituent') continue
    const hours = array.svms.get(svm)?.retentionHours ?? 0
    if (deletedAt + hours * HOUR_MS > time || array.volumes.clonesOf(uuid).length > 0) continue
    purgeVolume(array, uuid)
    changed = true
  }
  return changed
}

const HOUR_MS = 3_600_000

function settleMirrors(array: OntapArray, time: number): boolean {
  let changed = false
  for (const svm of array.svms.values()) {
    const { loadSharing } = svm
    if (loadSharing?.updatingUntil === undefined || loadSharing.updatingUntil > time) continue
    endUpdate(array, svm, loadSharing)
    changed = true
  }
  return changed
}
