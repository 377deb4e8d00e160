/** What a user's role allows, in directories of commands, by ONTAPI. */

import type { Context } from '../../../context.ts'
import type { OntapRight, OntapRoles } from '../ontap.ts'
import type { Client } from './client.ts'
import type { XmlFields } from './fields.ts'
import { exactly } from './patterns.ts'
import type { ZapiSvm } from './svm.ts'

/** Asked of whoever the LIF is of: on one of the cluster, its own users are those who can have logged in. */
export function zapiRoles(client: Client, { name, clusterName }: ZapiSvm): OntapRoles {
  const owner = clusterName ?? name
  return {
    async ofUser(ctx, user) {
      const logins = await loginsOf(client, ctx, user)
      const own = logins.filter((login) => login.owner === owner)
      const login = own.find(({ application }) => application === 'ontapi') ?? own[0] ?? logins[0]
      return login && { name: login.role, rights: await rightsOf(client, ctx, login.role, login.owner) }
    },
  }
}

interface Login {
  readonly owner: string | undefined
  readonly role: string
  readonly application: string | undefined
}

async function loginsOf(client: Client, ctx: Context, user: string): Promise<readonly Login[]> {
  const listing = {
    api: 'security-login-get-iter',
    row: 'security-login-account-info',
    query: { 'user-name': exactly(user), application: 'ontapi' },
    desired: { application: '', 'role-name': '', 'user-name': '', vserver: '' },
    scope: 'cluster' as const,
  }
  const logins = await client.list(ctx, listing, (row) => ({
    user: row.text('user-name'),
    owner: row.optionalText('vserver'),
    role: row.text('role-name'),
    application: row.optionalText('application'),
  }))
  return logins.filter((login) => login.user === user)
}

async function rightsOf(
  client: Client,
  ctx: Context,
  role: string,
  owner: string | undefined,
): Promise<readonly OntapRight[]> {
  const listing = {
    api: 'security-login-role-get-iter',
    row: 'security-login-role-info',
    query: { 'role-name': exactly(role), ...(owner !== undefined && { vserver: exactly(owner) }) },
    desired: { 'access-level': '', 'command-directory-name': '', 'role-name': '' },
    scope: 'cluster' as const,
  }
  const rights = await client.list(ctx, listing, (row) => ({ role: row.text('role-name'), right: readRight(row) }))
  return rights.filter((row) => row.role === role).map(({ right }) => right)
}

function readRight(row: XmlFields): OntapRight {
  const access = row.text('access-level')
  if (access !== 'none' && access !== 'readonly' && access !== 'all') {
    throw row.wrong('access-level', 'none, readonly or all')
  }
  return { to: row.text('command-directory-name'), access }
}
