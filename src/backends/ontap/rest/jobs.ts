/** Work that the array does after it has answered. */

import type { Context } from '../../../context.ts'
import { hasCode } from '../../../errors.ts'
import { sleep } from '../../../retry.ts'
import type { Fields } from '../../fields.ts'
import { NoAnswer } from '../../network-faults.ts'
import { type Call, operationOf } from './call.ts'
import type { RestClient } from './client.ts'
import { faultOf, type OntapFault } from './faults.ts'
import { part, textIn, wordIn } from './maybe.ts'

/** The array no longer knows the job, as from five minutes after its end: look at what it was to do. */
export class VanishedJob extends NoAnswer {}

/**
 * Waits until the array is done with a job.
 *
 * @param call the one that became the job
 * @throws OntapFault with which it ended, VanishedJob
 */
export async function waitForJob(client: RestClient, ctx: Context, call: Call, uuid: string): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    const end = await endOf(client, ctx, call, uuid)
    if (end === 'well') return
    if (end !== 'not yet') throw end
    await sleep(pollPauseMs(attempt), ctx.signal)
  }
}

/** Between two looks at something that takes seconds to minutes. */
export function pollPauseMs(attempt: number): number {
  return Math.min(4_000, 250 * 1.5 ** Math.min(attempt, 20))
}

type End = 'not yet' | 'well' | OntapFault

async function endOf(client: RestClient, ctx: Context, call: Call, uuid: string): Promise<End> {
  const look: Call = {
    method: 'GET',
    path: '/cluster/jobs/{uuid}',
    keys: { uuid },
    query: { fields: 'state,message,code,error' },
  }
  try {
    return await client.object(ctx, look, (job) => read(client.address, call, job))
  } catch (error) {
    if (!hasCode(error, 'NOT_FOUND')) throw error
    throw new VanishedJob(
      `Cannot tell what became of ${operationOf(call)} on ${client.address}: the array no longer knows the job it made of it. See whether it is done, then try again.`,
      { mayBeDone: true, cause: error },
    )
  }
}

/** Of states that are not known, later ones will tell. */
function read(address: string, call: Call, job: Fields): End {
  const state = job.text('state')
  if (state === 'success') return 'well'
  if (state !== 'failure') return 'not yet'
  const error = part(job, 'error')
  const code = wordIn(error, 'code') ?? wordIn(job, 'code') ?? '0'
  return faultOf(address, call, code, textIn(error, 'message') ?? textIn(job, 'message') ?? '')
}
