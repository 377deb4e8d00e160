/** The system, SVMs, aggregates, addresses, mirrors, policies and users. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addLoadSharing } from '../../../../../src/simulators/ontap/operations/mirrors.ts'
import { JOB_MS, wire } from '../wire.ts'

test('the release is told as a text and as numbers', async () => {
  const { ask } = await wire({ release: '9.9.1' })
  const answer = await ask('system-get-version')
  assert.match(answer['version'], /^NetApp Release 9\.9\.1: /)
  assert.equal(answer['is-clustered'], 'true')
  assert.deepEqual(answer['version-tuple'], { 'system-version-tuple': { generation: '9', major: '9', minor: '1' } })
})

test('nodes tell their serial numbers', async () => {
  const { list, array } = await wire({ scope: 'cluster' })
  const nodes = await list('system-node-get-iter')
  assert.deepEqual(
    nodes.map((node) => node['node-serial-number']),
    array.nodes.map(({ serial }) => serial),
  )
})

test('an SVM tells the aggregates it may use, and how much is free in each', async () => {
  const { ask, list, svm } = await wire()
  const { attributes } = await ask('vserver-get')
  const own = attributes['vserver-info'][0]
  assert.deepEqual([own['vserver-name'], own['uuid'], own['state']], ['svm1', svm.uuid, 'running'])
  assert.deepEqual(own['aggr-list'], { 'aggr-name': ['aggr1', 'aggr2'] })
  const infos = own['vserver-aggr-info-list']['vserver-aggr-info']
  assert.deepEqual(
    infos.map((info: Record<string, string>) => info['aggr-name']),
    ['aggr1', 'aggr2'],
  )
  const shown = await list('vserver-show-aggr-get-iter', { vserver: 'svm1' })
  assert.deepEqual(
    shown.map((row) => [row['aggregate-name'], row['available-size'], row['vserver-name']]),
    infos.map((info: Record<string, string>) => [info['aggr-name'], info['aggr-availsize'], 'svm1']),
  )
  const wanted = { 'desired-attributes': { 'vserver-info': { 'root-volume': '' } } }
  const { attributes: root } = await ask('vserver-get', wanted)
  assert.deepEqual(root['vserver-info'], [{ 'root-volume': 'svm1_root' }])
})

test('an SVM without aggregates has no such lists', async () => {
  const { ask, array } = await wire()
  for (const aggregate of array.aggregates.values()) array.aggregates.set(aggregate.name, { ...aggregate, svms: [] })
  const { attributes } = await ask('vserver-get')
  const own = attributes['vserver-info'][0]
  assert.deepEqual([own['aggr-list'], own['vserver-aggr-info-list']], [undefined, undefined])
  const shown = await ask('vserver-show-aggr-get-iter', { vserver: 'svm1' })
  assert.equal(shown['num-records'], '0')
})

test('an SVM does not show the aggregates of another', async () => {
  const { refused } = await wire()
  assert.match(await refused('vserver-show-aggr-get-iter', { vserver: 'svm2' }), /^15698 /)
  assert.equal(await refused('vserver-show-aggr-get-iter'), '13115 Missing input: vserver')
})

test('the cluster tells how full its aggregates are', async () => {
  const { list, ask } = await wire({ scope: 'cluster' })
  const used = async () => Number((await list('aggr-space-get-iter'))[0]['used-including-snapshot-reserve'])
  const before = await used()
  const thick = { volume: 'a', 'containing-aggr-name': 'aggr1', size: '1g', 'space-reserve': 'volume' }
  await ask('volume-create', thick)
  assert.equal((await used()) - before, 1024 ** 3)
  const [first] = await list('aggr-get-iter')
  const space = first['aggr-space-attributes']
  assert.equal(Number(space['size-used']), await used())
  assert.equal(Number(space['size-total']), Number(space['size-used']) + Number(space['size-available']))
})

test('addresses tell which data they serve, and whether they are up', async () => {
  const { list, array } = await wire({ release: '9.6' })
  const nfs = { query: { 'net-interface-info': { 'data-protocols': { 'data-protocol': 'nfs' } } } }
  const [lif, ...others] = await list('net-interface-get-iter', nfs)
  assert.deepEqual(others, [])
  assert.deepEqual([lif['address'], lif['vserver'], lif['role']], ['127.0.0.1', 'svm1', 'data'])
  assert.deepEqual([lif['operational-status'], lif['netmask'], lif['netmask-length']], ['up', '255.255.255.0', '24'])
  assert.deepEqual(lif['data-protocols'], { 'data-protocol': ['nfs'] })
  assert.deepEqual(lif['service-names'], { 'lif-service-name': ['data-core', 'data-nfs'] })
  const found = array.lifs.get(lif['lif-uuid'])!
  array.lifs.set(found.uuid, { ...found, up: false })
  assert.equal((await list('net-interface-get-iter', nfs))[0]['operational-status'], 'down')
  const all = await list('net-interface-get-iter')
  assert.deepEqual(
    all.map((row) => row['data-protocols']['data-protocol']),
    [['none'], ['nfs']],
  )
})

test('releases before 9.6 know no services of addresses', async () => {
  const { list, refused } = await wire({ release: '9.5' })
  assert.equal((await list('net-interface-get-iter'))[0]['service-names'], undefined)
  const query = { query: { 'net-interface-info': { 'service-names': '' } } }
  assert.equal(await refused('net-interface-get-iter', query), '13115 Extra input: service-names')
})

test('the versions of NFS that an SVM serves are told', async () => {
  const { list } = await wire()
  const [nfs] = await list('nfs-service-get-iter')
  assert.deepEqual(
    ['is-nfs-access-enabled', 'is-nfsv3-enabled', 'is-nfsv40-enabled', 'is-nfsv41-enabled'].map((name) => nfs[name]),
    ['true', 'true', 'false', 'true'],
  )
})

test('what hosts log is kept', async () => {
  const { ask, array, refused } = await wire()
  const event = {
    ...{ 'computer-name': 'host1', 'event-id': 0, 'event-source': 'netappdvp', 'app-version': '1.0' },
    ...{ category: 'initialized', 'event-description': 'It "works" & waits', 'log-level': 6, 'auto-support': false },
  }
  await ask('ems-autosupport-log', event)
  const [entry] = array.log
  assert.deepEqual(
    [entry?.computer, entry?.category, entry?.description],
    ['host1', 'initialized', 'It "works" & waits'],
  )
  const { category: _, ...half } = event
  assert.equal(await refused('ems-autosupport-log', half), '13115 Missing input: category')
})

test('load-sharing mirrors show a junction after an update that takes its time', async () => {
  const { ask, list, refused, wait, array, svm } = await wire({ volumes: ['a'] })
  assert.deepEqual(await list('snapmirror-get-iter'), [])
  const source = { 'source-location': 'svm1:svm1_root' }
  assert.match(await refused('snapmirror-update-ls-set', source), /^15661 /)
  addLoadSharing(array, svm, ['aggr1', 'aggr2'])
  const query = { query: { 'snapmirror-info': { 'relationship-type': 'load_sharing' } } }
  const status = async () => (await list('snapmirror-get-iter', query)).map((row) => row['relationship-status'])
  const [mirror] = await list('snapmirror-get-iter', query)
  assert.deepEqual(
    [mirror['source-location'], mirror['source-volume'], mirror['destination-volume']],
    ['svm1:svm1_root', 'svm1_root', 'svm1_root_m1'],
  )
  assert.deepEqual(await status(), ['idle', 'idle'])
  assert.equal((await ask('snapmirror-update-ls-set', source))['result-status'], 'in_progress')
  assert.deepEqual(await status(), ['transferring', 'transferring'])
  assert.match(await refused('snapmirror-update-ls-set', source), /^17137 /)
  wait(JOB_MS)
  assert.deepEqual(await status(), ['idle', 'idle'])
  const volumes = { query: { 'volume-attributes': { 'volume-id-attributes': { type: 'ls' } } } }
  assert.equal((await list('volume-get-iter', volumes)).length, 2)
  assert.match(await refused('snapmirror-update-ls-set', { 'source-location': 'svm1:a' }), /^15661 /)
})

test('QoS policies are listed by their kind', async () => {
  const { list } = await wire()
  assert.deepEqual(
    (await list('qos-policy-group-get-iter')).map((row) => row['policy-group']),
    ['svm1_extreme'],
  )
  assert.deepEqual(
    (await list('qos-adaptive-policy-group-get-iter')).map((row) => row['policy-group']),
    ['svm1_value'],
  )
})

test('users and rights are told for those who check them', async () => {
  const { list, userWith } = await wire()
  userWith('docker', [
    { command: 'DEFAULT', access: 'none' },
    { command: 'volume', access: 'all' },
  ])
  const mine = { query: { 'security-login-account-info': { 'user-name': 'docker', application: 'ontapi' } } }
  const [login] = await list('security-login-get-iter', mine)
  assert.deepEqual([login['role-name'], login['authentication-method']], ['docker-role', 'password'])
  const rights = await list('security-login-role-get-iter', {
    query: { 'security-login-role-info': { 'role-name': 'docker-role' } },
  })
  assert.deepEqual(
    rights.map((right) => [right['command-directory-name'], right['access-level']]),
    [
      ['DEFAULT', 'none'],
      ['volume', 'all'],
    ],
  )
})
