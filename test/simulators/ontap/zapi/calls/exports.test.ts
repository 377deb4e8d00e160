import assert from 'node:assert/strict'
import { test } from 'node:test'
import { wire } from '../wire.ts'

const RULE = {
  'policy-name': 'own',
  'client-match': '10.0.0.7',
  protocol: { 'access-protocol': ['nfs3', 'nfs4'] },
  'ro-rule': { 'security-flavor': 'any' },
  'rw-rule': { 'security-flavor': ['sys', 'krb5'] },
  'super-user-security': { 'security-flavor': 'any' },
}
const OF_OWN = { query: { 'export-rule-info': { 'policy-name': 'own' } } }

test('a policy is made once, is told of, and goes', async () => {
  const { ask, list, refused } = await wire()
  await ask('export-policy-create', { 'policy-name': 'own' })
  assert.equal(await refused('export-policy-create', { 'policy-name': 'own' }), '13130 duplicate entry')
  assert.match(await refused('export-policy-create', { 'policy-name': 'a b' }), /^13001 /)
  const { attributes } = await ask('export-policy-get', { 'policy-name': 'own' })
  const policy = attributes['export-policy-info'][0]
  assert.deepEqual([policy['policy-name'], policy['vserver']], ['own', 'svm1'])
  assert.ok(Number(policy['policy-id']) > 2 ** 32)
  assert.deepEqual(
    (await list('export-policy-get-iter')).map((row) => row['policy-name']),
    ['default', 'own'],
  )
  await ask('export-policy-destroy', { 'policy-name': 'own' })
  assert.match(await refused('export-policy-get', { 'policy-name': 'own' }), /^15661 .*"own" does not exist/)
  assert.match(await refused('export-policy-destroy', { 'policy-name': 'default' }), /^13001 /)
})

test('a policy that is wanted back is in the answer', async () => {
  const { ask } = await wire()
  const { result } = await ask('export-policy-create', { 'policy-name': 'own', 'return-record': true })
  assert.equal(result['export-policy-info'][0]['policy-name'], 'own')
})

test('a policy in use is not destroyed', async () => {
  const { ask, refused } = await wire({ volumes: ['a'] })
  await ask('export-policy-create', { 'policy-name': 'own' })
  await ask('volume-modify-iter', {
    query: { 'volume-attributes': { 'volume-id-attributes': { name: 'a' } } },
    attributes: { 'volume-attributes': { 'volume-export-attributes': { policy: 'own' } } },
  })
  assert.match(await refused('export-policy-destroy', { 'policy-name': 'own' }), /^13001 .*in use/)
})

test('rules are told in no order of theirs', async () => {
  const { ask, list, refused } = await wire()
  await ask('export-policy-create', { 'policy-name': 'own' })
  await ask('export-rule-create', RULE)
  await ask('export-rule-create', { ...RULE, 'client-match': '10.0.0.0/24,@hosts', 'anonymous-user-id': 0 })
  const rules = await list('export-rule-get-iter', OF_OWN)
  assert.deepEqual(
    rules.map((rule) => [rule['rule-index'], rule['client-match']]),
    [
      ['2', '10.0.0.0/24,@hosts'],
      ['1', '10.0.0.7'],
    ],
  )
  assert.deepEqual(rules[1], {
    ...{ 'anonymous-user-id': '65534', 'client-match': '10.0.0.7', 'policy-name': 'own', 'rule-index': '1' },
    ...{ 'is-allow-dev-is-enabled': 'true', 'is-allow-set-uid-enabled': 'true', 'vserver-name': 'svm1' },
    protocol: { 'access-protocol': ['nfs3', 'nfs4'] },
    'ro-rule': { 'security-flavor': ['any'] },
    'rw-rule': { 'security-flavor': ['sys', 'krb5'] },
    'super-user-security': { 'security-flavor': ['any'] },
  })
  await ask('export-rule-destroy', { 'policy-name': 'own', 'rule-index': 1 })
  assert.match(await refused('export-rule-destroy', { 'policy-name': 'own', 'rule-index': 1 }), /^15661 /)
  assert.equal((await list('export-rule-get-iter', OF_OWN)).length, 1)
})

test('a rule that is there already is accepted by old releases only', async () => {
  const [new_, old] = [await wire({ release: '9.0' }), await wire({ release: '8.3' })]
  for (const { ask } of [new_, old]) {
    await ask('export-policy-create', { 'policy-name': 'own' })
    await ask('export-rule-create', RULE)
  }
  assert.match(await new_.refused('export-rule-create', RULE), /^13001 .*already contains a rule$/)
  await old.ask('export-rule-create', RULE)
  assert.equal((await old.list('export-rule-get-iter', OF_OWN)).length, 2)
})

test('what a rule cannot be is refused', async () => {
  const { ask, refused } = await wire()
  assert.match(await refused('export-rule-create', RULE), /"own" does not exist/)
  await ask('export-policy-create', { 'policy-name': 'own' })
  const { 'rw-rule': _, ...half } = RULE
  assert.equal(await refused('export-rule-create', half), '13115 Missing input: rw-rule')
  const create = (inputs: object) => refused('export-rule-create', { ...RULE, ...inputs })
  assert.match(await create({ 'ro-rule': { 'security-flavor': 'all' } }), /^13115 .*"all"/)
  assert.match(
    await create({ 'super-user-security': { 'security-flavor': 'root' } }),
    /^13115 .*security-flavor.*"root"/,
  )
  assert.match(await create({ protocol: { 'access-protocol': 'smb' } }), /^13115 .*access-protocol.*"smb"/)
  assert.match(await create({ 'client-match': '10.0.0.7/24' }), /^13115 .*client-match/)
  assert.match(await create({ 'client-match': 'a b' }), /^13115 /)
})
