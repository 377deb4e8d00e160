/** Users and their roles, by REST. */

import type { Fields } from '../../fields.ts'
import type { OntapRight, OntapRoles } from '../ontap.ts'
import type { Call } from './call.ts'
import type { RestClient } from './client.ts'
import { part, textIn } from './maybe.ts'
import { exactly } from './query.ts'

export function restRoles(client: RestClient): OntapRoles {
  return {
    async ofUser(ctx, user) {
      const query = { name: exactly(user), fields: 'owner.uuid,role.name,scope' }
      const accounts = await client.records(ctx, { method: 'GET', path: '/security/accounts', query }, readAccount)
      const account = accounts.find(({ scope }) => scope === 'cluster') ?? accounts[0]
      if (!account) return undefined
      const call: Call = {
        method: 'GET',
        path: '/security/roles/{owner.uuid}/{name}',
        keys: { 'owner.uuid': account.owner, name: account.role },
        query: { fields: 'privileges' },
      }
      return client.object(ctx, call, (role) => ({
        name: account.role,
        // Of a role that is written in commands there are none.
        rights: role.has('privileges') ? role.list('privileges', readRight).filter(({ to }) => to.startsWith('/')) : [],
      }))
    },
  }
}

function readAccount(row: Fields) {
  return {
    owner: row.fields('owner').text('uuid'),
    role: row.fields('role').text('name'),
    scope: textIn(row, 'scope') ?? (part(row, 'svm') ? 'svm' : 'cluster'),
  }
}

const ACCESS = /^(?:none|readonly|read_create|read_modify|read_create_modify|all)$/

function readRight(privilege: Fields): OntapRight {
  const access = privilege.matching('access', ACCESS, 'a kind of access') as OntapRight['access']
  return { to: privilege.text('path'), access }
}
