/** Which dialect is spoken with which release, and what is said when none will do. Against the simulated array. */

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { inspect } from 'node:util'
import { openOntap } from '../../../src/backends/ontap/connect.ts'
import type { Ontap } from '../../../src/backends/ontap/ontap.ts'
import type { OntapSettings } from '../../../src/backends/ontap/settings.ts'
import { Secret } from '../../../src/secret.ts'
import { makeCertificate } from '../../../src/simulators/certificate.ts'
import {
  type NewUser,
  type OntapSimulator,
  type OntapSimulatorOptions,
  startOntapSimulator,
} from '../../../src/simulators/ontap/simulator.ts'
import { context, rememberingLog, temporaryDirectory } from '../../host/fakes.ts'
import { say, tlsServer } from '../tls-server.ts'
import { settingsFor } from './rest/arrays.ts'

async function simulator(t: TestContext, options: OntapSimulatorOptions = {}): Promise<OntapSimulator> {
  const started = await startOntapSimulator({ report: () => {}, ...options })
  t.after(() => started.close())
  return started
}

async function open(t: TestContext, array: OntapSimulator, more: Partial<OntapSettings> = {}): Promise<Ontap> {
  const ontap = await openOntap({
    managementLIF: array.address,
    credentials: { username: array.user, password: new Secret(array.password) },
    tls: {},
    stateDirectory: await temporaryDirectory(t),
    maxConcurrentRequests: 20,
    log: rememberingLog().log,
    signal: new AbortController().signal,
    firstPauseMs: 5,
    ...more,
  })
  t.after(() => ontap.close())
  return ontap
}

for (const [release, useREST, dialect] of [
  ['8.3', undefined, 'zapi'],
  ['9.5', undefined, 'zapi'],
  ['9.11.1', undefined, 'zapi'],
  ['9.12.1', undefined, 'rest'],
  ['9.12.1', true, 'rest'],
  ['9.12.1', false, 'zapi'],
  ['9.17.1', undefined, 'rest'],
  ['9.17.1', false, 'zapi'],
  ['9.18.1', undefined, 'rest'],
] as const) {
  const asked = useREST === undefined ? 'unless told' : `when useREST is ${useREST}`
  test(`ONTAP ${release} is spoken to by ${dialect}, ${asked}`, async (t) => {
    const array = await simulator(t, { release })
    const ontap = await open(t, array, useREST === undefined ? {} : { useREST })
    assert.equal(ontap.dialect, dialect)
    assert.equal(ontap.svm.name, 'svm1')
    assert.ok(release.startsWith(`${ontap.release.generation}.${ontap.release.major}`))
    assert.equal(await ontap.volumes.find(context(), 'none'), undefined)
  })
}

test('opening by REST is two calls', async (t) => {
  const array = await simulator(t)
  await open(t, array)
  assert.deepEqual(array.counts(), { 'GET /cluster': 1, 'GET /svm/svms': 1 })
})

for (const release of ['8.3', '9.5', '9.11.1']) {
  test(`useREST with ONTAP ${release} is refused, and the release is named`, async (t) => {
    const array = await simulator(t, { release })
    await assert.rejects(open(t, array, { useREST: true }), {
      code: 'TOO_OLD',
      message: new RegExp(`ONTAP ${release.replaceAll('.', '\\.')}.*first that will do is 9\\.12\\.1.*"useREST"`),
    })
  })
}

test('useREST false with an array that has no ZAPI is a fault of the config, and is told once', async (t) => {
  const array = await simulator(t, { release: '9.18.1' })
  await assert.rejects(open(t, array, { useREST: false }), (error: Error & { code: string }) => {
    assert.equal(error.code, 'CONFIG_INVALID')
    assert.match(error.message, /Cannot use ZAPI with .* ONTAP 9\.18\.1.*Take "useREST" out/)
    assert.equal(error.message.split('useREST').length, 2)
    return true
  })
})

const ALL_COMMANDS = [{ command: 'DEFAULT', access: 'all' }] as const
const rest = (...names: readonly string[]) =>
  names.map((name) => ({ path: `/api/${name}`, access: 'readonly' as const }))

type Role = Extract<NewUser['role'], object>

/** Opens an array of this release as a user of this role. */
async function openAs(t: TestContext, release: string, role: Role, more: Partial<OntapSettings> = {}) {
  const array = await simulator(t, { release, users: [{ name: 'other', password: 'other-password', role }] })
  const { log, lines } = rememberingLog()
  const credentials = { username: 'other', password: new Secret('other-password') }
  const tls = { tlsFingerprint: array.fingerprint }
  const { dialect } = await open(t, array, { credentials, tls, log, ...more })
  return { dialect, warnings: lines.filter(({ level }) => level === 'warn') }
}

for (const [who, role] of [
  ['whom REST does not let in', { commands: ALL_COMMANDS }],
  ['who may not see the SVM by REST', { rest: rest('cluster'), commands: ALL_COMMANDS }],
] as const) {
  test(`a user ${who} is let in by ZAPI, with one warning that says what to do`, async (t) => {
    for (const release of ['9.12.1', '9.17.1']) {
      const { dialect, warnings } = await openAs(t, release, role)
      assert.equal(dialect, 'zapi')
      assert.equal(warnings.length, 1)
      assert.match(warnings[0]!.message, /"netappdvp role".*"useREST" to false/)
      assert.match(String(warnings[0]!.fields['refusal']), /The array refused GET/)
    }
    assert.deepEqual(await openAs(t, '9.11.1', role), { dialect: 'zapi', warnings: [] }, 'where ZAPI is what is used')
    const asked = await openAs(t, '9.17.1', role, { useREST: false })
    assert.deepEqual(asked, { dialect: 'zapi', warnings: [] }, 'where the config says so')
    await assert.rejects(openAs(t, '9.17.1', role, { useREST: true }), { code: 'UNAUTHORIZED', message: /GET / })
  })
}

