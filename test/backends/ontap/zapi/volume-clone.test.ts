import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { NewOntapClone } from '../../../../src/backends/ontap/ontap.ts'
import { context, rememberingLog } from '../../../host/fakes.ts'
import { apis, begun, dropped, failed, inputOf, job, modified, page, passed, scripted, volume } from './scripted.ts'

const intent = '0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0'
const clone: NewOntapClone = {
  name: 'c1',
  source: 'v1',
  junctionPath: '/c1',
  comment: 'mine',
  style: 'flexvol',
  intent,
}
const making = 'ndvp_clone_0f1e2d3c4b5a69788796a5b4c3d2e1f0'

const of = (source: string) =>
  `<volume-clone-attributes><volume-clone-parent-attributes><name>${source}</name></volume-clone-parent-attributes></volume-clone-attributes>`
const shown = (name: string, comment = '', source = 'v1') =>
  page([volume({ name, id: `<comment>${comment}</comment>`, more: of(source) })])
const none = page([])
const done = passed('')

test('a clone has its comment before it has its name, and is shown to hosts last', async (t) => {
  const array = await scripted(t, [done, modified, done, done, shown('c1', 'mine')])
  const made = await array.ontap.volumes.clone(context(), { ...clone, snapshot: 's1' })
  assert.deepEqual([made.name, made.uuid, made.comment], ['c1', 'c1-uuid', 'mine'])
  const [first, ...rest] = ['volume-clone-create', 'volume-modify-iter', 'volume-rename', 'volume-mount']
  assert.deepEqual(apis(array), [first, ...rest, 'volume-get-iter'])
  assert.equal(
    inputOf(array, 'volume-clone-create'),
    `<volume>${making}</volume><parent-volume>v1</parent-volume><parent-snapshot>s1</parent-snapshot>`,
  )
  assert.match(inputOf(array, 'volume-modify-iter'), new RegExp(`<name>${making}</name>.*<comment>mine<`))
  assert.equal(inputOf(array, 'volume-rename'), `<volume>${making}</volume><new-volume-name>c1</new-volume-name>`)
  assert.match(inputOf(array, 'volume-mount'), /<volume-name>c1<.*<junction-path>\/c1</)
})

test('a clone whose name is taken leaves the other alone, and nothing behind', async (t) => {
  const array = await scripted(t, [done, modified, failed('17', 'Volume "c1" already exists'), shown(making), done])
  await assert.rejects(array.ontap.volumes.clone(context(), clone), { code: 'ALREADY_EXISTS' })
  assert.deepEqual(apis(array).slice(3), ['volume-get-iter', 'volume-destroy'])
  assert.match(inputOf(array, 'volume-destroy'), new RegExp(`<name>${making}<`))
})

test('a clone whose making was not answered goes on when it is there', async (t) => {
  const array = await scripted(t, [dropped, shown(making), modified, done, done, shown('c1', 'mine')])
  assert.equal((await array.ontap.volumes.clone(context(), clone)).name, 'c1')
  assert.equal(apis(array).filter((api) => api === 'volume-clone-create').length, 1)
})

test('a clone whose making was not answered, and that cannot be seen, may come yet', async (t) => {
  const array = await scripted(t, [dropped, none])
  await assert.rejects(array.ontap.volumes.clone(context(), clone), { code: 'UNREACHABLE', message: /all the same/ })
  assert.deepEqual(apis(array), ['volume-clone-create', 'volume-get-iter'])
})

test('a new name that was not answered for is given once', async (t) => {
  const gone = failed('15661', "entry doesn't exist")
  const array = await scripted(t, [done, modified, dropped, gone, none, shown('c1', 'mine'), done, shown('c1', 'mine')])
  assert.equal((await array.ontap.volumes.clone(context(), clone)).name, 'c1')
  assert.equal(apis(array).filter((api) => api === 'volume-destroy').length, 0)
})

test('a clone that went while it was finished does not take another of its name with it', async (t) => {
  const gone = failed('15661', "entry doesn't exist")
  const theirs = shown('c1', 'theirs')
  const array = await scripted(t, [done, modified, gone, none, theirs, none, theirs])
  await assert.rejects(array.ontap.volumes.clone(context(), clone), { code: 'REFUSED' })
  assert.equal(apis(array).includes('volume-destroy'), false)
})

test('a clone that cannot be mounted is taken back by its name and comment, and the first fault is told', async (t) => {
  const bad = failed('13115', 'bad junction')
  const array = await scripted(t, [done, modified, done, bad, none, none, shown('c1', 'mine'), done])
  await assert.rejects(array.ontap.volumes.clone(context(), clone), { code: 'REFUSED', message: /bad junction/ })
  assert.equal(apis(array).at(-1), 'volume-destroy')
  assert.match(inputOf(array, 'volume-destroy'), /<name>c1</)
})

