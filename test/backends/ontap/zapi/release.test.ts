import assert from 'node:assert/strict'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { openHttp } from '../../../../src/backends/http.ts'
import { releaseByZapi } from '../../../../src/backends/ontap/zapi/open.ts'
import { Pins } from '../../../../src/backends/pins.ts'
import { silentLog } from '../../../../src/log.ts'
import { Secret } from '../../../../src/secret.ts'
import { context, temporaryDirectory } from '../../../host/fakes.ts'
import { tlsServer } from '../../tls-server.ts'
import { answering, askedIn, failed, passed, type Reply, text } from './scripted.ts'

async function ask(t: TestContext, answers: Readonly<Record<string, Reply>>) {
  const server = await tlsServer(t, (seen, response, socket) => {
    answering(answers[askedIn(seen).api] ?? failed('13005'))(seen, response, socket)
  })
  const http = await openHttp({
    origin: server.origin,
    user: 'vsadmin',
    password: new Secret('secret-of-svm'),
    tls: {},
    pins: new Pins(join(await temporaryDirectory(t), 'certificates.json')),
    maxConcurrentRequests: 5,
    log: silentLog,
  })
  t.after(() => http.close())
  return releaseByZapi(http, context())
}

const tuple = (generation: number, major: number, minor: number) =>
  `<version-tuple><system-version-tuple><generation>${generation}</generation><major>${major}</major><minor>${minor}</minor></system-version-tuple></version-tuple>`

test('the release is what the array says, in numbers or, failing that, in words', async (t) => {
  const words = 'NetApp Release 9.1P2: Tue Feb 28 05:57:11 UTC 2017'
  const inNumbers = passed(`<is-clustered>true</is-clustered><version>${words}</version>${tuple(9, 1, 0)}`)
  assert.deepEqual(await ask(t, { 'system-get-version': inNumbers }), {
    generation: 9,
    major: 1,
    minor: 0,
    text: words,
  })
  const inWords = passed(`<version>NetApp Release 8.3.2 Cluster-Mode: Fri</version>`)
  const release = await ask(t, { 'system-get-version': inWords })
  assert.deepEqual([release.generation, release.major, release.minor], [8, 3, 2])
})

test('a user who may not ask for the release has it told by the level of the API', async (t) => {
  for (const [level, expected] of [
    [32, [8, 3, 2]],
    [100, [9, 0, 0]],
    [191, [9, 9, 1]],
    [201, [9, 10, 1]],
  ] as const) {
    const version = passed(`<major-version>1</major-version><minor-version>${level}</minor-version>`)
    const release = await ask(t, { 'system-get-version': failed('13003'), 'system-get-ontapi-version': version })
    assert.deepEqual([release.generation, release.major, release.minor], expected)
  }
})

test('a 7-Mode system is too old, however it says so', async (t) => {
  for (const words of [
    '<is-clustered>false</is-clustered><version>NetApp Release 8.2.1</version>',
    '<version>NetApp Release 8.1 7-Mode: Thu</version>',
  ]) {
    await assert.rejects(ask(t, { 'system-get-version': passed(words) }), { code: 'TOO_OLD', message: /8\.3 or later/ })
  }
})

test('an array that has no ZAPI says so, and what to do', async (t) => {
  await assert.rejects(ask(t, { 'system-get-version': text('<html></html>', 404) }), {
    code: 'REFUSED',
    message: /no ZAPI.*useREST/,
  })
})

test('a wrong password is not taken for a lack of rights', async (t) => {
  await assert.rejects(ask(t, { 'system-get-version': text('', 401) }), { code: 'UNAUTHORIZED', message: /"password"/ })
})
