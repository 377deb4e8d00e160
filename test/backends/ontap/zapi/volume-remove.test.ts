import assert from 'node:assert/strict'
import { test } from 'node:test'
import { context, rememberingLog } from '../../../host/fakes.ts'
import { apis, begun, dropped, failed, inputOf, job, page, passed, scripted, text, volume } from './scripted.ts'

const flexvol = { name: 'v1', uuid: 'v1-uuid', style: 'flexvol' } as const
const flexgroup = { name: 'g1', uuid: 'g1-uuid', style: 'flexgroup' } as const
const kept = { purge: false } as const

const shown = page([volume({ name: 'v1' })])
const namesake = page([volume({ name: 'v1' }).replace('v1-uuid', 'another-uuid')])
const group = page([volume({ name: 'g1', id: '<junction-path>/g1</junction-path>' })])
const offline = page([volume({ name: 'g1', state: 'offline' })])

test('a volume is unmounted, taken offline and destroyed in one call', async (t) => {
  const array = await scripted(t, [passed('')])
  await array.ontap.volumes.remove(context(), flexvol, kept)
  assert.deepEqual(apis(array), ['volume-destroy'])
  assert.equal(inputOf(array, 'volume-destroy'), '<name>v1</name><unmount-and-offline>true</unmount-and-offline>')
})

test('a volume that nobody says the style of is looked up first', async (t) => {
  for (const found of [page([]), namesake]) {
    const array = await scripted(t, [found])
    const removed = array.ontap.volumes.remove(context(), { name: 'v1', uuid: 'v1-uuid' }, kept)
    await assert.rejects(removed, { code: 'NOT_FOUND' })
    assert.deepEqual(apis(array), ['volume-get-iter'])
  }
})

for (const [what, now] of [
  ['is gone', page([])],
  ['has made room for a namesake', namesake],
] as const) {
  test(`a removal whose answer was lost is done when the volume ${what}: nothing else is removed`, async (t) => {
    const array = await scripted(t, [dropped, now, passed('')])
    await array.ontap.volumes.remove(context(), flexvol, kept)
    assert.deepEqual(apis(array), ['volume-destroy', 'volume-get-iter'])
  })
}

test('a removal whose answer was lost is made again when the volume is still there', async (t) => {
  const array = await scripted(t, [dropped, shown, passed('')])
  await array.ontap.volumes.remove(context(), flexvol, kept)
  assert.deepEqual(apis(array), ['volume-destroy', 'volume-get-iter', 'volume-destroy'])
})

test('a removal that is to be tried once is tried once, whatever the fault', async (t) => {
  for (const fault of [dropped, text('', 503), failed('13001', 'Another volume operation is running')]) {
    const array = await scripted(t, [fault, passed('')])
    const removed = array.ontap.volumes.remove(context(), flexvol, { ...kept, once: true })
    await assert.rejects(removed, { code: /UNREACHABLE|BUSY/ })
    assert.deepEqual(apis(array), ['volume-destroy'])
  }
})

test('a removal of what was not there to begin with is NOT_FOUND', async (t) => {
  const { ontap } = await scripted(t, [failed('13040'), page([])])
  await assert.rejects(ontap.volumes.remove(context(), flexvol, kept), { code: 'NOT_FOUND' })
})

test('a volume that the array shows is not NOT_FOUND, whatever is missing for its removal', async (t) => {
  const { ontap } = await scripted(t, [failed('15661', "entry doesn't exist"), shown])
  await assert.rejects(ontap.volumes.remove(context(), flexvol, kept), {
    code: 'REFUSED',
    message: /entry doesn't exist".*"v1" is there/,
  })
})

test('a FlexGroup is unmounted, taken offline and destroyed call by call, whatever was done before', async (t) => {
  const array = await scripted(t, [group, page([]), failed('14716'), failed('13042'), begun, job('success')])
  await array.ontap.volumes.remove(context(), flexgroup, kept)
  const after = ['volume-unmount', 'volume-offline', 'volume-destroy-async', 'job-get-iter']
  assert.deepEqual(apis(array), ['volume-get-iter', 'volume-get-iter', ...after])
})

test('a FlexGroup of another UUID is left alone', async (t) => {
  const array = await scripted(t, [group])
  const removed = array.ontap.volumes.remove(context(), { ...flexgroup, uuid: 'old-uuid' }, kept)
  await assert.rejects(removed, { code: 'NOT_FOUND' })
  assert.deepEqual(apis(array), ['volume-get-iter'])
})

test('a FlexGroup that went when an answer was lost is not taken offline: by then it may be a namesake', async (t) => {
  const array = await scripted(t, [group, page([]), dropped, page([]), passed('')])
  await array.ontap.volumes.remove(context(), flexgroup, kept)
  assert.deepEqual(apis(array).slice(2), ['volume-unmount', 'volume-get-iter'])
})

