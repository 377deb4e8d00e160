/** What is sent and read of volumes; what an array makes of it is in ontap.contract.ts. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { GIB } from '../../../../src/units.ts'
import { context, rememberingLog } from '../../../host/fakes.ts'
import { array, dropped, error, list, made, newVolume, ok, volume } from './arrays.ts'

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
      query: { return_records: 'true', return_timeout: '60' },
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
        tiering: { policy: 'snapshot-only' },
        qos: { policy: { name: 'gold' } },
      },
    },
  ])
  assert.deepEqual(
    [answered.uuid, answered.qosPolicy, answered.size, answered.state, answered.snapshotReserve],
    ['u1', 'gold', newVolume.size, 'online', 20],
  )
})

test('who may not see .snapshot costs a call more, by the command line before 9.13.1', async (t) => {
  const hidden = { ...newVolume, snapshotDirectory: false }
  const now = await array(t, [made('u1'), ok({})])
  await now.ontap.volumes.create(context(), hidden)
  assert.deepEqual(
    now.calls.slice(1).map(({ method, path, body }) => ({ method, path, body })),
    [{ method: 'PATCH', path: '/api/storage/volumes/u1', body: { snapshot_directory_access_enabled: false } }],
  )
  const before = await array(t, [made('u1'), ok({})], { release: [9, 12, 1], useREST: true })
  await before.ontap.volumes.create(context(), hidden)
  assert.deepEqual(
    before.calls.slice(1).map(({ method, path, query, body }) => ({ method, path, vserver: query['vserver'], body })),
    [{ method: 'PATCH', path: '/api/private/cli/volume', vserver: 'svm1', body: { 'snapdir-access': false } }],
  )
  await before.ontap.volumes.find(context(), 'v1').catch(() => {})
  assert.doesNotMatch(before.calls.at(-1)?.query['fields'] ?? '', /snapshot_directory_access_enabled/)
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

test('the root of the SVM and what mirrors keep are not listed', async (t) => {
  const rows = [volume('root', { is_svm_root: true }), volume('copy', { type: 'dp' }), volume('v1')]
  const { ontap, calls } = await array(t, [list(...rows)])
  assert.deepEqual(
    (await ontap.volumes.withPrefix(context(), '')).map(({ name }) => name),
    ['v1'],
  )
  assert.equal(calls[0]?.query['name'], '*')
})

test('a volume that was unmounted shows no junction, a clone what it was made from', async (t) => {
  const clone = { is_flexclone: true, parent_volume: { name: 'v1' }, parent_snapshot: { name: 's1' } }
  const { ontap } = await array(t, [list(volume('v2', { clone, nas: { path: '' } }))])
  const found = await ontap.volumes.find(context(), 'v2')
  assert.equal(found?.junctionPath, undefined)
  assert.deepEqual(found?.clonedFrom, { volume: 'v1', snapshot: 's1' })
})

test('a clone is two calls, as its comment is set afterwards', async (t) => {
  const { ontap, calls } = await array(t, [made('u2'), ok({})])
  const clone = {
    name: 'v2',
    source: 'v1',
    snapshot: 's1',
    junctionPath: '/v2',
    comment: 'm',
    style: 'flexvol',
  } as const
  assert.deepEqual(await ontap.volumes.clone(context(), clone), { name: 'v2', uuid: 'u2' })
  assert.deepEqual(
    calls.map(({ method, path, body }) => ({ method, path, body })),
    [
      {
        method: 'POST',
        path: '/api/storage/volumes',
        body: {
          svm: { uuid: 'svm-uuid' },
          name: 'v2',
          clone: { is_flexclone: true, parent_volume: { name: 'v1' }, parent_snapshot: { name: 's1' } },
          nas: { path: '/v2' },
        },
      },
      { method: 'PATCH', path: '/api/storage/volumes/u2', body: { comment: 'm' } },
    ],
  )
})

test('a clone whose comment cannot be set is taken back; where that fails too, the log names it', async (t) => {
  const clone = { name: 'v2', source: 'v1', junctionPath: '/v2', comment: 'm', style: 'flexvol' } as const
  const { ontap, calls } = await array(t, [made('u2'), error('4711'), ok({})])
  await assert.rejects(ontap.volumes.clone(context(), clone), { code: 'REFUSED', message: /PATCH/ })
  assert.deepEqual([calls[2]?.method, calls[2]?.query['force']], ['DELETE', 'true'])

  const { log, lines } = rememberingLog()
  const worse = await array(t, [made('u2'), error('4711')])
  await assert.rejects(worse.ontap.volumes.clone(context(log), clone), { code: 'REFUSED', message: /PATCH/ })
  assert.deepEqual(
    lines.filter(({ level }) => level === 'warn').map(({ fields }) => fields['volume']),
    ['v2'],
  )
})

test('a clone of what is not there is NOT_FOUND', async (t) => {
  const clone = { name: 'v2', source: 'v1', junctionPath: '/v2', comment: 'm', style: 'flexvol' } as const
  for (const code of ['524601', '1638600', '4']) {
    const { ontap } = await array(t, [error(code, 404)])
    await assert.rejects(ontap.volumes.clone(context(), clone), { code: 'NOT_FOUND' })
  }
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
