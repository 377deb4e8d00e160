import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseRelease } from '../../../../../src/simulators/ontap/releases.ts'
import { JOB_MS, wire } from '../wire.ts'

const GROUP = { 'volume-name': 'g', 'aggr-list': { 'aggr-name': ['aggr1', 'aggr2'] }, size: 2 * 1024 ** 3 }
const job = (id: string) => ({ query: { 'job-info': { 'job-id': id } } })
const inCluster = {}

test('a FlexGroup is made by a job, and lies on several aggregates in hidden volumes', async () => {
  const { ask, list, wait } = await wire({ scope: 'cluster' })
  const { 'result-status': status, 'result-jobid': id } = await ask('volume-create-async', {
    ...GROUP,
    ...{ 'junction-path': '/g', 'space-reserve': 'none', 'volume-comment': 'mine', 'aggr-list-multiplier': 2 },
  })
  assert.equal(status, 'in_progress')
  const stateOf = async () => (await list('job-get-iter', job(id), inCluster)).map((row) => row['job-state'])
  assert.deepEqual(await stateOf(), ['queued'])
  wait(JOB_MS / 2)
  assert.deepEqual(await stateOf(), ['running'])
  wait(JOB_MS / 2)
  assert.deepEqual(await stateOf(), ['success'])

  const named = { query: { 'volume-attributes': { 'volume-id-attributes': { name: 'g*' } } } }
  const volumes = await list('volume-get-iter', { ...named, 'max-records': 100 })
  assert.deepEqual(
    volumes.map((volume) => volume['volume-id-attributes']['style-extended']),
    ['flexgroup', ...Array(4).fill('flexgroup_constituent')],
  )
  const group = volumes[0]['volume-id-attributes']
  assert.deepEqual(group['aggr-list'], { 'aggr-name': ['aggr1', 'aggr2'] })
  assert.deepEqual(
    [group['containing-aggregate-name'], group['junction-path'], group['comment']],
    [undefined, '/g', 'mine'],
  )
  assert.equal(volumes[1]['volume-id-attributes']['aggr-list'], undefined)
})

test('a job that failed says why, and is forgotten after some minutes', async () => {
  const { ask, list, wait } = await wire({ scope: 'cluster' })
  const { 'result-jobid': id } = await ask('volume-create-async', GROUP)
  await ask('volume-create-async', GROUP)
  const { 'result-jobid': second } = await ask('volume-destroy-async', { 'volume-name': 'svm1_root' })
  wait(JOB_MS)
  assert.equal((await list('job-get-iter', job(id), inCluster))[0]['job-state'], 'success')
  const [failed] = await list('job-get-iter', job(second), inCluster)
  assert.deepEqual(
    [failed['job-state'], failed['job-status-code'], failed['job-vserver']],
    ['failure', '13001', 'svm1'],
  )
  assert.match(failed['job-completion'], /root volume/)
  wait(300_000)
  assert.deepEqual(await list('job-get-iter', job(second), inCluster), [])
})

test('what is too small or has no room fails at once, in an answer that has passed', async () => {
  const { ask, array } = await wire()
  const small = await ask('volume-create-async', { ...GROUP, size: 20_971_520 })
  assert.deepEqual([small['result-status'], small['result-jobid']], ['failed', undefined])
  assert.equal(small['result-error-code'], '13115')
  assert.match(small['result-error-message'], /too small.Minimum size is "1600MB"/)
  const big = await ask('volume-create-async', { ...GROUP, size: 90 * 1024 ** 4 })
  assert.deepEqual([big['result-status'], big['result-error-code']], ['failed', '13001'])
  assert.match(big['result-error-message'], /not enough space/)
  assert.equal(array.jobs.size, 0)
})

test('an aggregate or a list of them must be named, unless all are meant', async () => {
  const { ask, refused, wait, volume } = await wire()
  const { 'aggr-list': _, ...nowhere } = GROUP
  assert.equal(await refused('volume-create-async', nowhere), '13115 Missing input: aggr-list')
  await ask('volume-create-async', { ...nowhere, 'auto-provision-as': 'flexgroup' })
  await ask('volume-create-async', { ...nowhere, 'volume-name': 'f', 'containing-aggr-name': 'aggr2' })
  wait(JOB_MS)
  assert.deepEqual([volume('g').style, volume('g').aggregates], ['flexgroup', ['aggr1', 'aggr2']])
  assert.deepEqual([volume('f').style, volume('f').aggregates], ['flexvol', ['aggr2']])
})

