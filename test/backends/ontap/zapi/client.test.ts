import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Context } from '../../../../src/context.ts'
import type { BackendError } from '../../../../src/errors.ts'
import { context, rememberingLog } from '../../../host/fakes.ts'
import { newVolume } from './new-volume.ts'
import { answering, dropped, failed, page, passed, type Reply, scripted, text, volume } from './scripted.ts'

for (const [what, reply] of [
  ['nothing', text('')],
  ['HTTP 502', text('<html></html>', 502)],
  ['no whole answer', dropped],
] as readonly (readonly [string, Reply])[]) {
  test(`an array that answers ${what} is failing over: it is asked again`, async (t) => {
    const { ontap, calls } = await scripted(t, [reply, reply, page([volume({ name: 'v1' })])])
    assert.equal((await ontap.volumes.find(context(), 'v1'))?.name, 'v1')
    assert.equal(calls.length, 3)
  })

  test(`a create that was answered with ${what} is not made again, as it may have been done`, async (t) => {
    const { ontap, calls } = await scripted(t, [reply, passed('')])
    await assert.rejects(ontap.volumes.create(context(), newVolume), {
      code: 'UNREACHABLE',
      message: /may have done it all the same/,
    })
    assert.equal(calls.length, 1)
  })
}

test('an array that is overloaded or not ready has done nothing, so even a create is made again', async (t) => {
  const replies = [text('', 429), text('', 503), passed(''), page([volume({ name: 'v1' })])]
  const { ontap, calls } = await scripted(t, replies)
  assert.equal((await ontap.volumes.create(context(), newVolume)).name, 'v1')
  assert.deepEqual(
    calls.map(({ api }) => api),
    ['volume-create', 'volume-create', 'volume-create', 'volume-get-iter'],
  )
})

test('a password that is refused is told at once, with what to do', async (t) => {
  const { ontap, calls } = await scripted(t, [text('', 401)])
  await assert.rejects(ontap.volumes.find(context(), 'v1'), {
    code: 'UNAUTHORIZED',
    message: /Correct "username" and "password"/,
  })
  assert.equal(calls.length, 1)
})

for (const [errno, reason, code] of [
  ['2', 'gone', 'NOT_FOUND'],
  ['13040', 'volume v1 does not exist', 'NOT_FOUND'],
  ['15661', "entry doesn't exist", 'NOT_FOUND'],
  ['17', 'exists', 'ALREADY_EXISTS'],
  ['13130', 'duplicate entry', 'ALREADY_EXISTS'],
  ['13001', 'volume v1 already exists', 'ALREADY_EXISTS'],
  ['13001', 'Operation failed. Job exists', 'ALREADY_EXISTS'],
  [
    '13001',
    'Cannot create. Reason: Maximum volume count for Vserver svm1 reached.  Maximum volume count is 12. ',
    'FULL',
  ],
  ['13001', 'There is not enough space in aggregate "aggr1".', 'FULL'],
  ['13001', 'There is not enough\n  free  space.', 'FULL'],
  ['constructor', 'of nothing', 'REFUSED'],
  ['__proto__', 'of nothing', 'REFUSED'],
  ['15894', 'has clones', 'HAS_DEPENDENTS'],
  ['13024', 'busy', 'HAS_DEPENDENTS'],
  ['14956', 'license', 'REFUSED'],
  ['13115', 'Size "1GB" is too small.Minimum size is "20MB".', 'REFUSED'],
  ['Not_Allowed', 'Not supported method type', 'REFUSED'],
  ['', 'no number at all', 'REFUSED'],
  ['99999', 'never heard of', 'REFUSED'],
  ['13001', 'Volume "v1" does not exist in Vserver "svm1".', 'NOT_FOUND'],
  ['13001', 'Snapshot "s" of volume "v1" not found.', 'NOT_FOUND'],
  ['13001', 'No such snapshot', 'NOT_FOUND'],
  ['13001', "entry doesn't exist", 'NOT_FOUND'],
  ['13001', 'Failed to find it. Vserver "svm1" does not exist.', 'REFUSED'],
  ['15661', 'Specified vserver not found', 'REFUSED'],
  ['13001', 'Snapshot policy "volume" does not exist.', 'REFUSED'],
  ['13001', 'Export policy "p" does not exist in Vserver "svm1".', 'REFUSED'],
  ['2', 'Aggregate "aggr1" not found', 'REFUSED'],
  ['13001', 'No such aggregate: aggr1', 'REFUSED'],
] as const) {
  test(`errno "${errno}" with "${reason}" is ${code}, in the array's own words, and is not asked again`, async (t) => {
    const { ontap, calls } = await scripted(t, [failed(errno, reason)])
    await assert.rejects(ontap.snapshots.create(context(), { name: 'v1', uuid: '' }, 's', ''), (error: Error) => {
      assert.equal((error as BackendError).code, code, error.message)
      assert.match(error.message, /snapshot-create on 127\.0\.0\.1:\d+/)
      if (errno !== '') assert.ok(error.message.includes(`errno ${errno}`), error.message)
      return true
    })
    assert.equal(calls.length, 1)
  })
}

