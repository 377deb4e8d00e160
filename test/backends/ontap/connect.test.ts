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
  ['9.12.1', undefined, 'zapi'],
  ['9.12.1', true, 'rest'],
  ['9.14.1', undefined, 'zapi'],
  ['9.14.1', true, 'rest'],
  ['9.15.1', undefined, 'rest'],
  ['9.15.1', false, 'zapi'],
  ['9.17.1', undefined, 'rest'],
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

test('useREST false with an array that has no ZAPI is a fault of the config', async (t) => {
  const array = await simulator(t, { release: '9.18.1' })
  await assert.rejects(open(t, array, { useREST: false }), {
    code: 'CONFIG_INVALID',
    message: /Cannot use ZAPI with .* ONTAP 9\.18\.1.*Take "useREST" out/,
  })
})

test('a user who may use ZAPI only is let in by it, one who may use REST only by that', async (t) => {
  const zapi = { name: 'old', password: 'old-password', role: { commands: [{ command: 'DEFAULT', access: 'all' }] } }
  const array = await simulator(t, { release: '9.14.1', users: [zapi as never] })
  const old = { username: 'old', password: new Secret('old-password') }
  assert.equal((await open(t, array, { credentials: old })).dialect, 'zapi')

  const api = ['cluster', 'svm/svms'].map((name) => ({ path: `/api/${name}`, access: 'readonly' }))
  const rest = { name: 'new', password: 'new-password', role: { rest: api } }
  const other = await simulator(t, { release: '9.14.1', users: [rest as never] })
  const young = { username: 'new', password: new Secret('new-password') }
  assert.equal((await open(t, other, { credentials: young })).dialect, 'rest')
})

test('a wrong password is told with what to do, and shown nowhere', async (t) => {
  for (const release of ['9.5', '9.15.1']) {
    const array = await simulator(t, { release })
    const { log, lines } = rememberingLog()
    const credentials = { username: array.user, password: new Secret('wrong-password-of-test') }
    const error = await open(t, array, { credentials, log }).catch((error: unknown) => error)
    assert.equal((error as { code: string }).code, 'UNAUTHORIZED')
    assert.match((error as Error).message, /"username" and "password"/)
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
