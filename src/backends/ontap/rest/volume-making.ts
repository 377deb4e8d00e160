/** Has the array make a volume, and tells what it found when that cannot be told to be ours. */

import type { Context } from '../../../context.ts'
import { BackendError } from '../../../errors.ts'
import type { Call } from './call.ts'
import type { RestClient } from './client.ts'
import { VanishedJob } from './jobs.ts'
import { textIn } from './maybe.ts'
import { VOLUMES } from './volume-calls.ts'

/**
 * Makes a volume, new or a clone.
 *
 * @returns its UUID; undefined when the array does not say, or not whether it was made: look for its comment
 */
export async function makeVolume(client: RestClient, ctx: Context, body: object): Promise<string | undefined> {
  const call: Call = { method: 'POST', path: VOLUMES, query: { return_records: true }, body, job: 'awaited' }
  try {
    return textIn(await client.change(ctx, call, 'if-refused'), 'uuid') || undefined
  } catch (error) {
    if (error instanceof BackendError && error.cause instanceof VanishedJob) return undefined
    throw error
  }
}

export function noneMade(address: string, name: string): BackendError {
  return new BackendError(
    'REFUSED',
    `The array ${address} was to make volume "${name}", and then had none. See the event log of the cluster.`,
  )
}

export function anothers(address: string, name: string): BackendError {
  return new BackendError(
    'ALREADY_EXISTS',
    `The array ${address} was to make volume "${name}", and now has one of that name that somebody else made, as its comment tells. Take another name, or see "volume show -volume ${name} -fields comment".`,
  )
}