test('what is plain at once is refused at once', async () => {
  const { ask, refused, wait } = await wire()
  const create = (inputs: object) => refused('volume-create-async', { ...GROUP, ...inputs })
  assert.match(await create({ size: '2g' }), /^13115 .*"size"/)
  assert.match(await create({ 'aggr-list': { 'aggr-name': 'aggr9' } }), /^14420 /)
  assert.match(await create({ 'volume-name': 'g'.repeat(198) }), /^13001 /)
  await ask('volume-create-async', GROUP)
  wait(JOB_MS)
  assert.match(await create({}), /^17 /)
})

test('a FlexGroup grows and goes by jobs, and is refused where there are none', async () => {
  const { ask, refused, wait, volume } = await wire()
  await ask('volume-create-async', { ...GROUP, 'junction-path': '/g' })
  wait(JOB_MS)
  for (const [api, inputs] of Object.entries({
    'volume-size': { volume: 'g' },
    'volume-destroy': { name: 'g', 'unmount-and-offline': true },
    'volume-clone-create': { volume: 'c', 'parent-volume': 'g' },
  })) {
    assert.match(await refused(api, inputs), /^13001 .*FlexGroup/, api)
  }
  await ask('volume-size-async', { 'volume-name': 'g', 'new-size': '+1g' })
  wait(JOB_MS)
  assert.equal(volume('g').size, 3 * 1024 ** 3)
  await ask('volume-destroy-async', { 'volume-name': 'g', 'unmount-and-offline': true })
  wait(JOB_MS)
  assert.match(await refused('volume-size-async', { 'volume-name': 'g', 'new-size': '1g' }), /^15661 /)
})

test('a FlexGroup is cloned from 9.7 on, and is modified asynchronously only', async () => {
  const { ask, wait, volume } = await wire({ release: '9.7' })
  await ask('volume-create-async', GROUP)
  wait(JOB_MS)
  const wanted = { volume: 'c', 'parent-volume': 'g', 'junction-path': '/c' }
  assert.equal((await ask('volume-clone-create-async', wanted))['result-status'], 'in_progress')
  wait(JOB_MS)
  assert.deepEqual([volume('c').style, volume('c').junction], ['flexgroup', '/c'])
  const comment = {
    query: { 'volume-attributes': { 'volume-id-attributes': { name: 'g' } } },
    attributes: { 'volume-attributes': { 'volume-id-attributes': { comment: 'x' } } },
  }
  assert.equal((await ask('volume-modify-iter', comment))['num-failed'], '1')
  assert.equal((await ask('volume-modify-iter-async', comment))['num-succeeded'], '1')
})

test('the hidden volumes of a FlexGroup are renamed, deleted and recovered with it, and cloned under its own name', async () => {
  const { ask, array, svm, volume, wait } = await wire({ scope: 'cluster' })
  const partsOf = (name: string) => array.volumes.constituentsOf(volume(name).uuid)
  const namesOf = (name: string) => partsOf(name).map((part) => part.name)
  await ask('volume-create-async', { ...GROUP, 'aggr-list-multiplier': 1 })
  wait(JOB_MS)
  await ask('volume-rename', { volume: 'g', 'new-volume-name': 'h' })
  assert.deepEqual(namesOf('h'), ['h__0001', 'h__0002'])

  await ask('volume-clone-create-async', { volume: 'c', 'parent-volume': 'h' })
  wait(JOB_MS)
  assert.deepEqual(namesOf('c'), ['c__0001', 'c__0002'])
  assert.equal(array.volumes.named(svm.uuid, 'h__0001')?.flexgroup, volume('h').uuid)

  array.release = parseRelease('9.9.1')
  await ask('volume-destroy-async', { 'volume-name': 'c', 'unmount-and-offline': true })
  wait(JOB_MS)
  const [queued] = array.volumes.deleted().filter(({ style }) => style === 'flexgroup')
  await ask('volume-recovery-queue-recover', { 'volume-name': queued!.name })
  assert.deepEqual(namesOf('c'), ['c__0001', 'c__0002'])
  assert.deepEqual(new Set(partsOf('c').map(({ type }) => type)), new Set(['rw']))
})
