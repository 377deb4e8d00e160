import assert from 'node:assert/strict'
import { test } from 'node:test'
import { GIB } from '../../../../src/units.ts'
import { context, rememberingLog } from '../../../host/fakes.ts'
import { apis, begun, dropped, failed, inputOf, job, modified, page, passed, scripted, volume } from './scripted.ts'

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

test('a name with pattern characters is asked for as it is, and compared', async (t) => {
  const array = await scripted(t, [page([volume({ name: 'ab' })])])
  assert.equal(await array.ontap.volumes.find(context(), 'a*|b'), undefined)
  assert.match(inputOf(array, 'volume-get-iter'), /<name>&quot;a\*\|b&quot;<\/name>/)
})

test('a clone is made, then given its comment and its junction', async (t) => {
  const array = await scripted(t, [passed(''), modified, passed(''), page([volume({ name: 'c1' })])])
  const clone = { name: 'c1', source: 'v1', junctionPath: '/c1', comment: 'mine', style: 'flexvol' } as const
  assert.equal((await array.ontap.volumes.clone(context(), { ...clone, snapshot: 's1' })).name, 'c1')
  assert.deepEqual(apis(array), ['volume-clone-create', 'volume-modify-iter', 'volume-mount', 'volume-get-iter'])
  assert.equal(
    inputOf(array, 'volume-clone-create'),
    '<volume>c1</volume><parent-volume>v1</parent-volume><parent-snapshot>s1</parent-snapshot>',
  )
})

test('a clone that cannot be finished is taken back, and the first fault is told', async (t) => {
  const array = await scripted(t, [passed(''), modified, failed('13115', 'bad junction'), page([]), passed('')])
  const clone = { name: 'c1', source: 'v1', junctionPath: '/c1', comment: 'mine', style: 'flexvol' } as const
  await assert.rejects(array.ontap.volumes.clone(context(), clone), { code: 'REFUSED', message: /bad junction/ })
  assert.equal(apis(array).at(-1), 'volume-destroy')
  assert.match(inputOf(array, 'volume-destroy'), /<name>c1</)
})

test('a clone of a FlexGroup needs ONTAP 9.7', async (t) => {
  const clone = { name: 'c1', source: 'g1', junctionPath: '/c1', comment: 'mine', style: 'flexgroup' } as const
  const old = await scripted(t, [passed('')], { release: '9.6' })
  await assert.rejects(old.ontap.volumes.clone(context(), clone), { code: 'REFUSED', message: /9\.7/ })
  assert.equal(old.calls.length, 0)
})

test('a missing FlexClone licence is told in the words of the array', async (t) => {
  const { ontap } = await scripted(t, [failed('14956', 'FlexClone is not licensed.')])
  const clone = { name: 'c1', source: 'v1', junctionPath: '/c1', comment: '', style: 'flexvol' } as const
  await assert.rejects(ontap.volumes.clone(context(), clone), { code: 'REFUSED', message: /not licensed/ })
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

test('a FlexGroup is changed by jobs, each of which is waited for', async (t) => {
  const info =
    '<volume-modify-iter-async-info><jobid>42</jobid><status>in_progress</status></volume-modify-iter-async-info>'
  const accepted = passed(
    `<num-failed>0</num-failed><num-succeeded>1</num-succeeded><success-list>${info}</success-list>`,
  )
  const array = await scripted(t, [accepted, job('running'), job('success')])
  await array.ontap.volumes.change(context(), flexgroup, { comment: 'c' })
  assert.deepEqual(apis(array), ['volume-modify-iter-async', 'job-get-iter', 'job-get-iter'])
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

test('a volume is unmounted, taken offline and destroyed in one call', async (t) => {
  const array = await scripted(t, [passed('')])
  await array.ontap.volumes.remove(context(), flexvol, { purge: false })
  assert.deepEqual(apis(array), ['volume-destroy'])
  assert.equal(inputOf(array, 'volume-destroy'), '<name>v1</name><unmount-and-offline>true</unmount-and-offline>')
})

test('a volume that nobody says the style of is looked up first', async (t) => {
  const none = await scripted(t, [page([])])
  await assert.rejects(none.ontap.volumes.remove(context(), { name: 'v1', uuid: '' }, { purge: false }), {
    code: 'NOT_FOUND',
  })
})

test('a FlexGroup is unmounted, taken offline and destroyed call by call, whatever was done before', async (t) => {
  const array = await scripted(t, [page([]), failed('14716'), failed('13042'), begun, job('success')])
  await array.ontap.volumes.remove(context(), flexgroup, { purge: false })
  const after = ['volume-unmount', 'volume-offline', 'volume-destroy-async', 'job-get-iter']
  assert.deepEqual(apis(array), ['volume-get-iter', ...after])
})

test('a FlexGroup with clones stays mounted and online', async (t) => {
  const of = `<volume-clone-attributes><volume-clone-parent-attributes><name>${flexgroup.name}</name></volume-clone-parent-attributes></volume-clone-attributes>`
  const array = await scripted(t, [page([volume({ name: 'c1', more: of })])])
  const removed = array.ontap.volumes.remove(context(), flexgroup, { purge: false })
  await assert.rejects(removed, { code: 'HAS_DEPENDENTS', message: /c1/ })
  assert.deepEqual(apis(array), ['volume-get-iter'])
})

test('a purge ends what the recovery queue keeps; refused, it is a warning', async (t) => {
  const kept = page([volume({ name: 'v1', id: '<dsid>1035</dsid>' })])
  const { log, lines } = rememberingLog()
  const array = await scripted(t, [kept, passed(''), failed('13003', 'Insufficient privileges')])
  await array.ontap.volumes.remove(context(log), flexvol, { purge: true })
  assert.deepEqual(apis(array), ['volume-get-iter', 'volume-destroy', 'volume-recovery-queue-purge'])
  assert.equal(
    inputOf(array, 'volume-recovery-queue-purge'),
    '<volume-name>v1_1035</volume-name><vserver-name>svm1</vserver-name>',
  )
  const warning = lines.find(({ level }) => level === 'warn')?.message ?? ''
  assert.match(warning, /recovery queue.*volume recovery-queue purge/)
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
