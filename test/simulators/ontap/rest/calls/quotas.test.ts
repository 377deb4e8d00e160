import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Client, GIB, newVolume, openClient, uuidOf } from '../../client.ts'

const IN_V = { svm: { name: 'svm1' }, volume: { name: 'v' } }
const MIB = 1024 ** 2
const HOUR_MS = 3_600_000

async function withQtree(client: Client): Promise<string> {
  await client.ask('POST /storage/volumes', newVolume('v', { nas: { path: '/v' } }))
  await client.ask('POST /storage/qtrees', { ...IN_V, name: 'q', unix_permissions: 0, security_style: 'unix' })
  return uuidOf(client, 'v')
}

const rule = (qtree: string, hard_limit: number) => ({
  ...IN_V,
  type: 'tree',
  qtree: { name: qtree },
  space: { hard_limit },
})

test('the nameless qtree of every volume is listed, unless a name is asked for', async (t) => {
  const client = await openClient(t)
  await withQtree(client)
  const all = await client.records('/storage/qtrees?volume.name=v&fields=unix_permissions,nas.path')
  assert.deepEqual(
    all.map(({ id, name, unix_permissions, nas }) => [id, name, unix_permissions, nas.path]),
    [
      [0, '', 755, '/v'],
      [1, 'q', 0, '/v/q'],
    ],
  )
  const [one, ...others] = await client.records('/storage/qtrees?volume.name=v*&name=q')
  assert.deepEqual([one.volume.name, one.svm.name, others], ['v', 'svm1', []])
})

test('qtrees are changed, renamed and deleted by number, which is not used again', async (t) => {
  const client = await openClient(t)
  const path = `/storage/qtrees/${await withQtree(client)}`
  await client.ask(`PATCH ${path}/1`, { name: 'r', unix_permissions: 777 })
  const { name, unix_permissions } = await client.ask(`GET ${path}/1`)
  assert.deepEqual([name, unix_permissions], ['r', 777])
  await client.ask(`DELETE ${path}/1`)
  assert.deepEqual(await client.refused(`GET ${path}/1`), [404, '4'])
  await client.ask('POST /storage/qtrees', { ...IN_V, name: 's' })
  assert.equal((await client.ask(`GET ${path}/2`)).name, 's')
})

test('a qtree without a name, with too long a one, or one that is there is refused', async (t) => {
  const client = await openClient(t)
  const path = `/storage/qtrees/${await withQtree(client)}`
  const refused = (more: object) => client.refused('POST /storage/qtrees', { ...IN_V, ...more })
  assert.deepEqual(await refused({}), [400, '5242953'])
  assert.deepEqual(await refused({ name: '' }), [400, '5242894'])
  assert.deepEqual(await refused({ name: 'q'.repeat(65) }), [400, '917886'])
  assert.deepEqual(await refused({ name: 'q' }), [409, '5242886'])
  assert.deepEqual(await client.refused(`DELETE ${path}/0`), [400, '5242894'])
})

test('a rule that is made while quotas are off is stored, and yet an error', async (t) => {
  const client = await openClient(t)
  await withQtree(client)
  assert.deepEqual(await client.refused('POST /storage/quota/rules', rule('q', MIB)), [409, '5308571'])
  const rules = await client.records('/storage/quota/rules?volume.name=v&type=tree&fields=qtree.name,space.hard_limit')
  const seen = rules.map(({ qtree, space }) => [qtree.name, space?.hard_limit]).sort()
  assert.deepEqual(
    seen,
    [
      ['', undefined],
      ['q', MIB],
    ],
    'with a default rule beside it',
  )
})

test('by a job the same is a job that failed', async (t) => {
  const client = await openClient(t)
  await withQtree(client)
  const { status, body } = await client.call('POST /storage/quota/rules', { body: rule('q', MIB) })
  assert.equal(status, 202)
  await client.simulator.advanceClock(1000)
  const job = await client.ask(`GET /cluster/jobs/${body.job.uuid}`)
  assert.deepEqual([job.state, job.code, job.error.code], ['failure', 5_308_571, '5308571'])
})

