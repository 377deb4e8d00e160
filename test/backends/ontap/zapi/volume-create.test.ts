import assert from 'node:assert/strict'
import { test } from 'node:test'
import { GIB } from '../../../../src/units.ts'
import { context } from '../../../host/fakes.ts'
import { newVolume } from './new-volume.ts'
import { apis, begun, failed, group, inputOf, job, modified, page, passed, scripted, volume } from './scripted.ts'

const flexgroup = { name: 'g1', uuid: 'g1-uuid', style: 'flexgroup' } as const
const shownGroup = group('g1', newVolume.comment)

test('a volume is made with its junction in one call, and read back in another', async (t) => {
  const array = await scripted(t, [passed(''), page([volume({ name: 'v1' })])])
  const made = await array.ontap.volumes.create(context(), { ...newVolume, snapshotReserve: 5, qosPolicy: 'gold' })
  assert.deepEqual([made.name, made.uuid, made.size], ['v1', 'v1-uuid', GIB])
  assert.deepEqual(apis(array), ['volume-create', 'volume-get-iter'])
  assert.equal(
    inputOf(array, 'volume-create'),
    '<volume>v1</volume><containing-aggr-name>aggr1</containing-aggr-name><size>1073741824</size><space-reserve>none</space-reserve><snapshot-policy>none</snapshot-policy><percentage-snapshot-reserve>5</percentage-snapshot-reserve><unix-permissions>0755</unix-permissions><volume-security-style>unix</volume-security-style><export-policy>default</export-policy><junction-path>/v1</junction-path><volume-comment>made by a test</volume-comment><qos-policy-group-name>gold</qos-policy-group-name>',
  )
})

test('only a hidden .snapshot costs a call more, as new volumes show it', async (t) => {
  const array = await scripted(t, [passed(''), modified, page([volume({ name: 'v1' })])])
  await array.ontap.volumes.create(context(), { ...newVolume, snapshotDirectory: false })
  assert.deepEqual(apis(array), ['volume-create', 'volume-modify-iter', 'volume-get-iter'])
  assert.match(inputOf(array, 'volume-modify-iter'), /<snapdir-access-enabled>false</)
})

test('a policy or aggregate the array does not have refuses the volume, and does not make it NOT_FOUND', async (t) => {
  for (const refusal of [
    failed('14420', 'aggr9'),
    failed('15661', 'policy p9'),
    failed('13001', 'policy p9 does not exist'),
  ]) {
    const { ontap } = await scripted(t, [refusal])
    await assert.rejects(ontap.volumes.create(context(), newVolume), {
      code: 'REFUSED',
      message: /"(?:aggr9|policy p9)/,
    })
  }
})

test('another host that is making the very volume is ALREADY_EXISTS', async (t) => {
  const { ontap } = await scripted(t, [failed('13001', 'Failed to create the volume. Job exists')])
  await assert.rejects(ontap.volumes.create(context(), newVolume), { code: 'ALREADY_EXISTS' })
})

for (const [release, more, needed, first = ''] of [
  ['9.0', { encryption: true }, '9.1', 'Encrypted volumes are not supported on this storage backend'],
  ['8.3', { tieringPolicy: 'auto' }, '9.2'],
  ['9.2', { adaptiveQosPolicy: 'p' }, '9.3'],
  ['9.1', { style: 'flexgroup' }, '9.2'],
] as const) {
  test(`${Object.keys(more)[0]} on ONTAP ${release} is refused before the array is asked`, async (t) => {
    const { ontap, calls } = await scripted(t, [passed('')], { release })
    await assert.rejects(ontap.volumes.create(context(), { ...newVolume, ...more }), {
      code: 'REFUSED',
      message: new RegExp(`${first}.*needs ONTAP ${needed}, and the array runs NetApp Release ${release}`),
    })
    assert.equal(calls.length, 0)
  })
}

