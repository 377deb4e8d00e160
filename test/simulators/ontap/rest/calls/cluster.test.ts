import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newVolume, openClient, uuidOf } from '../../client.ts'

test('the release is a text and three numbers, for users of one SVM too', async (t) => {
  const { ask } = await openClient(t, { release: '9.14.1' })
  const { version } = await ask('GET /cluster?fields=version')
  assert.deepEqual([version.generation, version.major, version.minor], [9, 14, 1])
  assert.match(version.full, /^NetApp Release 9\.14\.1: /)
  assert.equal('disaggregated' in (await ask('GET /cluster')), false)
})

test('at the address of an SVM, nodes and aggregates are refused, and its own aggregates are known', async (t) => {
  const { ask, refused, records, simulator } = await openClient(t)
  assert.deepEqual(await refused('GET /cluster/nodes?fields=serial_number'), [403, '6'])
  assert.deepEqual(await refused('GET /storage/aggregates'), [403, '6'])
  const [svm] = await records('/svm/svms?fields=state')
  const { aggregates } = await ask(`GET /svm/svms/${svm.uuid}?fields=aggregates.name,aggregates.available_size`)
  assert.deepEqual(
    aggregates.map(({ name, available_size }: { name: string; available_size: number }) => [name, available_size > 0]),
    [
      ['aggr1', true],
      ['aggr2', true],
    ],
  )
  await simulator.change(({ aggregates }) => {
    for (const aggregate of aggregates.values()) aggregates.set(aggregate.name, { ...aggregate, svms: [] })
  })
  assert.equal((await ask(`GET /svm/svms/${svm.uuid}?fields=aggregates.name`)).aggregates, undefined)
})

test('a user of the cluster sees all SVMs, nodes and aggregates; a header picks an SVM', async (t) => {
  const tenants = [{ svm: 'svm2', user: 'other', password: 'p' }]
  const { ask, call, records } = await openClient(t, { scope: 'cluster', tenants })
  assert.deepEqual(
    (await records('/svm/svms')).map(({ name }) => name),
    ['svm1', 'svm2'],
  )
  const [node] = await records('/cluster/nodes?fields=serial_number,version')
  assert.match(node.serial_number, /^\d/)
  const [aggregate] = await records('/storage/aggregates?fields=space,block_storage.primary.disk_type')
  const { size, used, available } = aggregate.space.block_storage
  assert.deepEqual([size, aggregate.block_storage.primary.disk_type], [used + available, 'ssd'])

  await ask('POST /storage/volumes', newVolume('v'))
  const seen = await call('GET /storage/volumes?name=v', { headers: { 'X-Dot-SVM-Name': 'svm2' } })
  assert.deepEqual(seen.body.records, [])
  const unknown = await call('GET /storage/volumes', { headers: { 'X-Dot-SVM-Name': 'svm3' } })
  assert.deepEqual([unknown.status, unknown.body.error.code], [400, '2621462'])
  const noSvm = await call('POST /storage/volumes', { body: { name: 'w', aggregates: [{ name: 'aggr1' }] } })
  assert.equal(noSvm.body.error.code, '2621707')
})

test('tenants share aggregates and see nothing of each other', async (t) => {
  const client = await openClient(t, { tenants: [{ svm: 'svm2', user: 'other', password: 'p' }] })
  await client.ask('POST /storage/volumes', newVolume('v'))
  const uuid = await uuidOf(client, 'v')
  const login = 'other:p'
  const { body } = await client.call('GET /storage/volumes', { login })
  assert.deepEqual(
    body.records.map(({ name }: { name: string }) => name),
    ['svm2_root'],
  )
  assert.equal((await client.call(`DELETE /storage/volumes/${uuid}`, { login })).status, 404)
  const stranger = await client.call('POST /storage/volumes', { login, body: newVolume('w') })
  assert.equal(stranger.body.error.code, '2621462')
  const own = newVolume('v', { svm: { name: 'svm2' } })
  assert.equal((await client.call('POST /storage/volumes?return_timeout=30', { login, body: own })).status, 201)
})

test('addresses are found by what they serve, whether up or not', async (t) => {
  const { records, simulator } = await openClient(t, { dataLif: ['10.0.0.1', '2001:db8::1'] })
  await simulator.change(({ lifs }) => {
    const [lif] = [...lifs.values()].filter(({ address }) => address === '10.0.0.1')
    lifs.set(lif!.uuid, { ...lif!, up: false })
  })
  const found = await records('/network/ip/interfaces?services=data_nfs&fields=ip.address,state&order_by=name')
  assert.deepEqual(
    found.map(({ ip, state }) => [ip.address, state]),
    [
      ['10.0.0.1', 'down'],
      ['2001:db8::1', 'up'],
    ],
  )
  assert.equal((await records('/network/ip/interfaces?services=data_nfs&state=up')).length, 1)
})

test('the NFS service says which versions it has', async (t) => {
  const { records } = await openClient(t, { nfsVersions: ['3', '4.1'] })
  const [{ enabled, protocol }] = await records('/protocols/nfs/services?fields=enabled,protocol')
  assert.deepEqual([enabled, protocol], [true, { v3_enabled: true, v40_enabled: false, v41_enabled: true }])
})

test('policies of snapshots and of QoS can be looked up', async (t) => {
  const { records } = await openClient(t)
  const snapshot = await records('/storage/snapshot-policies')
  assert.deepEqual(
    snapshot.map(({ name }) => name),
    ['default', 'default-1weekly', 'none'],
  )
  const qos = await records('/storage/qos/policies?fields=adaptive,fixed')
  assert.deepEqual(qos.map(({ name, adaptive }) => [name, adaptive !== undefined]).sort(), [
    ['svm1_extreme', false],
    ['svm1_value', true],
  ])
})

test('an event is kept, and answered with an empty object and status 200', async (t) => {
  const { call, simulator } = await openClient(t)
  const event = {
    computer_name: 'host1',
    event_source: 'netappdvp',
    app_version: '0.1.0',
    event_id: 1,
    category: 'initialized',
    event_description: 'hello',
    severity: 'notice',
    autosupport_required: false,
  }
  const { status, body } = await call('POST /support/ems/application-logs', { body: event })
  assert.deepEqual([status, body], [200, {}])
  const [entry] = simulator.array.log
  assert.deepEqual([entry?.category, entry?.description], ['initialized', 'hello'])
  const { app_version: _, ...less } = event
  assert.equal((await call('POST /support/ems/application-logs', { body: less })).body.error.code, '262177')
})
