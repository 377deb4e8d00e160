import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Context } from '../../../src/context.ts'
import { BackendError } from '../../../src/errors.ts'
import { MIB } from '../../../src/units.ts'
import { context } from '../../host/fakes.ts'
import { type Answer, say } from '../tls-server.ts'
import { type Asked, cluster, dropped, fault, text, volume } from './clusters.ts'

const volumes = (...list: readonly unknown[]) => ({ result: { volumes: list } })
const created = { result: { volumeID: 7, volume: volume(7), curve: {} } }
const newVolume = { name: 'v7', accountId: 3, size: MIB, enable512e: true, attributes: {} }

const nonsense: readonly (readonly [what: string, body: string, sentence: RegExp])[] = [
  ['a page of HTML', '<html><body>Login</body></html>', /page of HTML/],
  ['half an answer', '{"id":1,"result":{"volumes":[{"volumeID":', /only a part of it/],
  ['text', 'OK', /not JSON/],
  ['a list', '[]', /not JSON|not an object/],
  ['the answer to another call', '{"id":4711,"result":{"volumes":[]}}', /another call/],
  ['an answer to no call', '{"id":null,"result":{"volumes":[]}}', /another call/],
  ['no result', '', /result is missing/],
  ['an error without a name', '{"id":1,"error":{"code":500}}', /no name/],
]

for (const [what, body, sentence] of nonsense) {
  test(`an array that answers ${what} is not believed, and the message names the call`, async (t) => {
    const { element, calls } = await cluster(t, [body === '' ? { http: enveloped({}) } : text(body)])
    await assert.rejects(element.volumes.named(context(), 3, 'v1'), (error: Error & { code: string }) => {
      assert.equal(error.code, 'MALFORMED', error.message)
      assert.match(error.message, /ListVolumes/)
      assert.match(error.message, sentence)
      return true
    })
    assert.equal(calls.length, 1, 'and not asked again')
  })
}

for (const [what, body, status] of [
  ['null', 'null', 200],
  ['nothing', '', 200],
  ['HTTP 503', '<html></html>', 503],
] as const) {
  test(`an array that answers ${what} is failing over: it is asked again`, async (t) => {
    const { element, calls } = await cluster(t, [text(body, status), text(body, status), volumes(volume(1))])
    const [found] = await element.volumes.named(context(), 3, 'v1')
    assert.deepEqual([found?.id, calls.length], [1, 3])
  })

  test(`a create that was answered with ${what} is not made again, as it may have been done`, async (t) => {
    const { element, calls } = await cluster(t, [text(body, status), created])
    await assert.rejects(element.volumes.create(context(), newVolume), {
      code: 'UNREACHABLE',
      message: /may have done it all the same/,
    })
    assert.equal(calls.length, 1)
  })
}

test('an array that answers null for good is told to be MALFORMED, one that answers HTTP 503 UNREACHABLE', async (t) => {
  const none = await cluster(t, [text('null')])
  await assert.rejects(none.element.cluster.limits(context()), { code: 'MALFORMED', message: /GetLimits .*null/ })
  assert.equal(none.calls.length, 6)
  const busy = await cluster(t, [text('', 503)])
  await assert.rejects(busy.element.cluster.limits(context()), { code: 'UNREACHABLE', message: /HTTP 503/ })
})

test('a fault in JSON is read whatever the status of HTTP', async (t) => {
  const { element } = await cluster(t, [text('{"id":1,"error":{"name":"xUnknownAccount","message":"gone"}}', 500)])
  await assert.rejects(element.accounts.get(context(), 5), { code: 'NOT_FOUND', message: /xUnknownAccount: "gone"/ })
})

test('a password that is refused is told at once, with what to do', async (t) => {
  const { element, calls } = await cluster(t, [text('<html>401 Unauthorized</html>', 401)])
  await assert.rejects(element.cluster.limits(context()), {
    code: 'UNAUTHORIZED',
    message: /Correct those of.*Endpoint/,
  })
  assert.equal(calls.length, 1)
})

for (const [name, code] of [
  ['xUnknownAccount', 'NOT_FOUND'],
  ['xVolumeIDDoesNotExist', 'NOT_FOUND'],
  ['xDuplicateUsername', 'ALREADY_EXISTS'],
  ['xExceededLimit', 'FULL'],
  ['xVolumeShrinkProhibited', 'REFUSED'],
  ['xInvalidParameter', 'REFUSED'],
  ['xNeverHeardOf', 'REFUSED'],
  ['xUnknownAPIMethod', 'TOO_OLD'],
] as const) {
  test(`${name} is ${code}, in the array's own words, and is not asked again`, async (t) => {
    const { element, calls } = await cluster(t, [fault(name, 'in so many words')])
    await assert.rejects(element.volumes.modify(context(), 7, { size: MIB }), {
      code,
      message: new RegExp(`ModifyVolume on 127.0.0.1:\\d+ with ${name}: "in so many words"`),
    })
    assert.equal(calls.length, 1)
  })
}

for (const name of ['xSliceNotRegistered', 'xNotReadyForIO', 'xNotPrimary', 'xMaxClonesPerVolumeExceeded']) {
  test(`${name} passes: the array did nothing, so even a create is made again`, async (t) => {
    const { element, calls } = await cluster(t, [fault(name), fault(name), created])
    assert.equal((await element.volumes.create(context(), newVolume)).id, 7)
    assert.equal(calls.length, 3)
  })
}

test('an array that is busy for good is told to be BUSY after six tries', async (t) => {
  const { element, calls } = await cluster(t, [fault('xNotPrimary')])
  await assert.rejects(element.snapshots.create(context(), 7, 's'), { code: 'BUSY' })
  assert.equal(calls.length, 6)
})

