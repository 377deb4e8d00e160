/** Which SVM is worked with, by REST. */

import type { Context } from '../../../context.ts'
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

function svms(name: string | undefined): Call {
  return { method: 'GET', path: '/svm/svms', query: name === undefined ? {} : { name } }
}