test('a user whom neither lets in is told what REST said', async (t) => {
  for (const [release, role] of [
    ['9.12.1', { rest: rest('cluster') }],
    ['9.17.1', { rest: rest('cluster'), commands: [{ command: 'version', access: 'readonly' }] }],
    ['9.18.1', { rest: rest('cluster'), commands: ALL_COMMANDS }],
  ] as const) {
    await assert.rejects(openAs(t, release, role), {
      code: 'UNAUTHORIZED',
      message: /access "readonly" to \/api\/svm\/svms/,
    })
  }
})

test('a user who may use REST only is let in by it', async (t) => {
  assert.deepEqual(await openAs(t, '9.12.1', { rest: rest('cluster', 'svm/svms') }), { dialect: 'rest', warnings: [] })
})

test('a wrong password is told with what to do, and shown nowhere', async (t) => {
  for (const release of ['9.5', '9.15.1']) {
    const array = await simulator(t, { release })
    const { log, lines } = rememberingLog()
    const credentials = { username: array.user, password: new Secret('wrong-password-of-test') }
    const error = await open(t, array, { credentials, log }).catch((error: unknown) => error)
    assert.equal((error as { code: string }).code, 'UNAUTHORIZED')
    assert.match((error as Error).message, /"username" and "password"/)
    assert.match((error as Error).message, /GET \/cluster/, 'REST is what counts')
    assert.ok(!inspect([error, lines], { depth: 20 }).includes('wrong-password-of-test'))
  }
})

test('a client certificate opens the array as a password does', async (t) => {
  const own = makeCertificate('127.0.0.1', 'docker-host')
  const user = { name: 'docker-host', certificate: own.cert, role: 'vsadmin' }
  const array = await simulator(t, { users: [user] })
  const credentials = { clientCertificate: own.cert, clientPrivateKey: new Secret(own.key) }
  assert.equal((await open(t, array, { credentials })).svm.name, 'svm1')
  const stranger = makeCertificate('127.0.0.1', 'stranger')
  const strange = { clientCertificate: stranger.cert, clientPrivateKey: new Secret(stranger.key) }
  await assert.rejects(open(t, array, { credentials: strange }), {
    code: 'UNAUTHORIZED',
    message: /client certificate/,
  })
})

const tenants = [{ svm: 'svm2', user: 'other', password: 'other-password' }]

for (const release of ['9.11.1', '9.15.1']) {
  test(`on the cluster's own address of ONTAP ${release} the SVM has to be named when there are several`, async (t) => {
    const array = await simulator(t, { release, scope: 'cluster', tenants })
    assert.equal((await open(t, array, { svm: 'svm2' })).svm.name, 'svm2')
    await assert.rejects(open(t, array), {
      code: 'CONFIG_INVALID',
      message: /^Cannot derive SVM to use, please specify SVM in config file\..*"svm1", "svm2"/,
    })
    await assert.rejects(open(t, array, { svm: 'svm9' }), { code: 'NOT_FOUND', message: /"svm9".*"svm1", "svm2"/ })
  })

  test(`an SVM of ONTAP ${release} that a MetroCluster switched over is found under its other name`, async (t) => {
    const array = await simulator(t, { release, svm: 'svm1-mc' })
    assert.equal((await open(t, array, { svm: 'svm1' })).svm.name, 'svm1-mc')
    const back = await simulator(t, { release, svm: 'svm1' })
    assert.equal((await open(t, back, { svm: 'svm1-mc' })).svm.name, 'svm1')
  })
}

test('the array’s certificate changes: nothing is sent until the operator says yes', async (t) => {
  const array = await simulator(t)
  const stateDirectory = await temporaryDirectory(t)
  const ontap = await open(t, array, { stateDirectory })
  const next = await array.newCertificate()
  await ontap.close()
  array.resetCounts()
  await assert.rejects(open(t, array, { stateDirectory }), { code: 'CERTIFICATE_REFUSED', message: new RegExp(next) })
  assert.deepEqual(array.counts(), {})
  await open(t, array, { stateDirectory, tls: { tlsFingerprint: next } })
})

test('what is no ONTAP is not taken for one', async (t) => {
  for (const answer of [say(200, '<html>hello</html>'), say(404, '<html>not here</html>'), say(200, '{"hello":1}')]) {
    const server = await tlsServer(t, answer)
    const settings = settingsFor(server, await temporaryDirectory(t))
    await assert.rejects(openOntap(settings), (error: Error & { code: string }) => {
      assert.equal(error.code, 'MALFORMED', error.message)
      assert.match(error.message, /managementLIF|Report this/)
      return true
    })
  }
})

test('a busy array is not waited for: it is opened again later', async (t) => {
  const array = await simulator(t, { faults: ['503:GET /cluster:1'] })
  await assert.rejects(open(t, array), { code: 'BUSY' })
  assert.equal(array.counts()['GET /cluster'], 1)
})
