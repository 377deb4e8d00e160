import assert from 'node:assert/strict'
import { test } from 'node:test'
import { GIB } from '../../../../src/units.ts'
import { context } from '../../../host/fakes.ts'
import { apis, dropped, failed, group, inputOf, job, modified, page, passed, scripted, volume } from './scripted.ts'

const flexvol = { name: 'v1', uuid: 'v1-uuid', style: 'flexvol' } as const
const flexgroup = { name: 'g1', uuid: 'g1-uuid', style: 'flexgroup' } as const

test('an offline volume, which says next to nothing, is shown for what it is', async (t) => {
  const { ontap } = await scripted(t, [page([volume({ name: 'v1', space: '', state: 'offline' })])])
  const found = await ontap.volumes.find(context(), 'v1')
  assert.deepEqual([found?.state, found?.size, found?.comment, found?.junctionPath], ['offline', 0, '', undefined])
})

test('every field is read, and dashes and empty elements are no value', async (t) => {
  const id =
    '<aggr-list><aggr-name>aggr1</aggr-name><aggr-name>aggr2</aggr-name></aggr-list><comment/><creation-time>1763382896</creation-time><junction-path>-</junction-path><style-extended>flexgroup</style-extended><type>rw</type>'
  const more =
    '<encrypt>True</encrypt><volume-clone-attributes><volume-clone-parent-attributes><name>src</name><snapshot-name>clone_1</snapshot-name></volume-clone-parent-attributes></volume-clone-attributes><volume-comp-aggr-attributes><tiering-policy>auto</tiering-policy></volume-comp-aggr-attributes><volume-export-attributes><policy>default</policy></volume-export-attributes><volume-qos-attributes><adaptive-policy-group-name>fast</adaptive-policy-group-name></volume-qos-attributes><volume-security-attributes><style>unix</style><volume-security-unix-attributes><permissions>755</permissions></volume-security-unix-attributes></volume-security-attributes><volume-snapshot-attributes><snapdir-access-enabled>false</snapdir-access-enabled><snapshot-count>3</snapshot-count><snapshot-policy>none</snapshot-policy></volume-snapshot-attributes>'
  const space =
    '<percentage-snapshot-reserve>5</percentage-snapshot-reserve><size>2147483648</size><size-used>4096</size-used><space-guarantee>volume</space-guarantee>'
  const { ontap } = await scripted(t, [page([volume({ name: 'v1', id, space, more })])])
  assert.deepEqual(await ontap.volumes.find(context(), 'v1'), {
    name: 'v1',
    uuid: 'v1-uuid',
    style: 'flexgroup',
    state: 'online',
    size: 2 * GIB,
    snapshotReserve: 5,
    used: 4096,
    aggregates: ['aggr1', 'aggr2'],
    comment: '',
    spaceGuarantee: 'volume',
    snapshotPolicy: 'none',
    snapshotDirectory: false,
    unixPermissions: 0o755,
    securityStyle: 'unix',
    exportPolicy: 'default',
    encryption: true,
    tieringPolicy: 'auto',
    qosPolicy: 'fast',
    snapshotCount: 3,
    createdAt: new Date(1763382896_000),
    clonedFrom: { volume: 'src', snapshot: 'clone_1' },
  })
})

test('a list leaves out root volumes, constituents, deleted ones, mirrors, and names that only fit the pattern', async (t) => {
  const row = (name: string, id: string, state = '') =>
    volume({ name, id, more: state === '' ? '' : `<volume-state-attributes>${state}</volume-state-attributes>` })
  const array = await scripted(t, [
    page([
      row('p_1', '<type>rw</type>'),
      row('p_root', '').replace('<state>', '<is-vserver-root>true</is-vserver-root><state>'),
      row('p_2__0001', '<style-extended>flexgroup_constituent</style-extended>'),
      row('p_3', '<type>del</type>'),
      row('p_4', '<type>dp</type>'),
      row('q_1', ''),
    ]),
  ])
  const names = (await array.ontap.volumes.withPrefix(context(), 'p_')).map(({ name }) => name)
  assert.deepEqual(names, ['p_1'])
  assert.match(inputOf(array, 'volume-get-iter'), /<name>p_\*<\/name><type>rw<\/type>/)
})

