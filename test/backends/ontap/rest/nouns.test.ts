/** What is sent and read of all but volumes; what an array makes of it is in ontap.contract.ts. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RestClient } from '../../../../src/backends/ontap/rest/client.ts'
import { restQuotas } from '../../../../src/backends/ontap/rest/quotas.ts'
import { type Bytes, GIB } from '../../../../src/units.ts'
import { context } from '../../../host/fakes.ts'
import { accepted, array, dropped, error, list, ok, volume } from './arrays.ts'

const v1 = volume('v1')

test('snapshots are read with their times, removed by UUID, restored by name', async (t) => {
  const rows = [
    { uuid: 's-1', name: 's1', create_time: '2025-05-01T12:00:00+00:00', size: 4096, comment: 'c' },
    { uuid: 's-2', name: 's2', create_time: '2025-05-02T12:00:00Z' },
  ]
  const { ontap, calls } = await array(t, [list(...rows), list(rows[1]), ok({}), ok({})])
  assert.deepEqual(await ontap.snapshots.ofVolume(context(), v1), [
    { name: 's1', createdAt: new Date('2025-05-01T12:00:00Z'), size: 4096, comment: 'c' },
    { name: 's2', createdAt: new Date('2025-05-02T12:00:00Z'), comment: '' },
  ])
  await ontap.snapshots.remove(context(), v1, 's2')
  await ontap.snapshots.restore(context(), v1, 's 1*')
  assert.equal(calls[2]?.path, '/api/storage/volumes/uuid-of-v1/snapshots/s-2')
  assert.deepEqual(
    [calls[3]?.method, calls[3]?.query['restore_to.snapshot.name'], calls[3]?.body],
    ['PATCH', 's 1*', {}],
  )
})

test('a snapshot that is there, missing, too many or used is told apart', async (t) => {
  for (const [code, meaning] of [
    ['525059', 'ALREADY_EXISTS'],
    ['525062', 'FULL'],
    ['917927', 'NOT_FOUND'],
    ['1638477', 'REFUSED'],
  ] as const) {
    const { ontap } = await array(t, [error(code)])
    await assert.rejects(ontap.snapshots.create(context(), v1, 's1', ''), { code: meaning })
  }
  const missing = await array(t, [list()])
  await assert.rejects(missing.ontap.snapshots.remove(context(), v1, 's1'), { code: 'NOT_FOUND', message: /"s1"/ })
  const used = await array(t, [list({ name: 's1', uuid: 's-1' }), error('1638555')])
  await assert.rejects(used.ontap.snapshots.remove(context(), v1, 's1'), { code: 'HAS_DEPENDENTS' })
})

test('what became of a forgotten job is seen by the snapshot or qtree it was to make', async (t) => {
  const gone = [accepted(), error('4', 404)] as const
  const snapshot = await array(t, [...gone, list({ name: 's1', uuid: 's-1' })])
  await snapshot.ontap.snapshots.create(context(), v1, 's1', '')
  for (const others of [list(), list({ name: 's1', uuid: 's-1', comment: 'of somebody else' })]) {
    const none = await array(t, [...gone, others])
    await assert.rejects(none.ontap.snapshots.create(context(), v1, 's1', ''), { code: 'UNREACHABLE' })
  }
  const qtree = await array(t, [...gone, list({ name: 'q1', id: 1, volume: { name: 'v1', uuid: 'u1' } })])
  await qtree.ontap.qtrees.create(context(), newQtree)
})

const newQtree = { volume: 'v1', name: 'q1', unixPermissions: 0, securityStyle: 'unix' } as const

test('qtrees are made with a mode that may be 0, and changed by the number they have', async (t) => {
  const row = { name: 'q1', id: 7, volume: { name: 'v1', uuid: 'u1' } }
  const { ontap, calls } = await array(t, [ok({}), list(row), ok({}), list(row), ok({}), list(row), accepted()])
  await ontap.qtrees.create(context(), { ...newQtree, exportPolicy: 'p' })
  await ontap.qtrees.changeMode(context(), { volume: 'v1', name: 'q1' }, 0o1777)
  await ontap.qtrees.rename(context(), { volume: 'v1', name: 'q1' }, 'q2')
  await ontap.qtrees.remove(context(), { volume: 'v1', name: 'q1' })
  assert.deepEqual(calls[0]?.body, {
    svm: { uuid: 'svm-uuid' },
    volume: { name: 'v1' },
    name: 'q1',
    unix_permissions: 0,
    security_style: 'unix',
    export_policy: { name: 'p' },
  })
  assert.deepEqual(
    [2, 4, 6].map((index) => [calls[index]?.method, calls[index]?.path, calls[index]?.body]),
    [
      ['PATCH', '/api/storage/qtrees/u1/7', { unix_permissions: 1777 }],
      ['PATCH', '/api/storage/qtrees/u1/7', { name: 'q2' }],
      ['DELETE', '/api/storage/qtrees/u1/7', undefined],
    ],
  )
  assert.equal(calls.length, 7, 'and the removal is left to the array')
})

test('a qtree is renamed or removed once: by the second time its number may be that of another', async (t) => {
  const qtree = { volume: 'v1', volumeUuid: 'u1', name: 'q1', id: 7 }
  for (const verb of ['rename', 'remove'] as const) {
    const { ontap, calls } = await array(t, [dropped, ok({})])
    await assert.rejects(ontap.qtrees[verb](context(), qtree, 'q2'), { code: 'UNREACHABLE', message: /all the same/ })
    assert.equal(calls.length, 1)
    const busy = await array(t, [error('8'), ok({})])
    await busy.ontap.qtrees[verb](context(), qtree, 'q2')
    assert.equal(busy.calls.length, 2, 'but again if the array surely did nothing')
  }
  const { ontap, calls } = await array(t, [dropped, ok({})])
  await ontap.qtrees.changeMode(context(), qtree, 0o700)
  assert.equal(calls.length, 2)
})

test('a qtree of another name is not taken for the one that was asked for', async (t) => {
  const row = (name: string, id: number) => ({ name, id, volume: { name: 'v1', uuid: 'u1' } })
  const { ontap, calls } = await array(t, [list(row('q10', 2), row('q1', 1)), accepted()])
  await ontap.qtrees.remove(context(), { volume: 'v1', name: 'q1' })
  assert.equal(calls[1]?.path, '/api/storage/qtrees/u1/1')
  const others = await array(t, [list(row('q10', 2)), accepted()])
  await assert.rejects(others.ontap.qtrees.remove(context(), { volume: 'v1', name: 'q1' }), { code: 'NOT_FOUND' })
  assert.equal(others.calls.length, 1)
})

test('qtrees are listed without the nameless one every volume has', async (t) => {
  const of = (name: string, id: number) => ({
    name,
    id,
    volume: { name: 'pool_1', uuid: 'u1' },
    unix_permissions: 777,
    security_style: 'unix',
    export_policy: { name: 'p' },
  })
  const { ontap, calls } = await array(t, [list(of('', 0), of('q1', 1)), list(of('q1', 1), of('q10', 2))])
  const keys = { volume: 'pool_1', volumeUuid: 'u1', name: 'q1', id: 1 }
  const q1 = { ...keys, unixPermissions: 0o777, securityStyle: 'unix', exportPolicy: 'p' }
  assert.deepEqual(await ontap.qtrees.inVolumes(context(), 'pool_'), [q1])
  assert.deepEqual(await ontap.qtrees.named(context(), 'q1', 'pool_'), [q1])
  assert.deepEqual([calls[0]?.query['volume.name'], calls[1]?.query['name']], ['pool_*', 'q1'])
})

test('a qtree that is there is told from one that cannot be made', async (t) => {
  for (const [message, meaning] of [
    ['Failed to create qtree "q1". Reason: duplicate entry.', 'ALREADY_EXISTS'],
    ['Failed to create qtree "q1". Reason: Maximum number of qtrees reached.', 'FULL'],
    ['Failed to create qtree "q1". Reason: fate.', 'REFUSED'],
  ] as const) {
    const { ontap } = await array(t, [error('5242886', 400, message)])
    await assert.rejects(ontap.qtrees.create(context(), newQtree), { code: meaning })
  }
  const missing = await array(t, [list()])
  await assert.rejects(missing.ontap.qtrees.rename(context(), newQtree, 'x'), { code: 'NOT_FOUND', message: /"q1"/ })
})

test('error 5308571 for a new quota rule says that it is stored', async (t) => {
  const { ontap, calls } = await array(t, [error('5308571')])
  await ontap.quotas.setTreeRule(context(), { volume: 'v1', qtree: 'q1', hardLimit: GIB })
  assert.deepEqual([calls.length, calls[0]?.method], [1, 'POST'])
})

for (const code of ['5308567', '5308569', '5308572']) {
  test(`error ${code} for a quota rule that is changed or removed says that it is done`, async (t) => {
    const rule = list({ uuid: 'r1', qtree: { name: 'q1' } })
    const { ontap, calls } = await array(t, [error('4711'), rule, error(code), rule, error(code)])
    await ontap.quotas.setTreeRule(context(), { volume: 'v1', qtree: 'q1', hardLimit: GIB })
    await ontap.quotas.removeTreeRule(context(), { volume: 'v1', name: 'q1' })
    assert.deepEqual(
      calls.map(({ method }) => method),
      ['POST', 'GET', 'PATCH', 'GET', 'DELETE'],
    )
  })
}

test('a quota rule that is there is changed; why one cannot be made is told', async (t) => {
  for (const first of [error('1'), error('5308560'), error('5308568'), dropped]) {
    const { ontap, calls } = await array(t, [first, list({ uuid: 'r1', qtree: { name: 'q1' } }), ok({})])
    await ontap.quotas.setTreeRule(context(), { volume: 'v1', qtree: 'q1', hardLimit: GIB })
    assert.deepEqual([calls[2]?.path, calls[2]?.body], ['/api/storage/quota/rules/r1', { space: { hard_limit: GIB } }])
  }
  const { ontap } = await array(t, [error('5308552'), list()])
  await assert.rejects(ontap.quotas.setTreeRule(context(), { volume: 'v1', qtree: 'q1' }), { code: 'REFUSED' })
})

test('quota rules are read whether they have a limit or not, and a missing one needs no removal', async (t) => {
  const of = (qtree: object, space?: object) => ({ uuid: 'r', volume: { name: 'v1' }, qtree, ...(space && { space }) })
  const { ontap, calls } = await array(t, [
    list(of({ name: 'q1' }, { hard_limit: 8192 }), of({ name: '' }), of({}, { hard_limit: -1 })),
    list(),
  ])
  assert.deepEqual(await ontap.quotas.treeRules(context(), 'v'), [
    { volume: 'v1', qtree: 'q1', hardLimit: 8192 as Bytes },
    { volume: 'v1', qtree: '' },
    { volume: 'v1', qtree: '' },
  ])
  await ontap.quotas.removeTreeRule(context(), { volume: 'v1', name: 'q1' })
  assert.equal(calls.length, 2)
})

test('quotas are switched on and waited for; when they are on there is nothing to do', async (t) => {
  const state = (word: string) => ok({ quota: { state: word } })
  const { ontap, calls } = await array(t, [
    state('off'),
    accepted(),
    ok({ state: 'success' }),
    state('initializing'),
    state('on'),
  ])
  await ontap.quotas.apply(context(), v1)
  assert.deepEqual(calls[1]?.body, { quota: { enabled: true } })
  assert.equal(calls.length, 5)
  await ontap.quotas.apply(context(), v1)
  assert.equal(calls.length, 6)
  const corrupt = await array(t, [state('off'), ok({}), state('corrupt')])
  await assert.rejects(corrupt.ontap.quotas.apply(context(), v1), { code: 'REFUSED', message: /"corrupt"/ })
})

test('quotas that are never done with coming on are given up', async () => {
  const body = Buffer.from('{"quota":{"state":"initializing"}}')
  const http = { address: 'array:443', request: async () => ({ status: 200, body }), close: async () => {} }
  const client = new RestClient({ http, tries: 1, firstPauseMs: 1 })
  const quotas = restQuotas(client, { name: 'svm1', uuid: 'svm-uuid' }, 0)
  await assert.rejects(quotas.apply(context(), v1), { code: 'REFUSED', message: /volume "v1".*"initializing"/ })
})

test('rules of an export policy are found by its number, which is looked up once', async (t) => {
  const policy = list({ id: 12_884_901_889, name: 'p' })
  const rule = {
    index: 3,
    clients: [{ match: '10.0.0.0/8' }, { match: '@group' }],
    protocols: ['nfs'],
    ro_rule: ['any'],
    rw_rule: ['sys'],
    superuser: ['none'],
  }
  const { ontap, calls } = await array(t, [policy, list(rule), list()])
  const read = {
    index: 3,
    clients: ['10.0.0.0/8', '@group'],
    protocols: ['nfs'],
    ro: ['any'],
    rw: ['sys'],
    superuser: ['none'],
  }
  assert.deepEqual(await ontap.exports.rules(context(), 'p'), [read])
  assert.deepEqual(await ontap.exports.rules(context(), 'p'), [])
  assert.deepEqual(
    calls.map(({ path }) => path),
    [
      '/api/protocols/nfs/export-policies',
      '/api/protocols/nfs/export-policies/12884901889/rules',
      '/api/protocols/nfs/export-policies/12884901889/rules',
    ],
  )
})

test('an export policy that was made anew is found again, one that is gone is said to be', async (t) => {
  const gone = error('1703954', 404)
  const { ontap, calls } = await array(t, [
    list({ id: 1, name: 'p' }),
    list(),
    gone,
    list({ id: 2, name: 'p' }),
    ok({}),
  ])
  await ontap.exports.rules(context(), 'p')
  await ontap.exports.addRule(context(), 'p', '10.0.0.9')
  assert.equal(calls.at(-1)?.path, '/api/protocols/nfs/export-policies/2/rules')
  assert.deepEqual(calls.at(-1)?.body, {
    clients: [{ match: '10.0.0.9' }],
    protocols: ['nfs'],
    ro_rule: ['any'],
    rw_rule: ['any'],
    superuser: ['any'],
  })

  const none = await array(t, [list()])
  assert.equal(await none.ontap.exports.rules(context(), 'p'), undefined)
  await assert.rejects(none.ontap.exports.addRule(context(), 'p', '10.0.0.9'), { code: 'NOT_FOUND', message: /"p"/ })
})

test('a rule that is there already is fine; a policy that is there is told', async (t) => {
  const policy = list({ id: 1, name: 'p' })
  const { ontap } = await array(t, [policy, error('1704070')])
  await ontap.exports.addRule(context(), 'p', '10.0.0.9')
  const there = await array(t, [error('1')])
  await assert.rejects(there.ontap.exports.createPolicy(context(), 'p'), { code: 'ALREADY_EXISTS' })
})

test('an SVM without aggregates has none, and only users of the cluster see what is used', async (t) => {
  const { ontap } = await array(t, [
    ok({ name: 'svm1' }),
    ok({ aggregates: [{ name: 'a1', available_size: 5 }, { name: 'a2' }] }),
    list(),
    list({ name: 'a1', space: { block_storage: { size: 10, used: 4 } } }, { name: 'offline' }),
  ])
  assert.deepEqual(await ontap.aggregates.assigned(context()), [])
  assert.deepEqual(await ontap.aggregates.assigned(context()), [{ name: 'a1', available: 5 as Bytes }, { name: 'a2' }])
  await assert.rejects(ontap.aggregates.usage(context()), {
    code: 'UNAUTHORIZED',
    message: /access "readonly" to \/api\/storage\/aggregates/,
  })
  assert.deepEqual(await ontap.aggregates.usage(context()), [{ name: 'a1', size: 10 as Bytes, used: 4 as Bytes }])
})

test('addresses that serve NFS are told, up or down', async (t) => {
  const { ontap, calls } = await array(t, [
    list({ name: 'l1', ip: { address: '10.0.0.5' }, state: 'up' }, { name: 'l2', ip: { address: '2001:db8::5' } }),
  ])
  assert.deepEqual(await ontap.network.nfsInterfaces(context()), [
    { name: 'l1', address: '10.0.0.5', up: true },
    { name: 'l2', address: '2001:db8::5', up: false },
  ])
  assert.equal(calls[0]?.query['services'], 'data_nfs')
})

test('load-sharing mirrors are updated and waited for; where there are none, nobody asks twice in ten minutes', async (t) => {
  const mirror = (status: string) =>
    list({ source_path: 'svm1:svm1_root', destination_path: 'svm1:m1', type: 'LS', status })
  const { ontap, calls } = await array(t, [mirror('Idle'), ok({}), mirror('Transferring'), mirror('Idle')])
  await ontap.network.updateLoadSharing(context())
  assert.deepEqual(calls[1]?.body, { 'source-path': 'svm1:svm1_root' })
  assert.equal(calls.length, 4)

  for (const none of [list(), error('6', 403), error('3', 404)]) {
    const { ontap, calls } = await array(t, [none])
    await ontap.network.updateLoadSharing(context())
    await ontap.network.updateLoadSharing(context())
    assert.equal(calls.length, 1)
    const now = performance.now()
    t.mock.method(performance, 'now', () => now + 11 * 60_000)
    await ontap.network.updateLoadSharing(context())
    assert.equal(calls.length, 2)
    t.mock.restoreAll()
  }
})

test('a user’s role is told with what it allows by REST, that of the cluster where there are two', async (t) => {
  const of = (uuid: string, role: string, scope: string) => ({
    name: 'u',
    owner: { uuid },
    role: { name: role },
    scope,
  })
  const privileges = [
    { path: '/api/storage/volumes', access: 'all' },
    { path: 'volume create', access: 'all' },
    { path: '/api/cluster', access: 'readonly' },
  ]
  const accounts = list(of('o1', 'vsadmin', 'svm'), of('o2', 'docker', 'cluster'))
  const { ontap, calls } = await array(t, [accounts, ok({ name: 'docker', privileges }), list(), error('6', 403)])
  assert.deepEqual(await ontap.roles.ofUser(context(), 'u'), {
    name: 'docker',
    rights: [
      { to: '/api/storage/volumes', access: 'all' },
      { to: '/api/cluster', access: 'readonly' },
    ],
  })
  assert.equal(calls[1]?.path, '/api/security/roles/o2/docker')
  assert.equal(await ontap.roles.ofUser(context(), 'nobody'), undefined)
  await assert.rejects(ontap.roles.ofUser(context(), 'u'), { code: 'UNAUTHORIZED', message: /security\/accounts/ })
})

test('what goes to the event log is told by whom, and an empty answer is fine', async (t) => {
  const { ontap, calls } = await array(t, [ok({})])
  const event = { computer: 'host1', source: 'netappdvp', version: '1', category: 'heartbeat', description: 'alive' }
  await ontap.events.log(context(), event)
  assert.deepEqual(calls[0]?.body, {
    computer_name: 'host1',
    event_source: 'netappdvp',
    app_version: '1',
    event_id: 1,
    category: 'heartbeat',
    event_description: 'alive',
    severity: 'notice',
    autosupport_required: false,
  })
})
