import assert from 'node:assert/strict'
import { test } from 'node:test'
import { GIB, MIB } from '../../../../src/units.ts'
import { context, rememberingLog } from '../../../host/fakes.ts'
import { apis, failed, begun as inProgress, page, passed, scripted, volume } from './scripted.ts'

const ref = { name: 'v1', uuid: 'v1-uuid' }

test('snapshots are read with their time and size, which arrays give in seconds and KiB', async (t) => {
  const row =
    '<snapshot-info><access-time>1466640058</access-time><comment>mine</comment><name>s1</name><total>2048</total><volume>v1</volume></snapshot-info>'
  const { ontap } = await scripted(t, [page([row])])
  assert.deepEqual(await ontap.snapshots.ofVolume(context(), ref), [
    { name: 's1', createdAt: new Date(1466640058_000), comment: 'mine', size: 2 * MIB },
  ])
})

test('a volume without snapshots is told from one that is not there, and from one that is offline', async (t) => {
  const none = await scripted(t, [page([]), page([volume({ name: 'v1' })])])
  assert.deepEqual(await none.ontap.snapshots.ofVolume(context(), ref), [])
  const missing = await scripted(t, [page([])])
  await assert.rejects(missing.ontap.snapshots.ofVolume(context(), ref), { code: 'NOT_FOUND' })
  const error =
    '<num-records>0</num-records><volume-errors><volume-error><errno>13023</errno><name>v1</name><reason>Volume not online.</reason></volume-error></volume-errors>'
  const offline = await scripted(t, [passed(error), page([volume({ name: 'v1', state: 'offline' })])])
  await assert.rejects(offline.ontap.snapshots.ofVolume(context(), ref), { code: 'REFUSED', message: /offline/ })
})

test('a snapshot that something depends on is not removed', async (t) => {
  const { ontap } = await scripted(t, [failed('13024', 'busy')])
  await assert.rejects(ontap.snapshots.remove(context(), ref, 's1'), { code: 'HAS_DEPENDENTS' })
})

test('qtrees are listed across volumes, without the nameless one every volume has', async (t) => {
  const row = (name: string, volume: string, id: number) =>
    `<qtree-info><id>${id}</id><mode>755</mode><qtree>${name}</qtree><security-style>unix</security-style><volume>${volume}</volume></qtree-info>`
  const array = await scripted(t, [page([row('', 'pool_a', 0), row('q1', 'pool_a', 1), row('q1', 'other', 1)])])
  const found = await array.ontap.qtrees.inVolumes(context(), 'pool_')
  assert.deepEqual(found, [{ volume: 'pool_a', name: 'q1', id: 1, unixPermissions: 0o755, securityStyle: 'unix' }])
  assert.match(array.calls[0]?.input ?? '', /<query><qtree-info><volume>pool_\*<\/volume><\/qtree-info><\/query>/)
})

test('a qtree is renamed and removed by its path; a mode of nothing at all is one', async (t) => {
  const array = await scripted(t, [passed(''), passed(''), passed(''), inProgress])
  const { qtrees } = array.ontap
  const qtree = { volume: 'pool_a', name: 'q1' }
  await qtrees.create(context(), { ...qtree, unixPermissions: 0, securityStyle: 'unix' })
  await qtrees.changeMode(context(), qtree, 0o777)
  await qtrees.rename(context(), qtree, 'deleted_q1')
  await qtrees.remove(context(), qtree)
  assert.deepEqual(
    array.calls.map(({ input }) => input),
    [
      '<qtree>q1</qtree><volume>pool_a</volume><mode>0000</mode><security-style>unix</security-style>',
      '<qtree>q1</qtree><volume>pool_a</volume><mode>0777</mode>',
      '<qtree>/vol/pool_a/q1</qtree><new-qtree-name>/vol/pool_a/deleted_q1</new-qtree-name>',
      '<qtree>/vol/pool_a/q1</qtree><force>true</force>',
    ],
  )
})

test('quota rules are read in KiB: default, explicit, without a limit, and none of users', async (t) => {
  const row = (target: string, limit: string, type = 'tree', qtree = '') =>
    `<quota-entry><disk-limit>${limit}</disk-limit><qtree>${qtree}</qtree><quota-target>${target}</quota-target><quota-type>${type}</quota-type><volume>pool_a</volume></quota-entry>`
  const { ontap } = await scripted(t, [
    page([row('/vol/pool_a/q1', '1048576'), row('', '-'), row('*', '-', 'user'), row('q2', '1024')]),
  ])
  assert.deepEqual(await ontap.quotas.treeRules(context(), 'pool_'), [
    { volume: 'pool_a', qtree: 'q1', hardLimit: GIB },
    { volume: 'pool_a', qtree: '' },
    { volume: 'pool_a', qtree: 'q2', hardLimit: MIB },
  ])
})

