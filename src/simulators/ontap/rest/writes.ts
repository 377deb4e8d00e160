/** Answers to requests that change something: at once, or by a job. */

import type { Reply } from '../../server.ts'
import { ArrayFault } from '../faults.ts'
import { type Job, startJob } from '../jobs.ts'
import type { Work } from '../operations/work.ts'
import type { RestCall } from './call.ts'
import { RestError } from './errors.ts'
import { restErrorOf } from './faults.ts'
import { reply } from './records.ts'

export interface JobRequest {
  /** UUID of the SVM. */
  readonly svm: string
  readonly work: Work
  /** What a job is described by, if not by the path of the request. */
  readonly path?: string
  /** What `return_records=true` adds. */
  readonly records?: Readonly<Record<string, unknown>>
  /** Where the object can be looked for. */
  readonly location?: string
  /** 201 for what was made. */
  readonly status: 200 | 201
  /** Whether the answer never waits for the job. */
  readonly background?: true
}

/** Waits for the job as long as the request says; else the answer is 202, even if the job will fail. */
export async function byJob(call: RestCall, method: string, wanted: JobRequest): Promise<Reply> {
  const { tools, array, path, query } = call
  const { svm, work, records = {}, location, status, background = false } = wanted
  const job = startJob(array, { svm, work, description: `${method} ${wanted.path ?? path}` })
  await tools.changed()
  if (query.returnTimeout && !background) await tools.jobDone(job.uuid, query.returnTimeout * 1000)
  const outcome = array.jobs.get(job.uuid)?.outcome
  if (outcome?.state === 'failure') throw restErrorOf(new ArrayFault(outcome.kind, outcome.values))
  if (outcome?.state === 'success' && outcome.note !== undefined) throw storedOnly(method)
  const headers = location === undefined ? undefined : { location }
  return reply(call, outcome ? status : 202, { ...records, job: jobLink(call, job) }, headers)
}

/** Does it and keeps it before it answers. */
export async function atOnce(
  call: RestCall,
  status: 200 | 201,
  records: Readonly<Record<string, unknown>> = {},
  location?: string,
): Promise<Reply> {
  await call.tools.changed()
  return reply(call, status, records, location === undefined ? undefined : { location })
}

/** The rule is stored, and yet this is an error. */
export function storedOnly(method: string): RestError {
  const [code, done] = method === 'POST' ? [5_308_571, 'created'] : [5_308_572, 'changed']
  return new RestError(
    409,
    code,
    `Quota policy rule ${done} successfully. However, quota resize is skipped because quotas are off or being initialized for the volume.`,
  )
}

function jobLink({ hal }: RestCall, { uuid }: Job) {
  return { uuid, ...(hal && { _links: { self: { href: `/api/cluster/jobs/${uuid}` } } }) }
}