test('a reason of 80 kB is looked at as far as it is told', async (t) => {
  const reason = `${'the volume and so on '.repeat(4000)}does not exist`
  const { ontap } = await scripted(t, [failed('13001', reason)])
  await assert.rejects(ontap.snapshots.create(context(), { name: 'v1', uuid: '' }, 's', ''), (error: BackendError) => {
    assert.equal(error.code, 'REFUSED')
    assert.ok(error.message.length < 700)
    return true
  })
})

for (const errno of ['13003', '13005']) {
  test(`errno ${errno} names the right that is missing, as an administrator would grant it`, async (t) => {
    const { ontap } = await scripted(t, [failed(errno, 'Insufficient privileges')])
    await assert.rejects(ontap.volumes.create(context(), newVolume), {
      code: 'UNAUTHORIZED',
      message: /-cmddirname "volume create" -access all \(API volume-create\)/,
    })
  })
}

test('an array whose job is in the way is asked again, even for a removal', async (t) => {
  const busy = failed('13001', 'Cannot unmount: clone split in progress by job ID 123')
  const { ontap, calls } = await scripted(t, [busy, busy, passed('')])
  await ontap.volumes.remove(context(), { name: 'v1', uuid: '', style: 'flexvol' }, { purge: false })
  assert.equal(calls.length, 3)
})

test('an array that is busy for good is told to be BUSY after six tries', async (t) => {
  const { ontap, calls } = await scripted(t, [failed('13001', 'Another volume operation is running')])
  await assert.rejects(ontap.snapshots.create(context(), { name: 'v1', uuid: '' }, 's', ''), { code: 'BUSY' })
  assert.equal(calls.length, 6)
})

test('nothing is asked again once nobody waits', async (t) => {
  const gone = new AbortController()
  const ctx: Context = { ...context(), gone: gone.signal }
  const { ontap, calls, server } = await scripted(t, [text('', 429)], { firstPauseMs: 60_000 })
  const { answer } = server
  server.answer = (seen, response, socket) => {
    answer(seen, response, socket)
    setTimeout(() => gone.abort(), 10)
  }
  await assert.rejects(ontap.volumes.find(ctx, 'v1'), { code: 'UNREACHABLE' })
  assert.equal(calls.length, 1)
})

test('a list is read to its last page: short ones, empty ones, and tags that are XML themselves', async (t) => {
  const tag = '&lt;volume-get-iter-key-td&gt;&lt;key-0&gt;a&amp;amp;b&lt;/key-0&gt;&lt;/volume-get-iter-key-td&gt;'
  const { ontap, calls } = await scripted(t, [
    page([volume({ name: 'a1' }), volume({ name: 'a2' })], tag),
    page([], '&lt;second/&gt;'),
    page([volume({ name: 'a3' })], '&lt;third/&gt;'),
    page([]),
  ])
  const names = (await ontap.volumes.withPrefix(context(), 'a')).map(({ name }) => name)
  assert.deepEqual(names, ['a1', 'a2', 'a3'])
  assert.deepEqual(
    calls.map(({ input }) => /<tag>(.*)<\/tag>/.exec(input)?.[1]),
    [undefined, tag, '&lt;second/&gt;', '&lt;third/&gt;'],
  )
})