for (const reply of [fault('xDBConnectionLoss'), dropped]) {
  const what = reply === dropped ? 'whose answer is lost' : 'that ends in xDBConnectionLoss'
  test(`a read ${what} is asked again, and a create is not`, async (t) => {
    const reading = await cluster(t, [reply, reply, volumes()])
    assert.deepEqual(await reading.element.volumes.ofAccount(context(), 3), [])
    const making = await cluster(t, [reply, created])
    await assert.rejects(making.element.volumes.create(context(), newVolume), { code: 'UNREACHABLE' })
    assert.equal(making.calls.length, 1)
  })
}

test('a removal whose answer was lost counts as done when the volume is not there the next time', async (t) => {
  const { element, calls } = await cluster(t, [dropped, fault('xVolumeIDDoesNotExist')])
  await element.volumes.remove(context(), 7)
  assert.equal(calls.length, 2)
})

test('a removal of what was not there to begin with is NOT_FOUND, also after the array was busy', async (t) => {
  const { element } = await cluster(t, [fault('xNotPrimary'), fault('xVolumeIDDoesNotExist')])
  await assert.rejects(element.volumes.remove(context(), 7), { code: 'NOT_FOUND' })
})

test('a right that is missing is asked for thrice, as it may be the master moving, then told', async (t) => {
  const passing = await cluster(t, [fault('xPermissionDenied'), volumes()])
  assert.deepEqual(await passing.element.volumes.ofAccount(context(), 3), [])
  const { element, calls } = await cluster(t, [fault('xPermissionDenied')])
  await assert.rejects(element.volumes.ofAccount(context(), 3), { code: 'UNAUTHORIZED', message: /xPermissionDenied/ })
  assert.equal(calls.length, 3)
})

test('nothing is asked again once nobody waits', async (t) => {
  const gone = new AbortController()
  const ctx: Context = { ...context(), gone: gone.signal }
  const { element, calls, server } = await cluster(t, [fault('xNotPrimary')], { firstPauseMs: 60_000 })
  const { answer } = server
  server.answer = (seen, response, socket) => {
    answer(seen, response, socket)
    setTimeout(() => gone.abort(), 10)
  }
  await assert.rejects(element.volumes.ofAccount(ctx, 3), { code: 'BUSY' })
  assert.equal(calls.length, 1)
})

test('a daemon that goes down does not wait for the next try', async (t) => {
  const stop = new AbortController()
  const { element, server } = await cluster(t, [fault('xNotPrimary')], { firstPauseMs: 60_000 })
  const { answer } = server
  server.answer = (seen, response, socket) => {
    answer(seen, response, socket)
    setTimeout(() => stop.abort(new Error('going down')), 10)
  }
  await assert.rejects(element.volumes.ofAccount(context(undefined, stop.signal), 3), /going down/)
})

test('a member that is missing or of another type is named, and its value is not shown', async (t) => {
  const wrong: readonly (readonly [Record<string, unknown>, RegExp])[] = [
    [{ volumeID: '7' }, /volumes\[1\]\.volumeID is text of another shape, where a whole number belongs/],
    [{ totalSize: 1.5 }, /volumes\[1\]\.totalSize is another number/],
    [{ qos: { minIOPS: 50, maxIOPS: null, burstIOPS: 1 } }, /volumes\[1\]\.qos\.maxIOPS is null/],
    [{ scsiNAADeviceID: 'xyzzy-value' }, /scsiNAADeviceID is text of another shape, where an NAA/],
    [{ iqn: '' }, /iqn is empty/],
    [{ createTime: 'yesterday' }, /createTime .* where a date belongs/],
    [{ attributes: [] }, /attributes is a list/],
    [{ volumeAccessGroups: ['1'] }, /volumeAccessGroups/],
    [{ enable512e: undefined }, /enable512e is missing/],
  ]
  for (const [more, sentence] of wrong) {
    const { element } = await cluster(t, [volumes(volume(1), volume(2, more))])
    await assert.rejects(element.volumes.ofAccount(context(), 3), (error: Error & { code: string }) => {
      assert.equal(error.code, 'MALFORMED')
      assert.match(error.message, sentence)
      assert.match(error.message, /ListVolumes/)
      assert.doesNotMatch(error.message, /xyzzy/)
      return true
    })
  }
  const { element } = await cluster(t, [volumes(volume(1), 5)])
  await assert.rejects(element.volumes.ofAccount(context(), 3), { code: 'MALFORMED' })
})

test('whatever JSON an array answers, it is understood or told to be a fault of the array', async (t) => {
  const { element, server } = await cluster(t, [])
  const odd = fc.oneof(
    fc.jsonValue(),
    fc.record({ volumes: fc.jsonValue() }),
    fc.record({ volumes: fc.array(fc.jsonValue()) }),
    fc.record({ account: fc.jsonValue() }),
  )
  const envelope = fc.oneof(
    odd.map((result) => enveloped({ result })),
    odd.map((error) => enveloped({ error })),
    fc.json().map((body) => say(200, body)),
  )
  const calls = [
    () => element.volumes.ofAccount(context(), 3),
    () => element.accounts.find(context(), 'tenant'),
    () => element.volumes.create(context(), newVolume),
  ]
  await fc.assert(
    fc.asyncProperty(envelope, fc.constantFrom(...calls), async (answer, call) => {
      server.answer = answer
      await call().catch((error: unknown) => assert.ok(error instanceof BackendError, String(error)))
    }),
    { numRuns: 200 },
  )
})

/** Answers to the very call, with these members. */
function enveloped(members: object): Answer {
  return (seen, response) => {
    response.end(JSON.stringify({ id: (JSON.parse(seen.body) as Asked).id, ...members }))
  }
}
