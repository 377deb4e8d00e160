/** Which SVM is worked with, by REST. */

import type { Context } from '../../../context.ts'
import { BackendError, hasCode } from '../../../errors.ts'
import type { OntapSvm } from '../ontap.ts'
import { chooseSvm, spellingsOf } from '../svm-choice.ts'
import type { Call } from './call.ts'
import type { RestClient } from './client.ts'
import { exactly } from './query.ts'

/**
 * The SVM of that name, or the only one that can be seen.
 *
 * @throws ConfigError CONFIG_INVALID, BackendError NOT_FOUND
 */
export async function findSvm(client: RestClient, ctx: Context, name: string | undefined): Promise<OntapSvm> {
  const list = (filter?: string) =>
    client.records(ctx, svms(filter), (row) => ({ name: row.text('name'), uuid: row.text('uuid') }))
  const filter = name === undefined ? undefined : spellingsOf(name).map(exactly).join('|')
  const found = await list(filter)
  return chooseSvm(client.address, name, found, () => list())
}

/**
 * An SVM that was deleted, or whose user was moved, has no volumes to show, and no error either.
 *
 * @throws BackendError REFUSED
 */
export async function ensureSeen(client: RestClient, ctx: Context, { name, uuid }: OntapSvm): Promise<void> {
  const call: Call = { method: 'GET', path: '/svm/svms/{uuid}', keys: { uuid }, query: { fields: 'name' } }
  try {
    await client.object(ctx, call, () => undefined)
  } catch (error) {
    if (!hasCode(error, 'NOT_FOUND', 'REFUSED')) throw error
    throw new BackendError(
      'REFUSED',
      `SVM "${name}" on ${client.address} can no longer be seen by this user: what is not shown may still be there. See "vserver show", and that the user belongs to the SVM: "security login show".`,
      { cause: error },
    )
  }
}

function svms(name: string | undefined): Call {
  return { method: 'GET', path: '/svm/svms', query: name === undefined ? {} : { name } }
}
