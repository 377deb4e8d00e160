/** How calls are made and repeated, and answers believed or not, against a server that answers as a test says. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Context } from '../../../../src/context.ts'
import { BackendError } from '../../../../src/errors.ts'
import { context } from '../../../host/fakes.ts'
import { array, dropped, error, list, made, newVolume, ok, type Reply, text, volume } from './arrays.ts'

const nonsense: readonly (readonly [what: string, body: string, sentence: RegExp])[] = [
  ['a page of HTML', '<html><body>Login</body></html>', /page of HTML/],
  ['half an answer', '{"records":[{"name":"v1","uuid":', /only a part of it/],
  ['text', 'OK', /not JSON/],
  ['a list', '[]', /not an object/],
  ['no records', '{"num_records":0}', /records is missing/],
  ['records that are none', '{"records":[1,2]}', /records is a list/],
  ['a next page elsewhere', '{"records":[],"_links":{"next":{"href":"https://10.9.9.9/"}}}', /below \/api\//],
]

for (const [what, body, sentence] of nonsense) {
  test(`an array that answers ${what} is not believed, and the message names the call`, async (t) => {
    const { ontap, calls } = await array(t, [text(body)])
    await assert.rejects(ontap.volumes.find(context(), 'v1'), (error: BackendError) => {
      assert.equal(error.code, 'MALFORMED', error.message)
      assert.match(error.message, /GET \/storage\/volumes/)
      assert.match(error.message, sentence)
      return true
    })
    assert.equal(calls.length, 1, 'and not asked again')
  })
}

test('an error without a code is not understood', async (t) => {
  const { ontap } = await array(t, [text('{"error":{"message":"oh"}}', 400)])
  await assert.rejects(ontap.volumes.find(context(), 'v1'), { code: 'MALFORMED', message: /HTTP 400, and no "error"/ })
})

test('an answer of 50 MB is read or refused, and holds up nobody for long', async (t) => {
  const rows = `${JSON.stringify(volume('v1'))},`.repeat(70_000).slice(0, -1)
  const { ontap } = await array(t, [text(`{"records":[${rows}],"num_records":70000}`)])
  assert.equal((await ontap.volumes.withPrefix(context(), 'v')).length, 70_000)
  const endless = await array(t, [text('x'.repeat(50 * 1024 * 1024))])
  await assert.rejects(endless.ontap.volumes.find(context(), 'v1'), { code: 'MALFORMED' })
})

test('a volume without a UUID is not believed: calls on it would be about all there are', async (t) => {
  const { ontap } = await array(t, [list(volume('v1', { uuid: '' }))])
  await assert.rejects(ontap.volumes.find(context(), 'v1'), { code: 'MALFORMED', message: /uuid is empty/ })
  const making = await array(t, [made(''), list(volume('v1'))])
  assert.equal((await making.ontap.volumes.create(context(), newVolume)).uuid, 'uuid-of-v1', 'it is looked for instead')
  const lost = await array(t, [ok({})])
  await assert.rejects(lost.ontap.volumes.remove(context(), { name: 'v1', uuid: '' }, { purge: true }), {
    code: 'DEFECT',
  })
  assert.equal(lost.calls.length, 0)
})

test('the array’s words are quoted without what a terminal obeys', async (t) => {
  const { ontap } = await array(t, [error('4711', 400, 'No\u001b[2J\nway.')])
  await assert.rejects(ontap.volumes.find(context(), 'v1'), { message: /error 4711: "No \[2J way"\. See/ })
})

for (const [what, reply] of [
  ['429', text('', 429)],
  ['503 with a page', text('<html></html>', 503)],
  ['503 with an error nobody knows', error('4711', 503)],
  ['error 8, busy', error('8', 409)],
  ['error 13107406, another operation runs', error('13107406', 409)],
] as const) {
  test(`an array that answers ${what} has done nothing: even a create is made again`, async (t) => {
    const { ontap, calls } = await array(t, [reply, reply, made('u1')])
    assert.equal((await ontap.volumes.create(context(), newVolume)).uuid, 'u1')
    assert.equal(calls.length, 3)
  })
}

test('an array that is busy for good is told to be BUSY after six tries', async (t) => {
  const { ontap, calls } = await array(t, [error('8')])
  await assert.rejects(ontap.volumes.create(context(), newVolume), { code: 'BUSY' })
  assert.equal(calls.length, 6)
})

for (const [what, reply] of [
  ['is lost', dropped],
  ['is HTTP 500 with a page', text('<html></html>', 500)],
] as const) {
  test(`a read whose answer ${what} is asked again, and a create is not, as it may have been done`, async (t) => {
    const reading = await array(t, [reply, reply, list()])
    assert.equal(await reading.ontap.volumes.find(context(), 'v1'), undefined)
    const making = await array(t, [reply, made('u1')])
    await assert.rejects(making.ontap.volumes.create(context(), newVolume), {
      code: 'UNREACHABLE',
      message: /may have done it all the same/,
    })
    assert.equal(making.calls.length, 1)
  })
}

test('a removal whose answer was lost counts as done when the volume is not there the next time', async (t) => {
  const { ontap, calls } = await array(t, [dropped, error('4', 404)])
  await ontap.volumes.remove(context(), volume('v1'), { purge: true })
  assert.equal(calls.length, 2)
})

test('a removal of what was not there to begin with is NOT_FOUND, also after the array was busy', async (t) => {
  for (const code of ['4', '917927']) {
    const { ontap } = await array(t, [error('8'), error(code, 404)])
    await assert.rejects(ontap.volumes.remove(context(), volume('v1'), { purge: true }), { code: 'NOT_FOUND' })
  }
})

test('an answer about one thing is not a megabyte long', async (t) => {
  const { ontap } = await array(t, [text(`{"aggregates":[${'{"name":"aggr1"},'.repeat(70_000)}{"name":"aggr2"}]}`)])
  await assert.rejects(ontap.aggregates.assigned(context()), {
    code: 'MALFORMED',
    message: /longer than 1048576 bytes/,
  })
})

test('a user or password that is refused is told at once, with what to do', async (t) => {
  const { ontap, calls } = await array(t, [text('<html>401</html>', 401)])
  await assert.rejects(ontap.volumes.find(context(), 'v1'), {
    code: 'UNAUTHORIZED',
    message: /"username" and "password"/,
  })
  assert.equal(calls.length, 1)
})

test('a right that the role lacks is named as an administrator grants it', async (t) => {
  const { ontap } = await array(t, [error('6', 403, 'not authorized for that command')])
  await assert.rejects(ontap.volumes.create(context(), newVolume), {
    code: 'UNAUTHORIZED',
    message: /access "all" to \/api\/storage\/volumes: "security login rest-role create .*-api \/api\/storage\/volumes/,
  })
  await assert.rejects(ontap.snapshots.ofVolume(context(), volume('v1')), {
    code: 'UNAUTHORIZED',
    message: /access "readonly" to \/api\/storage\/volumes/,
  })
  const plain = await array(t, [text('Forbidden', 403)])
  await assert.rejects(plain.ontap.volumes.find(context(), 'v1'), { code: 'UNAUTHORIZED', message: /"readonly"/ })
})

for (const [code, status, meaning] of [
  ['917526', 409, 'ALREADY_EXISTS'],
  ['1', 409, 'ALREADY_EXISTS'],
  ['1245212', 400, 'FULL'],
  ['917508', 400, 'REFUSED'],
  ['917551', 400, 'REFUSED'],
  ['917927', 404, 'REFUSED'],
  ['4', 404, 'REFUSED'],
  ['262179', 400, 'TOO_OLD'],
  ['4711', 418, 'REFUSED'],
] as const) {
  test(`error ${code} of a create is ${meaning}, in the array's own words, and is not asked again`, async (t) => {
    const { ontap, calls } = await array(t, [error(code, status)])
    await assert.rejects(ontap.volumes.create(context(), newVolume), {
      code: meaning,
      message: new RegExp(`error ${code}: "in so many words"`),
    })
    assert.equal(calls.length, 1)
  })
}

test('an error whose code is a number is read like one whose code is text', async (t) => {
  const reply: Reply = { status: 409, value: { error: { message: 'there', code: 917526 } } }
  const { ontap } = await array(t, [reply])
  await assert.rejects(ontap.volumes.create(context(), newVolume), { code: 'ALREADY_EXISTS' })
})

test('nothing is asked again once nobody waits', async (t) => {
  const gone = new AbortController()
  const ctx: Context = { ...context(), gone: gone.signal }
  const { ontap, calls, server } = await array(t, [error('8')], { firstPauseMs: 60_000 })
  const { answer } = server
  server.answer = (...request) => {
    answer(...request)
    setTimeout(() => gone.abort(), 10)
  }
  await assert.rejects(ontap.volumes.find(ctx, 'v1'), { code: 'BUSY' })
  assert.equal(calls.length, 1)
})

test('a member of another type is named, and its value is not shown', async (t) => {
  const wrong: readonly (readonly [Record<string, unknown>, RegExp])[] = [
    [{ uuid: 7 }, /records\[1\]\.uuid is another number, where text belongs/],
    [{ size: '7' }, /records\[1\]\.size is text of another shape, where a whole number/],
    [{ nas: { path: 5 } }, /records\[1\]\.nas\.path is another number/],
    [{ nas: [] }, /nas is a list/],
    [{ aggregates: 'xyzzy' }, /aggregates/],
    [{ create_time: 'xyzzy' }, /create_time .* where a date belongs/],
  ]
  for (const [more, sentence] of wrong) {
    const { ontap } = await array(t, [list(volume('v1'), volume('v2', more))])
    await assert.rejects(ontap.volumes.withPrefix(context(), 'v'), (error: BackendError) => {
      assert.equal(error.code, 'MALFORMED')
      assert.match(error.message, sentence)
      assert.doesNotMatch(error.message, /xyzzy/)
      return true
    })
  }
})

test('whatever JSON an array answers, it is understood or told to be a fault of the array', async (t) => {
  const { ontap, server } = await array(t, [ok({})])
  const odd = fc.oneof(
    fc.jsonValue(),
    fc.record({ records: fc.jsonValue() }),
    fc.record({ error: fc.jsonValue() }),
    fc.record({ records: fc.array(fc.record({ name: fc.constant('v1'), uuid: fc.string(), nas: fc.jsonValue() })) }),
  )
  await fc.assert(
    fc.asyncProperty(odd, async (value) => {
      server.answer = (_request, response) => void response.end(JSON.stringify(value))
      const found = await ontap.volumes.withPrefix(context(), 'v').catch((error: unknown) => error)
      assert.ok(Array.isArray(found) || found instanceof BackendError, String(found))
    }),
    { numRuns: 200 },
  )
})