test('a FlexGroup with clones stays mounted and online', async (t) => {
  const of = `<volume-clone-attributes><volume-clone-parent-attributes><name>${flexgroup.name}</name></volume-clone-parent-attributes></volume-clone-attributes>`
  const array = await scripted(t, [group, page([volume({ name: 'c1', more: of })])])
  const removed = array.ontap.volumes.remove(context(), flexgroup, kept)
  await assert.rejects(removed, { code: 'HAS_DEPENDENTS', message: /c1/ })
  assert.deepEqual(apis(array), ['volume-get-iter', 'volume-get-iter'])
})

test('a FlexGroup that cannot be removed is brought online at its junction again, and the error says so', async (t) => {
  const done = passed('')
  const refused = failed('13003', 'Insufficient privileges')
  const array = await scripted(t, [group, page([]), done, done, refused, offline, done, done])
  await assert.rejects(array.ontap.volumes.remove(context(), flexgroup, kept), {
    code: 'UNAUTHORIZED',
    message: /volume destroy.*It is online at \/g1 again\.$/,
  })
  assert.deepEqual(apis(array).slice(-3), ['volume-get-iter', 'volume-online', 'volume-mount'])
  assert.match(inputOf(array, 'volume-mount'), /<junction-path>\/g1</)
})

test('a FlexGroup that went meanwhile is not put back: what has its name now is another', async (t) => {
  const done = passed('')
  const another = offline.replace('g1-uuid', 'another-uuid')
  const array = await scripted(t, [group, page([]), done, done, failed('13115', 'no'), another, done])
  await assert.rejects(array.ontap.volumes.remove(context(), flexgroup, kept), {
    code: 'REFUSED',
    message: /It is gone by now\.$/,
  })
  assert.equal(apis(array).at(-1), 'volume-get-iter')
})

test('a FlexGroup that can neither be removed nor put back is told to be offline', async (t) => {
  const done = passed('')
  const array = await scripted(t, [group, page([]), done, done, failed('13115', 'no'), offline, failed('13115', 'nor')])
  await assert.rejects(array.ontap.volumes.remove(context(), flexgroup, kept), {
    code: 'REFUSED',
    message: /may be offline.*could not be undone.*nor/,
  })
})

test('a purge ends what the recovery queue keeps; refused, it is a warning', async (t) => {
  const { log, lines } = rememberingLog()
  const found = page([volume({ name: 'v1', id: '<dsid>1035</dsid>' })])
  const array = await scripted(t, [found, passed(''), failed('13003', 'Insufficient privileges')])
  await array.ontap.volumes.remove(context(log), flexvol, { purge: true })
  assert.deepEqual(apis(array), ['volume-get-iter', 'volume-destroy', 'volume-recovery-queue-purge'])
  assert.equal(
    inputOf(array, 'volume-recovery-queue-purge'),
    '<volume-name>v1_1035</volume-name><vserver-name>svm1</vserver-name>',
  )
  const warning = lines.find(({ level }) => level === 'warn')?.message ?? ''
  assert.match(warning, /recovery queue.*volume recovery-queue purge/)
})

test('a purge of what has been replaced by a namesake is NOT_FOUND, and removes nothing', async (t) => {
  const array = await scripted(t, [namesake, passed('')])
  await assert.rejects(array.ontap.volumes.remove(context(), flexvol, { purge: true }), { code: 'NOT_FOUND' })
  assert.deepEqual(apis(array), ['volume-get-iter'])
})

test('a purge of a FlexGroup ends its constituents too, and those of no other', async (t) => {
  const part = (name: string, dsid: number, style = 'flexgroup_constituent') =>
    volume({ name, id: `<dsid>${dsid}</dsid><style-extended>${style}</style-extended>` })
  const found = page([
    part('g1', 10, 'flexgroup'),
    part('g1__0001', 11),
    part('g1__0002', 12),
    part('g1__b__0001', 21),
    part('g1__copy', 31, 'flexvol'),
    volume({ name: 'g1__0001_5', id: '<dsid>5</dsid><type>del</type>' }),
  ])
  const removal = [group, page([]), passed(''), passed(''), passed('<result-status>succeeded</result-status>')]
  const array = await scripted(t, [found, ...removal, failed('15661'), passed('')])
  await array.ontap.volumes.remove(context(), flexgroup, { purge: true })
  const purges = array.calls.filter(({ api }) => api === 'volume-recovery-queue-purge')
  assert.deepEqual(
    purges.map(({ input }) => /<volume-name>(.*)<\/volume-name>/.exec(input)?.[1]),
    ['g1_10', 'g1__0001_11', 'g1__0002_12'],
  )
})
