/** Export policies and their rules by ONTAPI. */

import type { Context } from '../../../context.ts'
import { hasCode } from '../../../errors.ts'
import type { OntapExportRule, OntapExports } from '../ontap.ts'
import type { Client } from './client.ts'
import type { XmlFields } from './fields.ts'
import { exactly } from './patterns.ts'

export function zapiExports(client: Client): OntapExports {
  return {
    async rules(ctx, policy) {
      const query = { 'policy-name': exactly(policy) }
      const rules = await client.list(
        ctx,
        { api: 'export-rule-get-iter', row: 'export-rule-info', query, desired: WANTED },
        readRule,
      )
      const own = rules.filter((rule) => rule.policy === undefined || rule.policy === policy).map(({ rule }) => rule)
      if (own.length > 0) return [...own].sort((a, b) => a.index - b.index)
      return (await hasExportPolicy(client, ctx, policy)) ? [] : undefined
    },

    async createPolicy(ctx, policy) {
      await client.run(ctx, { api: 'export-policy-create', input: { 'policy-name': policy } }, 'if-refused')
    },

    async addRule(ctx, policy, clients) {
      const anySecurity = { 'security-flavor': 'any' }
      const input = {
        'policy-name': policy,
        'client-match': clients,
        protocol: { 'access-protocol': 'nfs' },
        'ro-rule': anySecurity,
        'rw-rule': anySecurity,
        'super-user-security': anySecurity,
      }
      const call = { api: 'export-rule-create', input }
      await client.run(ctx, call, 'if-refused', (fault) => hasCode(fault, 'ALREADY_EXISTS'))
    },
  }
}

export async function hasExportPolicy(client: Client, ctx: Context, policy: string): Promise<boolean> {
  const [query, desired] = [{ 'policy-name': exactly(policy) }, { 'policy-name': '' }]
  const listing = { api: 'export-policy-get-iter', row: 'export-policy-info', query, desired }
  const policies = await client.list(ctx, listing, (row) => row.text('policy-name'))
  return policies.includes(policy)
}

const FLAVOR = { 'security-flavor': '' }
const WANTED = {
  'client-match': '',
  'policy-name': '',
  protocol: { 'access-protocol': '' },
  'ro-rule': FLAVOR,
  'rule-index': '',
  'rw-rule': FLAVOR,
  'super-user-security': FLAVOR,
}

function readRule(row: XmlFields): { readonly policy: string | undefined; readonly rule: OntapExportRule } {
  return {
    policy: row.optionalText('policy-name'),
    rule: {
      index: row.count('rule-index'),
      clients: (row.optionalText('client-match') ?? '')
        .split(',')
        .map((client) => client.trim())
        .filter(Boolean),
      protocols: row.texts('protocol', 'access-protocol'),
      ro: row.texts('ro-rule', 'security-flavor'),
      rw: row.texts('rw-rule', 'security-flavor'),
      superuser: row.texts('super-user-security', 'security-flavor'),
    },
  }
}