test('ONTAP 8.3 is neither sent nor asked for what came later', async (t) => {
  const array = await scripted(t, [passed(''), page([volume({ name: 'v1' })])], { release: '8.3' })
  await array.ontap.volumes.create(context(), { ...newVolume, encryption: false, tieringPolicy: 'none' })
  const sent = array.calls.map(({ input }) => input).join('')
  assert.doesNotMatch(sent, /encrypt|tiering|style-extended|constituent|adaptive|aggr-list/)
})

test('a FlexGroup is made by a job, whose end is waited for', async (t) => {
  const replies = [begun, job('queued'), job('running'), job('success'), page([shownGroup])]
  const array = await scripted(t, replies, { cluster: true })
  const aggregates = ['aggr1', 'aggr2']
  const made = await array.ontap.volumes.create(context(), { ...newVolume, name: 'g1', style: 'flexgroup', aggregates })
  assert.equal(made.style, 'flexgroup')
  assert.match(
    inputOf(array, 'volume-create-async'),
    /<volume-name>g1<\/volume-name><aggr-list><aggr-name>aggr1<\/aggr-name><aggr-name>aggr2<\/aggr-name><\/aggr-list><size>1073741824</,
  )
  const jobs = array.calls.filter(({ api }) => api === 'job-get-iter')
  assert.deepEqual(
    jobs.map(({ vfiler }) => vfiler),
    [undefined, undefined, undefined],
  )
})

test('a job that fails is told in its own words', async (t) => {
  const words = '<job-completion>There is not enough space in aggregate aggr1</job-completion>'
  const { ontap } = await scripted(t, [begun, job('failure', words)])
  const work = ontap.volumes.create(context(), { ...newVolume, style: 'flexgroup' })
  await assert.rejects(work, { code: 'FULL', message: /volume-create-async.*not enough space in aggregate/ })
})

test('a call that failed before its job began is told as well', async (t) => {
  const reply = passed(
    '<result-status>failed</result-status><result-error-code>17</result-error-code><result-error-message>g1 is there</result-error-message>',
  )
  const { ontap } = await scripted(t, [reply])
  await assert.rejects(ontap.volumes.create(context(), { ...newVolume, style: 'flexgroup' }), {
    code: 'ALREADY_EXISTS',
  })
})

test('a job that is done at once has no number', async (t) => {
  const array = await scripted(t, [passed('<result-status>succeeded</result-status>'), page([shownGroup])])
  await array.ontap.volumes.create(context(), { ...newVolume, name: 'g1', style: 'flexgroup' })
  assert.deepEqual(apis(array), ['volume-create-async', 'volume-get-iter'])
})

for (const [what, reply] of [
  ['that is forgotten already', page([])],
  ['that an SVM’s user may not see', failed('13005', 'Unable to find API: job-get-iter')],
] as const) {
  test(`a job ${what} is judged by the volume it was to make`, async (t) => {
    const array = await scripted(t, [begun, reply, page([]), page([shownGroup])])
    const made = await array.ontap.volumes.create(context(), { ...newVolume, name: 'g1', style: 'flexgroup' })
    assert.equal(made.name, 'g1')
  })
}

test('a volume of another’s is not taken for what a job that cannot be seen has made', async (t) => {
  const { ontap } = await scripted(t, [begun, failed('13003'), page([group('g1', 'by another host')])])
  const work = ontap.volumes.create(context(), { ...newVolume, name: 'g1', style: 'flexgroup' })
  await assert.rejects(work, { code: 'ALREADY_EXISTS', message: /"g1" that somebody else has made/ })
})

test('jobs that a user may not see are asked for once', async (t) => {
  const sized = passed('<result-status>in_progress</result-status><result-jobid>43</result-jobid>')
  const array = await scripted(t, [sized, failed('13005'), page([shownGroup]), sized, page([shownGroup])])
  await array.ontap.volumes.change(context(), flexgroup, { size: GIB })
  await array.ontap.volumes.change(context(), flexgroup, { size: GIB })
  assert.equal(apis(array).filter((api) => api === 'job-get-iter').length, 1)
})