test('of an SVM’s quota policies only the one that it is assigned counts', async (t) => {
  const rule = (policy: string, limit: string) =>
    `<quota-entry><disk-limit>${limit}</disk-limit><policy>${policy}</policy><quota-target>/vol/pool_a/q1</quota-target><quota-type>tree</quota-type><volume>pool_a</volume></quota-entry>`
  const assigned = page([
    '<vserver-info><quota-policy>this_year</quota-policy><vserver-name>svm1</vserver-name></vserver-info>',
  ])
  const twice = page([rule('last_year', '1024'), rule('this_year', '1048576')])
  const array = await scripted(t, [twice, assigned])
  const found = [{ volume: 'pool_a', qtree: 'q1', hardLimit: GIB }]
  assert.deepEqual(await array.ontap.quotas.treeRules(context(), 'pool_'), found)
  const one = await scripted(t, [page([rule('this_year', '1048576')])])
  assert.deepEqual(await one.ontap.quotas.treeRules(context(), 'pool_'), found)
  assert.deepEqual(apis(one), ['quota-list-entries-iter'], 'nothing more is asked where it makes no difference')
})

test('a quota rule names the qtree by its path, and the default one by nothing', async (t) => {
  const array = await scripted(t, [passed('')])
  await array.ontap.quotas.setTreeRule(context(), { volume: 'pool_a', qtree: 'q1', hardLimit: GIB })
  await array.ontap.quotas.setTreeRule(context(), { volume: 'pool_a', qtree: '' })
  assert.deepEqual(
    array.calls.map(({ input }) => input),
    [
      '<volume>pool_a</volume><qtree/><quota-target>/vol/pool_a/q1</quota-target><quota-type>tree</quota-type><disk-limit>1048576</disk-limit>',
      '<volume>pool_a</volume><qtree/><quota-target/><quota-type>tree</quota-type><disk-limit>-</disk-limit>',
    ],
  )
})

const status = (word: string) => passed(`<status>${word}</status>`)

test('rules are taken up by switching quotas on where they are off, and by a resize where they are on', async (t) => {
  const off = await scripted(t, [status('off'), inProgress, failed('13005'), status('initializing'), status('on')])
  await off.ontap.quotas.apply(context(), ref)
  assert.deepEqual(apis(off).slice(0, 3), ['quota-status', 'quota-on', 'job-get-iter'])
  const on = await scripted(t, [status('on'), inProgress, failed('13005'), status('resizing'), status('on')])
  await on.ontap.quotas.apply(context(), ref)
  assert.deepEqual(apis(on).slice(0, 3), ['quota-status', 'quota-resize', 'job-get-iter'])
})

test('quotas that do not come on are told', async (t) => {
  const done = passed('<result-status>succeeded</result-status>')
  const { ontap } = await scripted(t, [status('off'), done, status('corrupt')])
  await assert.rejects(ontap.quotas.apply(context(), ref), { code: 'REFUSED', message: /corrupt/ })
})

test('a policy without rules is told from one that is not there', async (t) => {
  const policy = '<export-policy-info><policy-name>p</policy-name></export-policy-info>'
  const empty = await scripted(t, [page([]), page([policy])])
  assert.deepEqual(await empty.ontap.exports.rules(context(), 'p'), [])
  const none = await scripted(t, [page([])])
  assert.equal(await none.ontap.exports.rules(context(), 'p'), undefined)
})

test('export rules come in the order they count in, each with all its clients', async (t) => {
  const rule = (index: number, clients: string) =>
    `<export-rule-info><client-match>${clients}</client-match><policy-name>p</policy-name><protocol><access-protocol>nfs3</access-protocol><access-protocol>nfs4</access-protocol></protocol><ro-rule><security-flavor>sys</security-flavor></ro-rule><rule-index>${index}</rule-index><rw-rule><security-flavor>any</security-flavor></rw-rule><super-user-security><security-flavor>none</security-flavor></super-user-security></export-rule-info>`
  const { ontap } = await scripted(t, [page([rule(3, '10.0.0.0/8,@hosts'), rule(1, '0.0.0.0/0')])])
  assert.deepEqual(await ontap.exports.rules(context(), 'p'), [
    { index: 1, clients: ['0.0.0.0/0'], protocols: ['nfs3', 'nfs4'], ro: ['sys'], rw: ['any'], superuser: ['none'] },
    {
      index: 3,
      clients: ['10.0.0.0/8', '@hosts'],
      protocols: ['nfs3', 'nfs4'],
      ro: ['sys'],
      rw: ['any'],
      superuser: ['none'],
    },
  ])
})

test('a rule that is there already is fine', async (t) => {
  const there = await scripted(t, [failed('13001', 'The export policy already contains a rule')])
  await there.ontap.exports.addRule(context(), 'p', '10.0.0.1')
})

test('a policy that is there already is ALREADY_EXISTS', async (t) => {
  const { ontap } = await scripted(t, [failed('13130', 'duplicate entry')])
  await assert.rejects(ontap.exports.createPolicy(context(), 'p'), { code: 'ALREADY_EXISTS' })
})

