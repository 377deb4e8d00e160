/** Export policies of an SVM, by REST. */

import type { Context } from '../../../context.ts'
import { BackendError, hasCode } from '../../../errors.ts'
import type { Fields } from '../../fields.ts'
import type { OntapExportRule, OntapExports, OntapSvm } from '../ontap.ts'
import type { Call } from './call.ts'
import type { RestClient } from './client.ts'
import { exactly } from './query.ts'

const POLICIES = '/protocols/nfs/export-policies'
const RULES = '/protocols/nfs/export-policies/{id}/rules'

const FIELDS = 'index,clients.match,protocols,ro_rule,rw_rule,superuser'

/** A rule like it is there. */
const IDENTICAL = '1704070'

export function restExports(client: RestClient, svm: OntapSvm): OntapExports {
  /** IDs by name, as a look at rules takes one. */
  const known = new Map<string, number>()

  async function idOf(ctx: Context, name: string): Promise<number | undefined> {
    const query = { 'svm.uuid': svm.uuid, name: exactly(name), fields: 'id,name' }
    const [id] = await client.records(ctx, { method: 'GET', path: POLICIES, query }, (row) =>
      row.text('name') === name ? row.count('id') : undefined,
    )
    if (id === undefined) known.delete(name)
    else known.set(name, id)
    return id
  }

  /** With the ID that is known; once more when there is no longer a policy of that ID. */
  async function withId<T>(ctx: Context, name: string, work: (id: number) => Promise<T>): Promise<T | undefined> {
    const before = known.get(name)
    if (before !== undefined) {
      try {
        return await work(before)
      } catch (error) {
        if (!hasCode(error, 'NOT_FOUND')) throw error
      }
    }
    const id = await idOf(ctx, name)
    return id === undefined ? undefined : work(id)
  }

  return {
    rules: (ctx, policy) =>
      withId(ctx, policy, (id) => client.records(ctx, { ...at(id), query: { fields: FIELDS } }, readRule)),

    async createPolicy(ctx, policy) {
      const body = { svm: { uuid: svm.uuid }, name: policy }
      await client.change(ctx, { method: 'POST', path: POLICIES, body }, 'if-refused')
    },

    async addRule(ctx, policy, clients) {
      const body = {
        clients: [{ match: clients }],
        protocols: ['nfs'],
        ro_rule: ['any'],
        rw_rule: ['any'],
        superuser: ['any'],
      }
      const done = await withId(ctx, policy, async (id) => {
        await client.change(ctx, { ...at(id), method: 'POST', body }, 'if-refused', [IDENTICAL])
        return true
      })
      if (done) return
      throw new BackendError(
        'NOT_FOUND',
        `SVM "${svm.name}" on ${client.address} has no export policy "${policy}". See "vserver export-policy show".`,
      )
    },
  }
}

function at(id: number): Call {
  return { method: 'GET', path: RULES, keys: { id } }
}

function readRule(row: Fields): OntapExportRule {
  const texts = (name: string) => (row.has(name) ? row.texts(name) : [])
  return {
    index: row.count('index'),
    clients: row.has('clients') ? row.list('clients', (client) => client.text('match')) : [],
    protocols: texts('protocols'),
    ro: texts('ro_rule'),
    rw: texts('rw_rule'),
    superuser: texts('superuser'),
  }
}
