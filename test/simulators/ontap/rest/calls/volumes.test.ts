import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Client, GIB, newVolume, openClient, uuidOf } from '../../client.ts'

const HOUR_MS = 3_600_000

async function withVolume(client: Client, more: object = {}): Promise<string> {
  await client.ask('POST /storage/volumes', newVolume('v', more))
  return uuidOf(client, 'v')
}

test('a volume is what was asked for; digits of a mode are meant as octal', async (t) => {
  const client = await openClient(t)
  const uuid = await withVolume(client, {
    nas: { path: '/v', security_style: 'mixed', unix_permissions: 4755, export_policy: { name: 'default' } },
    snapshot_policy: { name: 'none' },
    space: { snapshot: { reserve_percent: 20 } },
    comment: 'for db1',
    encryption: { enabled: true },
    tiering: { policy: 'snapshot_only' },
    qos: { policy: { name: 'svm1_extreme' } },
    snapshot_directory_access_enabled: false,
  })
  const volume = await client.ask(`GET /storage/volumes/${uuid}?fields=**`)
  assert.deepEqual(
    [volume.nas.path, volume.nas.security_style, volume.nas.unix_permissions, volume.comment, volume.type],
    ['/v', 'mixed', 4755, 'for db1', 'rw'],
  )
  assert.equal(client.simulator.array.volumes.get(uuid)?.mode, 0o4755)
  assert.deepEqual([volume.space.snapshot.reserve_percent, volume.space.size], [20, GIB])
  assert.equal(volume.space.afs_total, GIB - Math.floor(GIB / 5))
  assert.deepEqual(
    [volume.encryption.enabled, volume.tiering.policy, volume.qos.policy.name],
    [true, 'snapshot_only', 'svm1_extreme'],
  )
  assert.equal(volume.snapshot_directory_access_enabled, false)
  assert.deepEqual(volume.aggregates[0].name, 'aggr1')
})

test('unless told, a volume has the snapshot policy default and reserves 5 percent', async (t) => {
  const client = await openClient(t)
  const { snapshot_policy, space, guarantee } = await client.ask(
    `GET /storage/volumes/${await withVolume(client, { guarantee: {} })}`,
  )
  assert.deepEqual([snapshot_policy.name, space.snapshot.reserve_percent, guarantee.type], ['default', 5, 'volume'])
})

test('what is empty in a body counts as not there; sizes may have a unit', async (t) => {
  const client = await openClient(t)
  const uuid = await withVolume(client, { size: '2G', qos: {}, space: {} })
  assert.equal((await client.ask(`GET /storage/volumes/${uuid}?fields=size`)).size, 2 * GIB)
})

test('a volume is changed, mounted, moved and unmounted', async (t) => {
  const client = await openClient(t)
  const uuid = await withVolume(client)
  const change = (body: object) => client.ask(`PATCH /storage/volumes/${uuid}`, body)
  const path = async () => (await client.ask(`GET /storage/volumes/${uuid}?fields=nas.path`)).nas?.path
  await change({ nas: { path: '/v' } })
  assert.equal(await path(), '/v')
  await change({ size: 2 * GIB, comment: 'x', nas: { path: '/w', unix_permissions: 700 } })
  assert.equal(await path(), '/w')
  await change({ nas: { path: '' } })
  assert.equal(await path(), undefined)
  await change({ name: 'renamed' })
  assert.equal(await uuidOf(client, 'renamed'), uuid)
})

test('going offline takes the junction away, and most of what is known', async (t) => {
  const client = await openClient(t)
  const uuid = await withVolume(client, { nas: { path: '/v' } })
  await client.ask(`PATCH /storage/volumes/${uuid}`, { state: 'offline' })
  const { state, nas, space } = await client.ask(`GET /storage/volumes/${uuid}`)
  assert.deepEqual([state, nas.path, nas.unix_permissions, space.used], ['offline', undefined, undefined, undefined])
  assert.deepEqual(await client.refused(`PATCH /storage/volumes/${uuid}`, { size: 2 * GIB }), [409, '917533'])
})

test('the fields of a newer release are unknown to an older one', async (t) => {
  const client = await openClient(t, { release: '9.12.1' })
  const body = newVolume('v', { snapshot_directory_access_enabled: false })
  assert.deepEqual(await client.refused('POST /storage/volumes', body), [400, '262179'])
  const fields = 'GET /storage/volumes?fields=snapshot_directory_access_enabled'
  assert.deepEqual(await client.refused(fields), [400, '262197'])
  const uuid = await withVolume(client)
  assert.deepEqual(await client.refused(`PATCH /storage/volumes/${uuid}?force=true`, {}), [400, '262179'])
})