test('a page whose answer was lost is asked for once more, and no row is there twice', async (t) => {
  const first = page([volume({ name: 'a1' })], '&lt;next/&gt;')
  const { ontap, calls } = await scripted(t, [first, dropped, page([volume({ name: 'a2' })])])
  assert.equal((await ontap.volumes.withPrefix(context(), 'a')).length, 2)
  assert.match(calls[2]?.input ?? '', /<tag>&lt;next\/&gt;<\/tag>/)
})

test('a list whose pages never end is MALFORMED', async (t) => {
  const { ontap, calls } = await scripted(t, [page([volume({ name: 'a1' })], '&lt;same/&gt;')])
  await assert.rejects(ontap.volumes.withPrefix(context(), 'a'), { code: 'MALFORMED', message: /no end/ })
  assert.equal(calls.length, 2)
})

test('a list whose pages go round in a circle is MALFORMED', async (t) => {
  const [first, second] = ['&lt;first/&gt;', '&lt;second/&gt;'].map((tag) => page([volume({ name: 'a1' })], tag))
  const { ontap, calls } = await scripted(
    t,
    [first, second, first, second].map((reply) => reply ?? ''),
  )
  await assert.rejects(ontap.volumes.withPrefix(context(), 'a'), { code: 'MALFORMED', message: /no end/ })
  assert.equal(calls.length, 3)
})

for (const [what, rows, most] of [
  ['pages', [], /more than 1000 have come/],
  ['rows', Array.from({ length: 20_000 }, () => '<qtree-info><volume>a</volume></qtree-info>'), /250000 rows/],
] as const) {
  test(`a list to which ever new ${what} come is MALFORMED after a while`, async (t) => {
    const { ontap, server } = await scripted(t, [])
    let count = 0
    server.answer = (seen, response, socket) => {
      count += 1
      answering(page(rows, `&lt;after-${count}/&gt;`))(seen, response, socket)
    }
    await assert.rejects(ontap.qtrees.inVolumes(context(), 'a'), { code: 'MALFORMED', message: most })
    assert.ok(count <= 1001, `${count} pages`)
  })
}

test('on a LIF of the cluster calls name their SVM; on one of the SVM they do not', async (t) => {
  const cluster = await scripted(t, [page([])], { cluster: true })
  await cluster.ontap.volumes.find(context(), 'v1')
  await cluster.ontap.aggregates.usage(context())
  assert.deepEqual(
    cluster.calls.map(({ api, vfiler }) => [api, vfiler]),
    [
      ['volume-get-iter', 'svm1'],
      ['aggr-get-iter', undefined],
    ],
  )
  const own = await scripted(t, [page([])])
  await own.ontap.volumes.find(context(), 'v1')
  assert.equal(own.calls[0]?.vfiler, undefined)
})

test('a MetroCluster that has switched over has its SVM under another name, which is kept from then on', async (t) => {
  const { ontap, calls } = await scripted(t, [failed('15698'), page([])], { cluster: true })
  await ontap.volumes.find(context(), 'v1')
  await ontap.volumes.find(context(), 'v2')
  assert.deepEqual(
    calls.map(({ vfiler }) => vfiler),
    ['svm1', 'svm1-mc', 'svm1-mc'],
  )
})

for (const [release, version] of [
  ['8.3', '1.30'],
  ['9.0', '1.100'],
  ['9.9.1', '1.190'],
  ['9.10.1', '1.200'],
  ['9.11.1', '1.200'],
  ['9.17.1', '1.200'],
] as const) {
  test(`ONTAP ${release} is spoken to in ONTAPI ${version}`, async (t) => {
    const { ontap, calls } = await scripted(t, [page([])], { release })
    await ontap.volumes.find(context(), 'v1')
    assert.equal(calls[0]?.version, version)
  })
}

test('an SVM that is not there is told with those that are', async (t) => {
  await assert.rejects(scripted(t, [], { svm: 'other' }), { code: 'NOT_FOUND', message: /"other".*"svm1"/ })
})

test('nothing that is logged or thrown has the password in it', async (t) => {
  const { log, lines } = rememberingLog()
  const { ontap } = await scripted(t, [failed('13001', 'vsadmin:secret-of-svm'), text('', 401)], { log })
  await assert.rejects(ontap.volumes.find(context(log), 'v1'))
  await assert.rejects(ontap.volumes.find(context(log), 'v1'), (error) => !String(error).includes('secret-of-svm'))
  assert.doesNotMatch(JSON.stringify(lines), /secret-of-svm/)
})
