/** Jobs. Finished ones are there for five minutes. */

import type { Reply } from '../../../server.ts'
import { ArrayFault } from '../../faults.ts'
import { type Job, stateOf } from '../../jobs.ts'
import type { RestCall } from '../call.ts'
import { noSuchEntry, type RestError } from '../errors.ts'
import { restErrorOf } from '../faults.ts'
import { list, type Resource, show } from '../records.ts'
import { number, text } from '../shape.ts'
import { timeText } from '../times.ts'
import { storedOnly } from '../writes.ts'

const JOB: Resource<Job> = {
  keys: ['uuid'],
  orderOf: ({ uuid }) => uuid,
  pathOf: ({ uuid }) => `/api/cluster/jobs/${uuid}`,
  shape: {
    uuid: text(({ uuid }) => uuid),
    description: text(({ description }) => description),
    state: text((job, array) => (errorOf(job) ? 'failure' : stateOf(array, job))),
    message: text((job, array) => errorOf(job)?.message ?? stateOf(array, job)),
    /** A number here, and text in every other error. */
    code: number((job) => Number(errorOf(job)?.code ?? 0)),
    start_time: text(({ startsAt }) => timeText(startsAt)),
    end_time: text(({ outcome, endsAt }) => outcome && timeText(endsAt)),
    'svm.name': text(({ svm }, { svms }) => svms.get(svm)?.name),
    'svm.uuid': text(({ svm }) => svm),
    'error.message': text((job) => errorOf(job)?.message, { since: '9.9.1' }),
    'error.code': text((job) => errorOf(job)?.code, { since: '9.9.1' }),
    'error.target': text((job) => errorOf(job)?.target, { since: '9.9.1' }),
    'node.name': text((_, { nodes }) => nodes[0]?.name, { since: '9.12.1' }),
  },
}

export function listJobs(call: RestCall): Reply {
  return list(call, JOB, visible(call))
}

/** @throws RestError 4, also for one that is over for five minutes */
export function getJob(call: RestCall): Reply {
  const job = visible(call).find(({ uuid }) => uuid === call.params[0])
  if (!job) throw noSuchEntry()
  return show(call, JOB, job)
}

function visible(call: RestCall): readonly Job[] {
  const jobs = [...call.array.jobs.values()].filter(({ svm }) => call.svm === undefined || svm === call.svm.uuid)
  return jobs.sort((a, b) => (a.uuid < b.uuid ? -1 : 1))
}

/** A rule that was stored while quotas are off is an error. */
function errorOf({ outcome, description }: Job): RestError | undefined {
  if (outcome?.state === 'failure') return restErrorOf(new ArrayFault(outcome.kind, outcome.values))
  return outcome?.note === undefined ? undefined : storedOnly(description.replace(/ .*/s, ''))
}