for (const [what, role, more] of [
  ['the SVM’s root', 'root', { flags: '<is-vserver-root>true</is-vserver-root>' }],
  ['a mirror', 'mirror', { id: '<type>dp</type>' }],
  ['a load-sharing mirror', 'mirror', { id: '<type>ls</type>' }],
  ['a constituent', 'constituent', { id: '<style-extended>flexgroup_constituent</style-extended>' }],
  ['a constituent by its flag', 'constituent', { flags: '<is-constituent>true</is-constituent>' }],
] as readonly (readonly [string, string, { readonly id?: string; readonly flags?: string }])[]) {
  test(`${what} takes a name, and is found with what it is`, async (t) => {
    const { id = '', flags = '' } = more
    const { ontap } = await scripted(t, [page([volume({ name: 'v1', id }).replace('<state>', `${flags}<state>`)])])
    assert.equal((await ontap.volumes.find(context(), 'v1'))?.role, role)
  })
}

test('a name that a deleted volume keeps in the recovery queue is free, or another’s', async (t) => {
  const deleted = volume({ name: 'v1', id: '<comment>deleted</comment><type>del</type>' })
  const free = await scripted(t, [page([deleted])])
  assert.equal(await free.ontap.volumes.find(context(), 'v1'), undefined)
  const taken = await scripted(t, [page([deleted, volume({ name: 'v1', id: '<comment>new</comment>' })])])
  assert.equal((await taken.ontap.volumes.find(context(), 'v1'))?.comment, 'new')
})

test('a name with pattern characters is asked for as it is, and compared', async (t) => {
  const array = await scripted(t, [page([volume({ name: 'ab' })])])
  assert.equal(await array.ontap.volumes.find(context(), 'a*|b'), undefined)
  assert.match(inputOf(array, 'volume-get-iter'), /<name>&quot;a\*\|b&quot;<\/name>/)
})

test('a change that passed but failed for the volume is a fault; one that met no volume is NOT_FOUND', async (t) => {
  const failure =
    '<failure-list><volume-modify-iter-info><error-code>160</error-code><error-message>Unable to set volume attribute "size"</error-message></volume-modify-iter-info></failure-list><num-failed>1</num-failed><num-succeeded>0</num-succeeded>'
  const refused = await scripted(t, [passed(failure)])
  const change = { comment: 'other' }
  await assert.rejects(refused.ontap.volumes.change(context(), flexvol, change), {
    code: 'REFUSED',
    message: /errno 160/,
  })
  const unlisted = await scripted(t, [passed('<num-failed>1</num-failed><num-succeeded>0</num-succeeded>')])
  await assert.rejects(unlisted.ontap.volumes.change(context(), flexvol, change), { code: 'REFUSED' })
  const none = await scripted(t, [passed('<num-failed>0</num-failed><num-succeeded>0</num-succeeded>')])
  await assert.rejects(none.ontap.volumes.change(context(), flexvol, change), { code: 'NOT_FOUND', message: /"v1"/ })
})

test('attributes are changed in one call, the size in another', async (t) => {
  const array = await scripted(t, [modified, passed('<volume-size>2g</volume-size>')])
  const change = { comment: 'c', unixPermissions: 0o4755, exportPolicy: 'p', snapshotDirectory: true, size: 2 * GIB }
  await array.ontap.volumes.change(context(), flexvol, { ...change, size: (2 * GIB) as typeof GIB })
  assert.deepEqual(apis(array), ['volume-modify-iter', 'volume-size'])
  assert.match(inputOf(array, 'volume-modify-iter'), /<permissions>4755<\/permissions>/)
  assert.match(inputOf(array, 'volume-size'), /<new-size>2147483648<\/new-size>/)
})

