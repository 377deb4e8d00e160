/** Work that the array does after it has answered. */

import type { Context } from '../../context.ts'
import { hasCode } from '../../errors.ts'
import { sleep } from '../../retry.ts'
import type { Fields } from '../fields.ts'
import type { Client } from './client.ts'
import { type ElementFault, faultOf } from './faults.ts'

/**
 * Waits until the array is done with a job.
 *
 * The array forgets a job once its end was told, so when that telling was lost a bad end looks like a good one:
 * look at what the job was to make.
 *
 * @param what such as `CloneVolume`, for the fault that ended it
 * @throws BackendError with that fault
 */
export async function waitForJob(client: Client, ctx: Context, asyncHandle: number, what: string): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    const end = await endOf(client, ctx, asyncHandle, what)
    if (end === 'well') return
    if (end !== 'not yet') throw end
    await sleep(pollPauseMs(attempt), ctx.signal)
  }
}

/** Between two looks at something that takes seconds to minutes. */
export function pollPauseMs(attempt: number): number {
  return Math.min(4_000, 250 * 1.5 ** Math.min(attempt, 20))
}

type End = 'not yet' | 'well' | ElementFault

async function endOf(client: Client, ctx: Context, asyncHandle: number, what: string): Promise<End> {
  const read = (result: Fields): End => {
    if (result.text('status') === 'running') return 'not yet'
    if (!result.has('error')) return 'well'
    const error = result.fields('error')
    return faultOf(what, error.text('name'), error.has('message') ? error.text('message') : '')
  }
  try {
    return await client.call(ctx, { method: 'GetAsyncResult', params: { asyncHandle } }, 'freely', read)
  } catch (error) {
    if (hasCode(error, 'NOT_FOUND')) return 'well'
    throw error
  }
}