const shown =
  '<show-aggregates><aggregate-name>aggr1</aggregate-name><available-size>1073741824</available-size></show-aggregates>'
const svm = (content: string) => page([`<vserver-info>${content}<vserver-name>svm1</vserver-name></vserver-info>`])
const withSizes = svm(
  '<vserver-aggr-info-list><vserver-aggr-info><aggr-availsize>1048576</aggr-availsize><aggr-name>aggr1</aggr-name></vserver-aggr-info></vserver-aggr-info-list>',
)

test('aggregates are asked for as the release and the role allow', async (t) => {
  const today = await scripted(t, [page([shown])])
  assert.deepEqual(await today.ontap.aggregates.assigned(context()), [{ name: 'aggr1', available: GIB }])
  assert.match(today.calls[0]?.input ?? '', /^<vserver>svm1<\/vserver>/)
  const old = await scripted(t, [withSizes], { release: '8.3' })
  assert.deepEqual(await old.ontap.aggregates.assigned(context()), [{ name: 'aggr1', available: MIB }])
  assert.deepEqual(apis(old), ['vserver-get-iter'])
  const refused = await scripted(t, [failed('13003'), svm('<aggr-list><aggr-name>aggr1</aggr-name></aggr-list>')])
  assert.deepEqual(await refused.ontap.aggregates.assigned(context()), [{ name: 'aggr1' }])
  const none = await scripted(t, [svm('')], { release: '8.3' })
  assert.deepEqual(await none.ontap.aggregates.assigned(context()), [])
})

test('what is used of aggregates is for the cluster’s users', async (t) => {
  const { ontap } = await scripted(t, [failed('13005', 'Unable to find API: aggr-get-iter')])
  await assert.rejects(ontap.aggregates.usage(context()), { code: 'UNAUTHORIZED', message: /"storage aggregate show"/ })
})

test('addresses that serve NFS are told by protocol or by service, those that are down included', async (t) => {
  const lif = (name: string, protocols: string, state: string, more = '') =>
    `<net-interface-info><address>10.0.0.${name.at(-1)}</address><administrative-status>up</administrative-status><data-protocols>${protocols}</data-protocols><interface-name>${name}</interface-name><operational-status>${state}</operational-status>${more}</net-interface-info>`
  const nfs = '<data-protocol>nfs</data-protocol><data-protocol>cifs</data-protocol>'
  const service = '<service-names><lif-service-name>data_nfs</lif-service-name></service-names>'
  const { ontap } = await scripted(t, [
    page([
      lif('lif1', nfs, 'up'),
      lif('lif2', '<data-protocol>iscsi</data-protocol>', 'up'),
      lif('lif3', nfs, 'down'),
      lif('lif4', '', 'up', service),
    ]),
  ])
  assert.deepEqual(await ontap.network.nfsInterfaces(context()), [
    { name: 'lif1', address: '10.0.0.1', up: true },
    { name: 'lif3', address: '10.0.0.3', up: false },
    { name: 'lif4', address: '10.0.0.4', up: true },
  ])
})

const mirror = (state: string) =>
  page([`<snapmirror-info><relationship-status>${state}</relationship-status></snapmirror-info>`])

test('where there are no load-sharing mirrors, or none to be seen, it is asked once in ten minutes', async (t) => {
  for (const reply of [page([]), failed('13003')]) {
    const array = await scripted(t, [reply])
    await array.ontap.network.updateLoadSharing(context())
    await array.ontap.network.updateLoadSharing(context())
    assert.deepEqual(apis(array), ['snapmirror-get-iter'])
    const now = performance.now()
    t.mock.method(performance, 'now', () => now + 11 * 60_000)
    await array.ontap.network.updateLoadSharing(context())
    assert.equal(apis(array).length, 2)
    t.mock.restoreAll()
  }
})

test('load-sharing mirrors are updated, and waited for', async (t) => {
  const array = await scripted(t, [mirror('idle'), passed(''), mirror('transferring'), mirror('idle')])
  await array.ontap.network.updateLoadSharing(context())
  assert.deepEqual(apis(array), [
    'snapmirror-get-iter',
    'snapmirror-update-ls-set',
    'snapmirror-get-iter',
    'snapmirror-get-iter',
  ])
  assert.equal(array.calls[1]?.input, '<source-location>svm1:svm1_root</source-location>')
})

test('an event is logged with who says it', async (t) => {
  const { log } = rememberingLog()
  const array = await scripted(t, [passed('')])
  await array.ontap.events.log(context(log), {
    computer: 'host1',
    source: 'netappdvp',
    version: '1.0',
    category: 'initialized',
    description: 'it runs',
  })
  assert.match(
    array.calls[0]?.input ?? '',
    /<computer-name>host1<\/computer-name>.*<log-level>5<\/log-level><auto-support>false</,
  )
})
