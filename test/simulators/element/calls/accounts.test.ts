import assert from 'node:assert/strict'
import { test } from 'node:test'
import { wire, wireWithVolumes } from '../wire.ts'

test('an account gets CHAP secrets of 12 to 16 characters when it is given none', async () => {
  const { ask } = wire()
  const { accountID, account } = await ask('AddAccount', { username: 'docker' })
  assert.deepEqual([accountID, account.username, account.status, account.volumes], [1, 'docker', 'active', []])
  assert.match(account.initiatorSecret, /^[!-~]{12,16}$/)
  assert.match(account.targetSecret, /^[!-~]{12,16}$/)
})

test('secrets that are given are kept, alike or not, if they are of the right length', async () => {
  const { ask, refused } = wire()
  const secrets = { initiatorSecret: 'secretsecret', targetSecret: 'secretsecret' }
  const { account } = await ask('AddAccount', { username: 'a', ...secrets })
  assert.deepEqual([account.initiatorSecret, account.targetSecret], ['secretsecret', 'secretsecret'])
  for (const initiatorSecret of ['elevenchars', 'seventeen-letters']) {
    assert.equal(await refused('AddAccount', { username: 'b', initiatorSecret }), 'xInvalidParameter')
  }
})

test('accounts are found by name and by number, and a miss is named', async () => {
  const { ask, refused } = wire()
  await ask('AddAccount', { username: 'a' })
  await ask('AddAccount', { username: 'b' })
  assert.equal((await ask('GetAccountByName', { username: 'b' })).account.accountID, 2)
  assert.equal((await ask('GetAccountByID', { accountID: 1 })).account.username, 'a')
  assert.equal((await ask('ListAccounts', { startAccountID: 2 })).accounts.length, 1)
  assert.equal(await refused('GetAccountByName', { username: 'c' }), 'xUnknownAccount')
  assert.equal(await refused('GetAccountByID', { accountID: 3 }), 'xUnknownAccount')
  assert.equal(await refused('AddAccount', { username: 'a' }), 'xDuplicateUsername')
  assert.equal(await refused('AddAccount', { username: 'x'.repeat(65) }), 'xInvalidParameter')
})

test('an account can be renamed, locked and given new secrets', async () => {
  const { ask, refused } = wire()
  await ask('AddAccount', { username: 'a' })
  await ask('AddAccount', { username: 'b' })
  const { account } = await ask('ModifyAccount', {
    accountID: 1,
    username: 'c',
    status: 'locked',
    initiatorSecret: 'anothersecret',
  })
  assert.deepEqual([account.username, account.status, account.initiatorSecret], ['c', 'locked', 'anothersecret'])
  assert.equal(await refused('ModifyAccount', { accountID: 1, username: 'b' }), 'xDuplicateUsername')
  assert.equal(await refused('ModifyAccount', { accountID: 9 }), 'xAccountIDDoesNotExist')
})

test('an account is removed only after its last volume is purged', async () => {
  const { ask, refused } = await wireWithVolumes(['a'])
  await ask('DeleteVolume', { volumeID: 1 })
  assert.equal(await refused('RemoveAccount', { accountID: 1 }), 'xAccountHasVolumes')
  await ask('PurgeDeletedVolume', { volumeID: 1 })
  assert.deepEqual(await ask('RemoveAccount', { accountID: 1 }), {})
  assert.equal(await refused('GetAccountByName', { username: 'docker' }), 'xUnknownAccount')
})