test('room is counted: thick volumes take theirs, thin ones little', async (t) => {
  const client = await openClient(t)
  const { array, change } = client.simulator
  await change(() => array.aggregates.set('aggr1', { ...array.aggregates.get('aggr1')!, size: 5 * GIB, otherUsed: 0 }))
  await client.ask('POST /storage/volumes', newVolume('thin', { size: 100 * GIB }))
  await client.ask('POST /storage/volumes', newVolume('thick', { size: 3 * GIB, guarantee: { type: 'volume' } }))
  const more = newVolume('more', { size: 3 * GIB, guarantee: { type: 'volume' } })
  assert.deepEqual(await client.refused('POST /storage/volumes', more), [400, '1245212'])
  const uuid = await uuidOf(client, 'thick')
  assert.deepEqual(await client.refused(`PATCH /storage/volumes/${uuid}`, { size: 5 * GIB }), [400, '1245212'])
})

test('a volume that is mounted is deleted at once; its name is free, its room is not, for twelve hours', async (t) => {
  const client = await openClient(t)
  const uuid = await withVolume(client, { nas: { path: '/v' }, guarantee: { type: 'volume' } })
  const { array, advanceClock } = client.simulator
  const used = array.volumes.reservedOf('aggr1')
  await client.ask(`DELETE /storage/volumes/${uuid}`)
  assert.deepEqual(await client.refused(`GET /storage/volumes/${uuid}`), [404, '4'])
  assert.deepEqual(await client.records('/storage/volumes?name=v*'), [])
  assert.equal(array.volumes.reservedOf('aggr1'), used)
  const [queued] = await client.records('/private/cli/volume/recovery-queue?volume=v_*')
  assert.equal(queued.volume, `v_${array.volumes.get(uuid)?.dsid}`)
  await client.ask('POST /storage/volumes', newVolume('v'))
  await advanceClock(13 * HOUR_MS)
  assert.equal(array.volumes.get(uuid), undefined)
})

test('force skips the recovery queue, and purging empties it', async (t) => {
  const client = await openClient(t)
  await client.ask(`DELETE /storage/volumes/${await withVolume(client)}?force=true`)
  assert.deepEqual(await client.records('/private/cli/volume/recovery-queue'), [])
  await client.ask(`DELETE /storage/volumes/${await withVolume(client)}`)
  const [{ volume, vserver }] = await client.records('/private/cli/volume/recovery-queue?vserver=svm1')
  await client.ask('POST /private/cli/volume/recovery-queue/purge', { vserver, volume })
  assert.deepEqual(await client.records('/private/cli/volume/recovery-queue'), [])
})

test('the root volume cannot be deleted, and a path that is taken cannot be mounted at', async (t) => {
  const client = await openClient(t)
  const root = await uuidOf(client, 'svm1_root')
  assert.deepEqual(await client.refused(`DELETE /storage/volumes/${root}`), [400, '917531'])
  await withVolume(client, { nas: { path: '/v' } })
  const other = newVolume('w', { nas: { path: '/v' } })
  assert.deepEqual(await client.refused('POST /storage/volumes', other), [400, '918252'])
})

test('a clone is instant, inherits, is not mounted unless asked, and keeps its source from being deleted', async (t) => {
  const client = await openClient(t)
  const source = await withVolume(client, { nas: { path: '/v', unix_permissions: 711 } })
  const clone = { is_flexclone: true, parent_volume: { name: 'v' } }
  await client.ask('POST /storage/volumes', { name: 'c', svm: { name: 'svm1' }, clone })
  const uuid = await uuidOf(client, 'c')
  const made = await client.ask(`GET /storage/volumes/${uuid}`)
  assert.deepEqual([made.nas.path, made.nas.unix_permissions, made.size], [undefined, 711, GIB])
  assert.deepEqual([made.clone.is_flexclone, made.clone.parent_volume.name], [true, 'v'])
  assert.match(made.clone.parent_snapshot.name, /^clone_c\.\d{4}-\d\d-\d\d_\d{6}\.\d$/)
  const [snapshot] = await client.records(`/storage/volumes/${source}/snapshots?fields=owners`)
  assert.deepEqual(snapshot.owners, ['volume_clone'])
  assert.deepEqual(await client.refused(`DELETE /storage/volumes/${source}`), [409, '524615'])

  await client.ask(`DELETE /storage/volumes/${uuid}`)
  assert.deepEqual(await client.refused(`DELETE /storage/volumes/${source}`), [409, '524615'], 'still in the queue')
  const [{ volume }] = await client.records('/private/cli/volume/recovery-queue')
  await client.ask('POST /private/cli/volume/recovery-queue/purge', { vserver: 'svm1', volume })
  await client.ask(`DELETE /storage/volumes/${source}`)
})

test('a split takes its time, and then the clone is none', async (t) => {
  const client = await openClient(t)
  client.simulator.array.durations = { job: 5, quota: 5, split: HOUR_MS }
  await client.ask('POST /storage/volumes', newVolume('v'))
  const clone = { is_flexclone: true, parent_volume: { name: 'v' } }
  await client.ask('POST /storage/volumes', { name: 'c', svm: { name: 'svm1' }, clone })
  const uuid = await uuidOf(client, 'c')
  await client.ask(`PATCH /storage/volumes/${uuid}`, { clone: { split_initiated: true } })
  const state = async () => (await client.ask(`GET /storage/volumes/${uuid}?fields=clone`)).clone
  assert.equal((await state()).split_initiated, true)
  assert.deepEqual(await client.refused(`PATCH /storage/volumes/${uuid}`, { clone: { split_initiated: true } }), [
    409,
    '918248',
  ])
  await client.simulator.advanceClock(HOUR_MS)
  assert.deepEqual(await state(), { is_flexclone: false, has_flexclone: false })
})