const unseen = failed('13005', 'Unable to find API: job-get-iter')
const asBefore = page([group('g1', '')])
const job42 =
  '<volume-modify-iter-async-info><jobid>42</jobid><status>in_progress</status></volume-modify-iter-async-info>'
const inProgress = passed(
  `<num-failed>0</num-failed><num-succeeded>1</num-succeeded><success-list>${job42}</success-list>`,
)

const exportedBy = (policy: string) => `<volume-export-attributes><policy>${policy}</policy></volume-export-attributes>`

test('a FlexGroup is changed by jobs, each of which is waited for', async (t) => {
  const array = await scripted(t, [inProgress, job('running'), job('success')])
  await array.ontap.volumes.change(context(), flexgroup, { comment: 'c' })
  assert.deepEqual(apis(array), ['volume-modify-iter-async', 'job-get-iter', 'job-get-iter'])
})

test('a FlexGroup is not given an export policy that is not there, and that is told though its job cannot be seen', async (t) => {
  const array = await scripted(t, [inProgress, unseen, asBefore, page([])])
  await assert.rejects(array.ontap.volumes.change(context(), flexgroup, { exportPolicy: 'p' }), {
    code: 'REFUSED',
    message: /"g1".*SVM "svm1" has no export policy "p"/,
  })
  assert.equal(apis(array).at(-1), 'export-policy-get-iter')
})

test('a FlexGroup whose job cannot be seen is looked at until it has its export policy, whoever may list those', async (t) => {
  const policy = page(['<export-policy-info><policy-name>p</policy-name></export-policy-info>'])
  const changed = page([volume({ name: 'g1', more: exportedBy('p') })])
  for (const answer of [policy, failed('13003')]) {
    const array = await scripted(t, [inProgress, unseen, asBefore, answer, changed])
    await array.ontap.volumes.change(context(), flexgroup, { exportPolicy: 'p' })
    assert.equal(apis(array).at(-1), 'volume-get-iter')
  }
})

test('a volume that is mounted elsewhere is moved; one that is there already is left', async (t) => {
  const mounted = (path: string) => page([volume({ name: 'v1', id: `<junction-path>${path}</junction-path>` })])
  const taken = failed('13001', 'Volume "v1" is mounted in the namespace.')
  const elsewhere = await scripted(t, [taken, mounted('/old'), passed(''), passed('')])
  await elsewhere.ontap.volumes.change(context(), flexvol, { junctionPath: '/v1' })
  assert.deepEqual(apis(elsewhere), ['volume-mount', 'volume-get-iter', 'volume-unmount', 'volume-mount'])
  const there = await scripted(t, [dropped, taken, mounted('/v1')])
  await there.ontap.volumes.change(context(), flexvol, { junctionPath: '/v1' })
  assert.deepEqual(apis(there), ['volume-mount', 'volume-mount', 'volume-get-iter'])
})

test('clones are listed by the volume they are of', async (t) => {
  const of = (name: string) =>
    `<volume-clone-attributes><volume-clone-parent-attributes><name>${name}</name></volume-clone-parent-attributes></volume-clone-attributes>`
  const rows = [volume({ name: 'c1', more: of('v1') }), volume({ name: 'c2', more: of('v10') })]
  const { ontap } = await scripted(t, [page(rows)])
  assert.deepEqual(await ontap.volumes.clonesOf(context(), flexvol), ['c1'])
})

for (const [what, reply] of [
  ['a clone', passed('<result-status>in_progress</result-status><result-jobid>7</result-jobid>')],
  ['what is no clone any more', failed('13170')],
  ['what is being split', failed('17151')],
] as const) {
  test(`a split of ${what} is begun, or needs none`, async (t) => {
    const { ontap, calls } = await scripted(t, [reply])
    await ontap.volumes.split(context(), flexvol)
    assert.equal(calls.length, 1)
  })
}
