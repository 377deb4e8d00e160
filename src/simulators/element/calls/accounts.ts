/** Accounts, which own volumes and hold the CHAP secrets that open them. */

import { randomInt } from 'node:crypto'
import { Fault, invalidParameter, noAccountId, tooMany } from '../faults.ts'
import type { Params } from '../params.ts'
import { type Account, type ElementArray, nextId } from '../state.ts'
import { accountView, type View } from '../views.ts'

/**
 * AddAccount. Secrets that are not given are made up; that the two differ is documented and not enforced.
 *
 * @see docs.netapp.com/us-en/element-software/api/reference_element_api_addaccount.html
 */
export function addAccount(array: ElementArray, params: Params, version: string): View {
  const username = freeUsername(array, params.text('username'))
  if (array.accounts.size >= array.limits.accountCountMax) throw tooMany('accounts', array.limits.accountCountMax)
  const account: Account = {
    initiatorSecret: secretOf(array, params, 'initiatorSecret') ?? randomSecret(),
    targetSecret: secretOf(array, params, 'targetSecret') ?? randomSecret(),
    attributes: params.optionalAttributes() ?? {},
    enableChap: params.optionalFlag('enableChap') ?? true,
    status: 'active',
    username,
    accountID: nextId(array, 'account'),
  }
  array.accounts.set(account.accountID, account)
  return { account: accountView(array, account, version), accountID: account.accountID }
}

/** GetAccountByName. */
export function getAccountByName(array: ElementArray, params: Params, version: string): View {
  const username = params.text('username')
  const account = [...array.accounts.values()].find((account) => account.username === username)
  if (!account) throw unknownAccount()
  return { account: accountView(array, account, version) }
}

/** GetAccountByID. */
export function getAccountById(array: ElementArray, params: Params, version: string): View {
  const account = array.accounts.get(params.number('accountID'))
  if (!account) throw unknownAccount()
  return { account: accountView(array, account, version) }
}

/** ListAccounts. */
export function listAccounts(array: ElementArray, params: Params, version: string): View {
  const start = params.optionalNumber('startAccountID') ?? 0
  const accounts = [...array.accounts.values()].filter(({ accountID }) => accountID >= start)
  const page = accounts.slice(0, params.optionalNumber('limit'))
  return { accounts: page.map((account) => accountView(array, account, version)) }
}

/**
 * ModifyAccount. New secrets hold for the next login; sessions that are open stay.
 *
 * @see docs.netapp.com/us-en/element-software/api/reference_element_api_modifyaccount.html
 */
export function modifyAccount(array: ElementArray, params: Params, version: string): View {
  const old = accountById(array, params.number('accountID'))
  const username = params.optionalText('username') ?? old.username
  const account = {
    ...old,
    username: username === old.username ? username : freeUsername(array, username),
    status: params.optionalChoice('status', ['active', 'locked'] as const) ?? old.status,
    initiatorSecret: secretOf(array, params, 'initiatorSecret') ?? old.initiatorSecret,
    targetSecret: secretOf(array, params, 'targetSecret') ?? old.targetSecret,
    attributes: params.optionalAttributes() ?? old.attributes,
    enableChap: params.optionalFlag('enableChap') ?? old.enableChap,
  }
  array.accounts.set(account.accountID, account)
  for (const { volumeID } of array.volumes.ofAccount(account.accountID)) {
    array.effects.push({ kind: 'refresh', volumeID })
  }
  return { account: accountView(array, account, version) }
}

/**
 * RemoveAccount. Refused while there are volumes, deleted ones too; by which name is unsure.
 *
 * @see docs.netapp.com/us-en/element-software/api/reference_element_api_removeaccount.html
 */
export function removeAccount(array: ElementArray, params: Params): View {
  const { accountID } = accountById(array, params.number('accountID'))
  const volumes = array.volumes.countOfAccount(accountID)
  if (volumes > 0) throw new Fault('xAccountHasVolumes', `AccountID ${accountID} still has ${volumes} volumes.`)
  array.accounts.delete(accountID)
  return {}
}

/** The name said twice: clients have seen `xUnknownAccount` as its own message. */
const unknownAccount = () => new Fault('xUnknownAccount', 'xUnknownAccount')

function accountById({ accounts }: ElementArray, accountID: number): Account {
  const account = accounts.get(accountID)
  if (!account) throw noAccountId(accountID)
  return account
}

function freeUsername({ accounts, limits }: ElementArray, username: string): string {
  if (username.length < limits.accountNameLengthMin || username.length > limits.accountNameLengthMax) {
    throw invalidParameter('A username must be 1 to 64 characters.')
  }
  const taken = [...accounts.values()].some((account) => account.username === username)
  if (taken) throw new Fault('xDuplicateUsername', `There is an account ${username} already.`)
  return username
}

function secretOf({ limits }: ElementArray, params: Params, name: string): string | undefined {
  const secret = params.optionalText(name)
  if (secret === undefined) return undefined
  if (secret.length >= limits.secretLengthMin && secret.length <= limits.secretLengthMax) return secret
  throw invalidParameter(`${name} must be ${limits.secretLengthMin} to ${limits.secretLengthMax} characters.`)
}

/** Made-up secrets have punctuation, as those in the vendor's examples do. */
const SECRET_CHARACTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789#()[],;<>'
const LETTERS = 52

function randomSecret(): string {
  const pick = (most: number) => SECRET_CHARACTERS[randomInt(most)]
  return [pick(LETTERS), ...Array.from({ length: 13 }, () => pick(SECRET_CHARACTERS.length))].join('')
}