test('a clone of what is not there is refused, of a snapshot that is not there by its job', async (t) => {
  const client = await openClient(t)
  await withVolume(client)
  const clone = (more: object, parent = 'v') =>
    client.refused('POST /storage/volumes', {
      name: 'c',
      svm: { name: 'svm1' },
      clone: { is_flexclone: true, parent_volume: { name: parent }, ...more },
    })
  assert.deepEqual(await clone({}, 'nobody'), [404, '524601'])
  assert.deepEqual(await clone({ parent_snapshot: { name: 'never' } }), [404, '1638600'])
})

test('a clone is of the very volume and snapshot that were named, by name or UUID, or it is refused', async (t) => {
  const client = await openClient(t, { tenants: [{ svm: 'svm2', user: 'other', password: 'p' }] })
  const uuid = await withVolume(client)
  const theirs = newVolume('v', { svm: { name: 'svm2' } })
  await client.call('POST /storage/volumes?return_timeout=30', { body: theirs, login: 'other:p' })
  const stranger = client.simulator.array.volumes.all().find((volume) => volume.name === 'v' && volume.uuid !== uuid)
  await client.ask(`POST /storage/volumes/${uuid}/snapshots`, { name: 'monday' })
  const [monday] = await client.records(`/storage/volumes/${uuid}/snapshots`)
  const clone = (parent: object, more: object = {}) => ({
    ...{ name: 'c', svm: { name: 'svm1' }, clone: { is_flexclone: true, ...parent }, ...more },
  })

  await client.ask(
    'POST /storage/volumes',
    clone({ parent_volume: { uuid }, parent_snapshot: { uuid: monday.uuid }, parent_svm: { name: 'svm1' } }),
  )
  const [made] = await client.records('/storage/volumes?name=c&fields=clone')
  assert.deepEqual([made.clone.parent_volume.uuid, made.clone.parent_snapshot.name], [uuid, 'monday'])
  await client.ask(`DELETE /storage/volumes/${made.uuid}?force=true`)

  const refused = (parent: object, more?: object) => client.refused('POST /storage/volumes', clone(parent, more))
  assert.deepEqual(await refused({ parent_volume: { uuid: stranger?.uuid } }), [404, '524601'])
  assert.deepEqual(await refused({ parent_volume: { name: 'v', uuid: stranger?.uuid } }), [404, '524601'])
  assert.deepEqual(await refused({ parent_volume: { name: 'v' }, parent_svm: { name: 'svm2' } }), [404, '524601'])
  assert.deepEqual(await refused({ parent_volume: { uuid }, parent_snapshot: { uuid } }), [404, '1638600'])
  assert.deepEqual(await refused({ parent_volume: { uuid } }, { qos: { policy: { name: 'none' } } }), [400, '8454260'])
})

test('what is wrong with a size or a reserve is said of what was asked for', async (t) => {
  const { call } = await openClient(t)
  const messageFor = async (more: object) => {
    const { body } = await call('POST /storage/volumes?return_timeout=30', { body: newVolume('v', more) })
    return body.error.message
  }
  assert.match(await messageFor({ size: 1000 }), /^The size "1000B" .*too small/)
  const reserve = await messageFor({ space: { snapshot: { reserve_percent: 101 } } })
  assert.equal(reserve, 'The value "101" is invalid for field "space.snapshot.reserve_percent".')
})

test('a UUID that cannot be decoded is that of nothing', async (t) => {
  const { refused } = await openClient(t)
  assert.deepEqual(await refused('GET /storage/volumes/%zz'), [404, '4'])
})

test('a FlexGroup spreads over aggregates in hidden parts, each of 200 MiB at least', async (t) => {
  const client = await openClient(t)
  const group = (size: number) => ({
    ...{ name: 'fg', svm: { name: 'svm1' }, style: 'flexgroup', size, guarantee: { type: 'none' } },
    aggregates: [{ name: 'aggr1' }, { name: 'aggr2' }],
  })
  assert.deepEqual(await client.refused('POST /storage/volumes', group(GIB)), [400, '917534'])
  await client.ask('POST /storage/volumes', group(8 * GIB))
  const [found, ...others] = await client.records('/storage/volumes?name=fg*&fields=style,aggregates.name,size')
  assert.deepEqual([found.style, found.aggregates.length, others.length, found.size], ['flexgroup', 2, 0, 8 * GIB])
  const parts = await client.records(`/storage/volumes?is_constituent=true&flexgroup.uuid=${found.uuid}&fields=size`)
  assert.deepEqual([parts.length, parts[0].name, parts[0].size], [8, 'fg__0001', GIB])
  await client.ask(`DELETE /storage/volumes/${found.uuid}?force=true`)
  assert.equal(client.simulator.array.volumes.size, 1)
})
