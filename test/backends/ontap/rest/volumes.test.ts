/** What is sent and read of volumes; what an array makes of it is in ontap.contract.ts. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { GIB } from '../../../../src/units.ts'
import { context } from '../../../host/fakes.ts'
import { accepted, array, dropped, error, list, made, newVolume, ok, type Row, volume } from './arrays.ts'

test('a volume is made in one call, junction and comment included, and that one names all that was asked for', async (t) => {
  const { ontap, calls } = await array(t, [made('u1')])
  const answered = await ontap.volumes.create(context(), {
    ...newVolume,
    snapshotReserve: 20,
    encryption: true,
    tieringPolicy: 'snapshot-only',
    adaptiveQosPolicy: 'gold',
  })
  assert.deepEqual(calls, [
    {
      method: 'POST',
      path: '/api/storage/volumes',
      query: { return_records: 'true', return_timeout: '2' },
      body: {
        svm: { uuid: 'svm-uuid' },
        name: 'v1',
        style: 'flexvol',
        aggregates: [{ name: 'aggr1' }],
        size: newVolume.size,
        guarantee: { type: 'none' },
        snapshot_policy: { name: 'none' },
        space: { snapshot: { reserve_percent: 20 } },
        comment: 'a mark',
        nas: { path: '/v1', security_style: 'unix', unix_permissions: 755, export_policy: { name: 'default' } },
        encryption: { enabled: true },
        tiering: { policy: 'snapshot_only' },
        snapshot_directory_access_enabled: true,
        qos: { policy: { name: 'gold' } },
      },
    },
  ])
  assert.deepEqual(
    [answered.uuid, answered.qosPolicy, answered.size, answered.state, answered.snapshotReserve],
    ['u1', 'gold', newVolume.size, 'online', 20],
  )
})

test('who may not see .snapshot costs a call more before 9.13.1, by the command line', async (t) => {
  const hidden = { ...newVolume, snapshotDirectory: false }
  const now = await array(t, [made('u1')])
  await now.ontap.volumes.create(context(), hidden)
  assert.equal(now.calls.length, 1)
  const body = now.calls[0]?.body as Row | undefined
  assert.equal(body?.['snapshot_directory_access_enabled'], false)
  const before = await array(t, [made('u1'), ok({})], { release: [9, 12, 1], useREST: true })
  await before.ontap.volumes.create(context(), hidden)
  assert.deepEqual(
    before.calls.slice(1).map(({ method, path, query, body }) => ({ method, path, vserver: query['vserver'], body })),
    [{ method: 'PATCH', path: '/api/private/cli/volume', vserver: 'svm1', body: { 'snapdir-access': false } }],
  )
  await before.ontap.volumes.find(context(), 'v1').catch(() => {})
  assert.doesNotMatch(before.calls.at(-1)?.query['fields'] ?? '', /snapshot_directory_access_enabled/)
})

test('snapshot-only is what REST calls snapshot_only, and a policy it does not have is told without a call', async (t) => {
  const { ontap, calls } = await array(t, [list(volume('v1', { tiering: { policy: 'snapshot_only' } }))])
  assert.equal((await ontap.volumes.find(context(), 'v1'))?.tieringPolicy, 'snapshot-only')
  await assert.rejects(ontap.volumes.create(context(), { ...newVolume, tieringPolicy: 'backup' }), {
    code: 'REFUSED',
    message: /"backup": it takes none, snapshot-only, auto and all/,
  })
  assert.equal(calls.length, 1)
})

test('a volume is found by one call that names it exactly, in this SVM alone', async (t) => {
  const { ontap, calls } = await array(t, [list(volume('v10'), volume('v1', { qos: { policy: { name: 'gold' } } }))])
  const found = await ontap.volumes.find(context(), 'v1')
  assert.deepEqual(found, {
    name: 'v1',
    uuid: 'uuid-of-v1',
    style: 'flexvol',
    state: 'online',
    size: 104_857_600,
    snapshotReserve: 5,
    used: 303_104,
    aggregates: ['aggr1'],
    comment: 'a mark',
    junctionPath: '/v1',
    spaceGuarantee: 'none',
    snapshotPolicy: 'none',
    snapshotDirectory: false,
    unixPermissions: 0o755,
    securityStyle: 'unix',
    exportPolicy: 'default',
    qosPolicy: 'gold',
    createdAt: new Date('2025-05-01T10:00:00Z'),
  })
  assert.equal(calls.length, 1)
  assert.deepEqual([calls[0]?.query['name'], calls[0]?.query['svm.uuid']], ['v1', 'svm-uuid'])
})

test('volumes that are offline, and so show little, hide neither themselves nor others', async (t) => {
  const { ontap } = await array(t, [
    list({ name: 'v1', uuid: 'u1', state: 'offline', svm: { uuid: 'svm-uuid' } }, volume('v2'), {
      name: 'v3',
      uuid: 'u3',
    }),
  ])
  const found = await ontap.volumes.withPrefix(context(), 'v')
  assert.deepEqual(
    found.map(({ name, state, size, junctionPath }) => [name, state, size, junctionPath]),
    [
      ['v1', 'offline', 0, undefined],
      ['v2', 'online', 104_857_600, '/v2'],
      ['v3', 'unknown', 0, undefined],
    ],
  )
})

test('the root of the SVM and what mirrors keep are not listed, and are found with what they are', async (t) => {
  const rows = [volume('root', { is_svm_root: true }), volume('copy', { type: 'dp' }), volume('share', { type: 'ls' })]
  const { ontap, calls } = await array(t, [list(...rows, volume('v1'))])
  assert.deepEqual(
    (await ontap.volumes.withPrefix(context(), '')).map(({ name }) => name),
    ['v1'],
  )
  assert.equal(calls[0]?.query['name'], '*')
  const roles = []
  for (const name of ['root', 'copy', 'share', 'v1']) roles.push((await ontap.volumes.find(context(), name))?.role)
  assert.deepEqual(roles, ['root', 'mirror', 'mirror', undefined])
})

test('a list without volumes is only believed of an SVM that can still be seen', async (t) => {
  const gone = await array(t, [list(), error('4', 404)])
  await assert.rejects(gone.ontap.volumes.withPrefix(context(), 'v'), {
    code: 'REFUSED',
    message: /SVM "svm1" on .* can no longer be seen by this user/,
  })
  await assert.rejects(gone.ontap.ensureSeen(context()), { code: 'REFUSED', message: /no longer be seen/ })
  const there = await array(t, [list(), ok({ name: 'svm1', uuid: 'svm-uuid' }), list()])
  assert.deepEqual(await there.ontap.volumes.withPrefix(context(), 'v'), [])
  assert.deepEqual(await there.ontap.volumes.withPrefix(context(), 'v'), [])
  assert.equal(there.calls.length, 3, 'one look is enough for a while')
  assert.equal(there.calls[1]?.path, '/api/svm/svms/svm-uuid')
  const root = await array(t, [list(volume('root', { is_svm_root: true }))])
  assert.deepEqual(await root.ontap.volumes.withPrefix(context(), ''), [])
  assert.equal(root.calls.length, 1, 'who shows its root shows all')
})

test('a volume that was unmounted shows no junction, a clone what it was made from', async (t) => {
  const clone = { is_flexclone: true, parent_volume: { name: 'v1' }, parent_snapshot: { name: 's1' } }
  const { ontap } = await array(t, [list(volume('v2', { clone, nas: { path: '' } }))])
  const found = await ontap.volumes.find(context(), 'v2')
  assert.equal(found?.junctionPath, undefined)
  assert.deepEqual(found?.clonedFrom, { volume: 'v1', snapshot: 's1' })
})

test('only what is to change is sent, and nothing is for nothing', async (t) => {
  const { ontap, calls } = await array(t, [ok({})])
  await ontap.volumes.change(context(), volume('v1'), {})
  assert.equal(calls.length, 0)
  await ontap.volumes.change(context(), volume('v1'), { size: GIB, unixPermissions: 0o0770, exportPolicy: 'p' })
  await ontap.volumes.change(context(), volume('v1'), { junctionPath: '/x', snapshotDirectory: true, comment: '' })
  assert.deepEqual(
    calls.map(({ body }) => body),
    [
      { size: GIB, nas: { unix_permissions: 770, export_policy: { name: 'p' } } },
      { comment: '', nas: { path: '/x' }, snapshot_directory_access_enabled: true },
    ],
  )
})

test('a change whose answer is lost is made again', async (t) => {
  const { ontap, calls } = await array(t, [dropped, ok({})])
  await ontap.volumes.change(context(), volume('v1'), { comment: 'x' })
  assert.equal(calls.length, 2)
})

test('a volume that clones depend on is not removed, and purge skips the recovery queue', async (t) => {
  const { ontap, calls } = await array(t, [error('524615')])
  await assert.rejects(ontap.volumes.remove(context(), volume('v1'), { purge: false }), { code: 'HAS_DEPENDENTS' })
  await assert.rejects(ontap.volumes.remove(context(), volume('v1'), { purge: true }), { code: 'HAS_DEPENDENTS' })
  assert.deepEqual(
    calls.map(({ query }) => query['force']),
    [undefined, 'true'],
  )
})

test('splitting what is no clone, or being split already, is nothing to do', async (t) => {
  for (const clone of [{ is_flexclone: false }, { is_flexclone: true, split_initiated: true }]) {
    const { ontap, calls } = await array(t, [error('918248', 400), ok({ clone })])
    await ontap.volumes.split(context(), volume('v1'))
    assert.deepEqual(calls[0]?.body, { clone: { split_initiated: true } })
  }
  const { ontap } = await array(t, [error('918248', 400), ok({ clone: { is_flexclone: true } })])
  await assert.rejects(ontap.volumes.split(context(), volume('v1')), { code: 'REFUSED' })
})

test('a removal that is to be tried once is, whatever comes of it', async (t) => {
  for (const [reply, code] of [
    [dropped, 'UNREACHABLE'],
    [error('8'), 'BUSY'],
  ] as const) {
    const { ontap, calls } = await array(t, [reply])
    await assert.rejects(ontap.volumes.remove(context(), volume('v1'), { purge: true, once: true }), { code })
    assert.equal(calls.length, 1)
  }
})

test('a volume whose making nobody can tell the end of is ours only with our comment', async (t) => {
  const others = list(volume('v1', { uuid: 'other-uuid', comment: 'of somebody else' }))
  for (const replies of [
    [accepted(), error('4', 404), others],
    [ok({}), others],
  ]) {
    const { ontap, calls } = await array(t, replies)
    await assert.rejects(ontap.volumes.create(context(), newVolume), { code: 'ALREADY_EXISTS', message: /"v1"/ })
    assert.deepEqual(
      calls.slice(1).filter(({ method }) => method !== 'GET'),
      [],
    )
  }
})

test('a missing SVM or export policy is no missing volume', async (t) => {
  for (const code of ['917505', '2621462', '1703954', '524601', '5242956']) {
    const { ontap } = await array(t, [error(code, 404)])
    await assert.rejects(ontap.volumes.remove(context(), volume('v1'), { purge: true }), { code: 'REFUSED' }, code)
    await assert.rejects(ontap.volumes.change(context(), volume('v1'), { comment: '' }), { code: 'REFUSED' }, code)
  }
  for (const code of ['4', '917927']) {
    const { ontap } = await array(t, [error(code, 404)])
    await assert.rejects(ontap.volumes.change(context(), volume('v1'), { comment: '' }), { code: 'NOT_FOUND' }, code)
  }
})
