/** Work that goes on after the answer, and how it is told of. */

import { type Job, startJob, stateOf } from '../../jobs.ts'
import type { Work } from '../../operations/work.ts'
import { type Answer, type Call, listing, svmName, svmOf } from '../call.ts'
import { apiFaultOf } from '../faults.ts'
import { sortedBy } from '../iterators.ts'
import type { Shape } from '../records.ts'
import type { View } from '../views.ts'

/** Begins `work`, and answers with the job to ask for. */
export function inJob(call: Call, work: Work, ms?: number): View {
  const { array, input } = call
  const { id } = startJob(array, { svm: svmOf(call).uuid, description: input.api, work }, ms)
  return { 'result-jobid': id, 'result-status': 'in_progress' }
}

/** job-get-iter, of the cluster. Jobs that were done some minutes ago are in it no longer. */
export function getJobs(call: Call): Answer {
  const { array } = call
  const failureOf = ({ description, outcome }: Job) =>
    outcome?.state === 'failure' ? apiFaultOf(outcome, description, array.release) : undefined
  const shape: Shape<Job> = {
    'job-completion': (job) => failureOf(job)?.message ?? (job.outcome ? 'Complete: Successful' : undefined),
    'job-description': ({ description }) => description,
    'job-id': ({ id }) => id,
    'job-name': ({ description }) => description,
    'job-progress': (job) => (job.outcome ? 'Complete' : 'In progress'),
    'job-state': (job) => stateOf(array, job),
    'job-status-code': (job) => (job.outcome ? Number(failureOf(job)?.errno ?? 0) : undefined),
    'job-uuid': ({ uuid }) => uuid,
    'job-vserver': ({ svm }) => svmName(array, svm),
  }
  const keys = ({ id }: Job) => [String(id).padStart(10, '0')]
  return listing(call, { record: 'job-info', shape, rows: sortedBy([...array.jobs.values()], keys), keys })
}
