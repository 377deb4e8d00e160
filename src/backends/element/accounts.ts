/** Accounts of an Element cluster: who owns volumes, and with which CHAP secret they are reached. */

import { hasCode } from '../../errors.ts'
import { Secret } from '../../secret.ts'
import type { Fields } from '../fields.ts'
import type { Client } from './client.ts'
import type { ElementAccount, ElementAccounts } from './element.ts'

export function elementAccounts(client: Client): ElementAccounts {
  const inside = (result: Fields) => readAccount(result.fields('account'))
  const get: ElementAccounts['get'] = (ctx, id) =>
    client.call(ctx, { method: 'GetAccountByID', params: { accountID: id } }, 'freely', inside)

  return {
    get,

    async find(ctx, username) {
      try {
        return await client.call(ctx, { method: 'GetAccountByName', params: { username } }, 'freely', inside)
      } catch (error) {
        if (hasCode(error, 'NOT_FOUND')) return undefined
        throw error
      }
    },

    async create(ctx, username) {
      const read = (result: Fields) => ({
        id: result.count('accountID'),
        account: result.has('account') ? inside(result) : undefined,
      })
      const { id, account } = await client.call(ctx, { method: 'AddAccount', params: { username } }, 'if-refused', read)
      return account ?? get(ctx, id)
    },
  }
}

function readAccount(account: Fields): ElementAccount {
  return {
    id: account.count('accountID'),
    username: account.text('username'),
    status: account.text('status'),
    initiatorSecret: new Secret(account.text('initiatorSecret')),
    ...(account.has('enableChap') && { enableChap: account.flag('enableChap') }),
  }
}