test('rules count once quotas were switched on, which takes a rule and its time; then changes count at once', async (t) => {
  const client = await openClient(t)
  client.simulator.array.durations = { job: 5, split: 5, quota: HOUR_MS }
  const uuid = await withQtree(client)
  const { array, advanceClock } = client.simulator
  const volume = `/storage/volumes/${uuid}`
  assert.deepEqual(await client.refused(`PATCH ${volume}`, { quota: { enabled: true } }), [400, '5308561'])
  await client.refused('POST /storage/quota/rules', rule('q', MIB))
  await client.ask(`PATCH ${volume}`, { quota: { enabled: true } })
  const state = async () => (await client.ask(`GET ${volume}?fields=quota.state`)).quota.state
  assert.equal(await state(), 'initializing')
  assert.deepEqual(array.volumes.get(uuid)?.quota.enforced, [])
  await advanceClock(HOUR_MS)
  assert.equal(await state(), 'on')
  assert.deepEqual(array.volumes.get(uuid)?.quota.enforced, [{ qtree: 1, hardLimit: MIB }])

  const [own] = await client.records('/storage/quota/rules?volume.name=v&qtree.name=q')
  await client.ask(`PATCH /storage/quota/rules/${own.uuid}`, { space: { hard_limit: GIB } })
  assert.equal(await state(), 'resizing')
  await advanceClock(HOUR_MS)
  const [report] = await client.records('/storage/quota/reports?volume.name=v&fields=space,qtree')
  assert.deepEqual([report.qtree.name, report.space.hard_limit], ['q', GIB])

  await client.ask(`DELETE /storage/quota/rules/${own.uuid}`)
  await advanceClock(HOUR_MS)
  assert.deepEqual(array.volumes.get(uuid)?.quota.enforced, [])
})

test('a limit and its rule follow their qtree through renaming, and what hosts may write is told', async (t) => {
  const client = await openClient(t, { jobMs: 0 })
  const uuid = await withQtree(client)
  await client.refused('POST /storage/quota/rules', rule('q', MIB))
  await client.ask(`PATCH /storage/volumes/${uuid}`, { quota: { enabled: true } })
  await client.ask(`PATCH /storage/qtrees/${uuid}/1`, { name: 'r' })
  assert.deepEqual(client.simulator.array.volumes.get(uuid)?.quota.enforced, [{ qtree: 1, hardLimit: MIB }])
  const [own] = await client.records('/storage/quota/rules?qtree.name=r')
  assert.ok(own, 'the rule has the new name')
})

test('a rule for a qtree that is not there, or a second one, is refused', async (t) => {
  const client = await openClient(t)
  await withQtree(client)
  assert.deepEqual(await client.refused('POST /storage/quota/rules', rule('nobody', MIB)), [404, '5242956'])
  await client.refused('POST /storage/quota/rules', rule('q', MIB))
  assert.deepEqual(await client.refused('POST /storage/quota/rules', rule('q', MIB)), [409, '5308568'])
})

test('a rule’s UUID is in the answer to its making, where records are asked for', async (t) => {
  const client = await openClient(t)
  await withQtree(client)
  const { body } = await client.call('POST /storage/quota/rules?return_records=true', { body: rule('q', MIB) })
  await client.simulator.advanceClock(1000)
  assert.equal((await client.ask(`GET /storage/quota/rules/${body.records[0].uuid}`)).qtree.name, 'q')
})

test('a volume that is offline does not tell its qtrees', async (t) => {
  const client = await openClient(t)
  await client.ask('POST /storage/volumes', newVolume('v'))
  await client.ask('POST /storage/qtrees', { name: 'q', volume: { name: 'v' }, svm: { name: 'svm1' } })
  assert.equal((await client.records('/storage/qtrees?volume.name=v')).length, 2)
  await client.ask(`PATCH /storage/volumes/${await uuidOf(client, 'v')}`, { state: 'offline' })
  assert.deepEqual(await client.records('/storage/qtrees?volume.name=v'), [])
})