test('taking back a clone is given up after a few tries, with a warning that names it', async (t) => {
  const { log, lines } = rememberingLog()
  const array = await scripted(t, [done, failed('13115', 'no'), dropped])
  await assert.rejects(array.ontap.volumes.clone(context(log), clone), { code: 'REFUSED' })
  assert.equal(apis(array).filter((api) => api === 'volume-get-iter').length, 3)
  const warning = lines.find(({ level }) => level === 'warn')
  assert.match(JSON.stringify(warning), new RegExp(`nor taken back.*${making}`))
})

test('a missing FlexClone licence is told in the words of the array', async (t) => {
  const { ontap } = await scripted(t, [failed('14956', 'FlexClone is not licensed.')])
  await assert.rejects(ontap.volumes.clone(context(), clone), { code: 'REFUSED', message: /not licensed/ })
})

test('what an interrupted clone has left is found by its intent', async (t) => {
  const array = await scripted(t, [shown(making), none])
  const left = await array.ontap.volumes.remnantsOf?.(context(), intent)
  assert.deepEqual(
    left?.map(({ name, uuid }) => [name, uuid]),
    [[making, `${making}-uuid`]],
  )
  const at = `<junction-path>/${making}</junction-path>`
  const group = await scripted(t, [none, page([volume({ name: 'g2', id: at }), volume({ name: 'g3' })])])
  const groups = await group.ontap.volumes.remnantsOf?.(context(), intent)
  assert.deepEqual(
    groups?.map(({ name }) => name),
    ['g2'],
  )
  const deleted = await scripted(t, [none, page([volume({ name: 'g2', id: `${at}<type>del</type>` })])])
  assert.deepEqual(await deleted.ontap.volumes.remnantsOf?.(context(), intent), [], 'it is in the recovery queue')
  const old = await scripted(t, [none], { release: '9.6' })
  assert.deepEqual(await old.ontap.volumes.remnantsOf?.(context(), intent), [])
  assert.equal(old.calls.length, 1)
})

const ofGroup: NewOntapClone = { ...clone, source: 'g1', style: 'flexgroup' }
const GROUP = '<style-extended>flexgroup</style-extended>'
const original = page([volume({ name: 'g1' })])
const made = page([
  volume({ name: 'c1', id: `<junction-path>/${making}</junction-path><comment/>${GROUP}`, more: of('g1') }),
])
const finished = page([
  volume({ name: 'c1', id: `<junction-path>/c1</junction-path><comment>mine</comment>${GROUP}`, more: of('g1') }),
])
const theirs = page([volume({ name: 'c1', id: `<junction-path>/c1</junction-path>${GROUP}`, more: of('g1') })])
const asName = (reply: string) => [original, none, begun, job('success'), reply]

test('a clone of a FlexGroup needs ONTAP 9.7', async (t) => {
  const old = await scripted(t, [done], { release: '9.6' })
  await assert.rejects(old.ontap.volumes.clone(context(), ofGroup), { code: 'REFUSED', message: /9\.7/ })
  assert.equal(old.calls.length, 0)
})

test('a clone of a FlexGroup is known by where it is mounted until it has its comment', async (t) => {
  const array = await scripted(t, [...asName(made), modified, done, done, finished])
  assert.equal((await array.ontap.volumes.clone(context(), ofGroup)).junctionPath, '/c1')
  assert.match(inputOf(array, 'volume-clone-create-async'), new RegExp(`<junction-path>/${making}<`))
  assert.match(inputOf(array, 'volume-modify-iter-async'), /<instance-uuid>c1-uuid<\/instance-uuid><name>c1</)
  assert.deepEqual(apis(array).slice(-3), ['volume-unmount', 'volume-mount', 'volume-get-iter'])
})

test('a FlexGroup that somebody else has made is neither given a comment nor taken back', async (t) => {
  const array = await scripted(t, [...asName(theirs), theirs])
  await assert.rejects(array.ontap.volumes.clone(context(), ofGroup), { code: 'ALREADY_EXISTS' })
  const touched = apis(array).filter((api) => /modify|mount|offline|destroy/.test(api))
  assert.deepEqual(touched, [])
})

test('a clone of a FlexGroup whose making was not answered goes on when it is there', async (t) => {
  const array = await scripted(t, [original, none, dropped, made, made, modified, done, done, finished])
  assert.equal((await array.ontap.volumes.clone(context(), ofGroup)).comment, 'mine')
})

test('a clone of a FlexGroup that cannot be finished is taken back', async (t) => {
  const ended = passed('<result-status>succeeded</result-status>')
  const refused = failed('13115', 'no comment')
  const array = await scripted(t, [...asName(made), refused, made, made, none, done, done, ended])
  await assert.rejects(array.ontap.volumes.clone(context(), ofGroup), { code: 'REFUSED', message: /no comment/ })
  assert.equal(apis(array).at(-1), 'volume-destroy-async')
})
