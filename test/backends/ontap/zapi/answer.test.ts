import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { BackendError } from '../../../../src/errors.ts'
import { context } from '../../../host/fakes.ts'
import { type Answer, say } from '../../tls-server.ts'
import { newVolume } from './new-volume.ts'
import { enveloped, page, passed, scripted, text, volume } from './scripted.ts'

const half = enveloped(page([volume({ name: 'v1' })])).slice(0, -40)
const bomb = `<?xml version="1.0"?><!DOCTYPE netapp [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]><netapp>${passed('<comment>&b;</comment>')}</netapp>`
const outside = `<?xml version="1.0"?><!DOCTYPE netapp [<!ENTITY x SYSTEM "file:/etc/passwd">]><netapp>${passed('<comment>&x;</comment>')}</netapp>`

const nonsense: readonly (readonly [what: string, body: string, sentence: RegExp])[] = [
  ['a page of HTML', '<!DOCTYPE html><html><body>Login</body></html>', /page of HTML/],
  ['half an answer', half, /only a part of it/],
  ['text', 'OK', /not XML/],
  ['JSON', '{"error":{"code":"4"}}', /not XML/],
  ['a list in another notation', enveloped(page([volume({ name: 'v1' })]).replace('-list>', '-list >')), /not plain/],
  ['no results', enveloped('<reply/>'), /no "results"/],
  ['two results', enveloped(`${passed('')}${passed('')}`), /no "results"/],
  ['results without a status', enveloped('<results/>'), /neither that the call passed nor that it failed/],
  ['elements that end in the wrong place', enveloped('<results status="passed"><a><b></a></b></results>'), /not XML/],
  ['an entity bomb', bomb, /declares entities/],
  ['an entity from outside', outside, /declares entities/],
  ['50 MB', 'x'.repeat(50_000_000), /longer than 16777216 bytes/],
]

for (const [what, body, sentence] of nonsense) {
  test(`an array that answers ${what} is not believed, and the message names the call`, async (t) => {
    const { ontap, calls } = await scripted(t, [text(body)])
    await assert.rejects(ontap.volumes.find(context(), 'v1'), (error: Error & { code: string }) => {
      assert.equal(error.code, 'MALFORMED', error.message)
      assert.match(error.message, /volume-get-iter/)
      assert.match(error.message, sentence)
      assert.ok(error.message.length < 500)
      return true
    })
    assert.equal(calls.length, 1, 'and not asked again')
  })
}

test('an answer of megabytes to a call that answers nothing is not parsed', async (t) => {
  const { ontap } = await scripted(t, [enveloped(passed(`<a>${'x'.repeat(2_000_000)}</a>`))])
  await assert.rejects(ontap.exports.createPolicy(context(), 'p'), { code: 'MALFORMED', message: /no such answer/ })
})

test('an answer that never ends is given up once it is longer than any', async (t) => {
  const endless: Answer = (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/xml' })
    response.write('x'.repeat(2_000_000))
  }
  const { ontap } = await scripted(t, [{ http: endless }])
  await assert.rejects(ontap.exports.createPolicy(context(), 'p'), { code: 'MALFORMED', message: /no such answer/ })
})

test('control characters in an answer, as they are or by number, do no harm', async (t) => {
  const id = '<comment>b\u0008a&#8;c&#x1b;k &#38;amp; &lt;&#65;&gt; \u00fc</comment>'
  const { ontap } = await scripted(t, [page([volume({ name: 'v1', id })])])
  assert.equal((await ontap.volumes.find(context(), 'v1'))?.comment, 'back &amp; <A> \u00fc')
})

test('an entity that XML does not have stays as it is', async (t) => {
  const { ontap } = await scripted(t, [page([volume({ name: 'v1', id: '<comment>&nbsp;&x;</comment>' })])])
  assert.equal((await ontap.volumes.find(context(), 'v1'))?.comment, '&nbsp;&x;')
})

test('what is written arrives as it was meant, whatever is in it', async (t) => {
  const comment = `{"name":"a&b<c>'d'","umlaut":"ü"}\u0007`
  const { ontap, calls } = await scripted(t, [passed(''), page([volume({ name: 'v1' })])])
  await ontap.volumes.create(context(), { ...newVolume, comment })
  assert.match(
    calls[0]?.input ?? '',
    /<volume-comment>\{&quot;name&quot;:&quot;a&amp;b&lt;c&gt;&apos;d&apos;&quot;,&quot;umlaut&quot;:&quot;ü&quot;\}<\/volume-comment>/,
  )
})

test('whatever XML an array answers, it is understood or told to be a fault of the array', async (t) => {
  const { ontap, server } = await scripted(t, [])
  const name = fc.constantFrom('a', 'name', 'volume-attributes', 'attributes-list', 'next-tag', '__proto__', 'results')
  const { tree } = fc.letrec<{ tree: string }>((tie) => ({
    tree: fc.oneof(
      { depthSize: 'small' },
      fc.string().map((value) => value.replace(/[<&]/g, '')),
      fc.tuple(name, tie('tree')).map(([tag, inner]) => `<${tag}>${inner}</${tag}>`),
      fc.tuple(tie('tree'), tie('tree')).map(([a, b]) => `${a}${b}`),
      name.map((tag) => `<${tag}/>`),
    ),
  }))
  const bodies = fc.oneof(
    tree.map((inner) => enveloped(passed(inner))),
    tree.map((inner) => enveloped(passed(`<attributes-list>${inner}</attributes-list>`))),
    tree.map((inner) => enveloped(inner)),
    fc.string(),
  )
  const calls = [
    () => ontap.volumes.withPrefix(context(), 'a'),
    () => ontap.exports.rules(context(), 'p'),
    () => ontap.volumes.create(context(), { ...newVolume, style: 'flexgroup' }),
  ]
  await fc.assert(
    fc.asyncProperty(bodies, fc.constantFrom(...calls), async (body, call) => {
      server.answer = say(200, body)
      await call().catch((error: unknown) => assert.ok(error instanceof BackendError, String(error)))
    }),
    { numRuns: 150 },
  )
})
