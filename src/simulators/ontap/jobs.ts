/** Work that an array does after it has answered. The clock moves it: see settle.ts. */

import { randomUUID } from 'node:crypto'
import type { FaultKind, FaultValues } from './faults.ts'
import type { Work } from './operations/work.ts'
import { nextId, now, type OntapArray } from './state.ts'

export interface Job {
  readonly uuid: string
  /** As ZAPI numbers them. */
  readonly id: number
  /** UUID of the SVM it is for. */
  readonly svm: string
  /** `POST /api/storage/volumes/UUID` */
  readonly description: string
  readonly queuedAt: number
  /** It is `queued` until then, and `running` from then on. */
  readonly startsAt: number
  readonly endsAt: number
  /** Absent until it is done. */
  readonly outcome?: JobOutcome
  readonly work: Work
}

export type JobOutcome =
  | { readonly state: 'success'; readonly note?: JobNote }
  | { readonly state: 'failure'; readonly kind: FaultKind; readonly values: FaultValues }

/** A rule that was stored, but is not enforced: REST calls that an error. */
export type JobNote = 'stored-quotas-off'

/** Finished jobs are forgotten after so long. */
export const JOB_KEPT_MS = 300_000

/** Begins a job, which will do `work` once its time has come. */
export function startJob(array: OntapArray, job: Pick<Job, 'svm' | 'description' | 'work'>, ms?: number): Job {
  const queuedAt = now(array)
  const duration = ms ?? array.durations.job
  const made = {
    uuid: randomUUID(),
    id: nextId(array, 'job'),
    ...job,
    queuedAt,
    startsAt: queuedAt + Math.floor(duration / 4),
    endsAt: queuedAt + duration,
  }
  array.jobs.set(made.uuid, made)
  return made
}

export type JobState = 'queued' | 'running' | 'success' | 'failure'

export function stateOf(array: OntapArray, { outcome, startsAt }: Job): JobState {
  return outcome?.state ?? (now(array) < startsAt ? 'queued' : 'running')
}
