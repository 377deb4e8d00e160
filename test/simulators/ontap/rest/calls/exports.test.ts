import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Client, newVolume, openClient } from '../../client.ts'

const POLICIES = '/protocols/nfs/export-policies'
const RULE = { clients: [{ match: '10.0.0.0/8' }], ro_rule: ['any'], rw_rule: ['sys'], superuser: ['any'] }

async function withPolicy(client: Client): Promise<number> {
  const { records } = await client.ask(`POST ${POLICIES}?return_records=true`, { name: 'p', svm: { name: 'svm1' } })
  return records[0].id
}

test('a policy is made at once, with a number beyond 32 bits', async (t) => {
  const client = await openClient(t)
  const { status, headers, body } = await client.call(`POST ${POLICIES}`, {
    body: { name: 'p', svm: { name: 'svm1' } },
  })
  assert.deepEqual([status, body], [201, {}])
  const [{ id }] = await client.records(`${POLICIES}?name=p`)
  assert.ok(id > 2 ** 32 && Number.isSafeInteger(id))
  assert.equal(headers['location'], `/api/protocols/nfs/export-policies/${id}`)
})

test('a policy that is there, has blanks in its name, or is not there, is told apart', async (t) => {
  const client = await openClient(t)
  const make = (name: string) => client.refused(`POST ${POLICIES}`, { name, svm: { name: 'svm1' } })
  assert.deepEqual(await make('default'), [409, '1'])
  assert.deepEqual(await make('a b'), [400, '1703952'])
  assert.deepEqual(await make('p'.repeat(257)), [400, '1704047'])
  assert.deepEqual(await client.refused(`GET ${POLICIES}/1`), [404, '4'])
})

test('rules are added in order, refused twice, and deleted by index', async (t) => {
  const client = await openClient(t)
  const rules = `${POLICIES}/${await withPolicy(client)}/rules`
  await client.ask(`POST ${rules}`, RULE)
  await client.ask(`POST ${rules}`, { ...RULE, clients: [{ match: '0.0.0.0/0' }, { match: '::/0' }] })
  assert.deepEqual(await client.refused(`POST ${rules}`, RULE), [409, '1704070'])
  const [bare] = await client.records(rules)
  assert.deepEqual(Object.keys(bare).sort(), ['_links', 'index'])
  const rows = await client.records(`${rules}?fields=index,clients.match,protocols,ro_rule,rw_rule,superuser`)
  assert.deepEqual(
    rows.map(({ index, clients, protocols, rw_rule }) => [index, clients, protocols, rw_rule]),
    [
      [1, [{ match: '10.0.0.0/8' }], ['any'], ['sys']],
      [2, [{ match: '0.0.0.0/0' }, { match: '::/0' }], ['any'], ['sys']],
    ],
  )
  await client.ask(`DELETE ${rules}/1`)
  assert.deepEqual(
    (await client.records(rules)).map(({ index }) => index),
    [2],
  )
  assert.deepEqual(await client.refused(`DELETE ${rules}/1`), [404, '4'])
})

test('clients must be written as addresses, networks, names or netgroups', async (t) => {
  const client = await openClient(t)
  const rules = `${POLICIES}/${await withPolicy(client)}/rules`
  const add = (match: string) => client.call(`POST ${rules}`, { body: { ...RULE, clients: [{ match }] } })
  for (const match of ['10.0.0.1', 'host.example', '.example', '@group', '2001:db8::1', '10.0.0.0/255.0.0.0']) {
    assert.equal((await add(match)).status, 201, match)
  }
  assert.equal((await add('10.0.0.1/8')).body.error.code, '1704040')
  for (const match of ['10.0.0.0/33', 'a b', 'x/8']) assert.equal((await add(match)).body.error.code, '1704055', match)
  assert.deepEqual(await client.refused(`POST ${rules}`, { ro_rule: ['any'], rw_rule: ['any'] }), [400, '262177'])
})

test('a rule has protocols and security flavors that there are', async (t) => {
  const client = await openClient(t)
  const rules = `${POLICIES}/${await withPolicy(client)}/rules`
  for (const [field, word] of [
    ['ro_rule', 'all'],
    ['rw_rule', 'all'],
    ['superuser', 'root'],
    ['protocols', 'smb'],
  ] as const) {
    const { status, body } = await client.call(`POST ${rules}`, { body: { ...RULE, [field]: [word] } })
    assert.deepEqual([status, body.error.code], [400, '262197'])
    assert.equal(body.error.message, `The value "${word}" is invalid for field "${field}".`)
  }
  await client.ask(`POST ${rules}`, RULE)
  assert.deepEqual(await client.refused(`PATCH ${rules}/1`, { rw_rule: ['all'] }), [400, '262197'])
})

test('a policy that is in use, and the default one, cannot be deleted', async (t) => {
  const client = await openClient(t)
  const id = await withPolicy(client)
  await client.ask('POST /storage/volumes', newVolume('v', { nas: { export_policy: { name: 'p' } } }))
  assert.deepEqual(await client.refused(`DELETE ${POLICIES}/${id}`), [409, '1703945'])
  const [{ id: own }] = await client.records(`${POLICIES}?name=default`)
  assert.deepEqual(await client.refused(`DELETE ${POLICIES}/${own}`), [409, '1703947'])
  await client.ask(`PATCH ${POLICIES}/${id}`, { name: 'q' })
  const [volume] = await client.records('/storage/volumes?name=v&fields=nas.export_policy.name')
  assert.equal(volume.nas.export_policy.name, 'q')
})
