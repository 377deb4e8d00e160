/** Work that the array does after it has answered. */

import type { Context } from '../../../context.ts'
import { BackendError, hasCode } from '../../../errors.ts'
import { sleep } from '../../../retry.ts'
import type { Fields } from '../../fields.ts'
import { NoAnswer } from '../../network-faults.ts'
import { type Call, operationOf } from './call.ts'
import type { RestClient } from './client.ts'
import { EmptyAnswer } from './exchange.ts'
import { faultOf, OntapFault } from './faults.ts'
import { part, textIn, wordIn } from './maybe.ts'

/** The array no longer knows the job, as from five minutes after its end: look at what it was to do. */
export class VanishedJob extends NoAnswer {}

/**
 * Waits until the array is done with a job. A look that fails loses nothing: there will be another.
 *
 * @param call the one that became the job
 * @throws OntapFault with which it ended, VanishedJob, BackendError UNREACHABLE when it takes too long
 */
export async function waitForJob(
  client: RestClient,
  ctx: Context,
  call: Call,
  uuid: string,
  patienceMs = PATIENCE_MS,
): Promise<void> {
  const until = performance.now() + patienceMs
  for (let attempt = 0; ; attempt++) {
    const end = await endOf(client, ctx, call, uuid)
    if (end === 'well') return
    if (end instanceof OntapFault) throw end
    if (performance.now() >= until) throw endless(client, call, uuid, end)
    await sleep(pollPauseMs(attempt), ctx.signal)
  }
}

const PATIENCE_MS = 15 * 60_000

/** Not one that is asked again: the array is at it. */
function endless(client: RestClient, call: Call, uuid: string, { failed }: Unfinished): BackendError {
  const found = failed === undefined ? 'is still running' : 'cannot be seen'
  return new BackendError(
    'UNREACHABLE',
    `Cannot tell what became of ${operationOf(call)} on ${client.address}: the job the array made of it, ${uuid}, ${found}. The array may do it all the same. See "job show", then try again.`,
    { cause: failed },
  )
}

/** Between two looks at something that takes seconds to minutes. */
export function pollPauseMs(attempt: number): number {
  return Math.min(4_000, 250 * 1.5 ** Math.min(attempt, 20))
}

/** With what failed if it could not be seen. */
interface Unfinished {
  readonly failed?: unknown
}

type End = 'well' | OntapFault | Unfinished

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
    ctx.signal.throwIfAborted()
    if (hasCode(error, 'UNREACHABLE', 'BUSY') || error instanceof EmptyAnswer) return { failed: error }
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
  if (state !== 'failure') return {}
  const error = part(job, 'error')
  const code = wordIn(error, 'code') ?? wordIn(job, 'code') ?? '0'
  return faultOf(address, call, code, textIn(error, 'message') ?? textIn(job, 'message') ?? '')
}
