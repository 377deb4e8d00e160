import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { connect } from 'node:tls'
import { startElementSimulator } from '../../../src/simulators/element/simulator.ts'
import { openClient } from './client.ts'
import { idsOf, type Loose } from './wire.ts'

const HOUR_MS = 3_600_000

function stateFile(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'netappdvp-test-'))
  t.after(() => rmSync(directory, { recursive: true, force: true }))
  return join(directory, 'array.json')
}

test('an array that is full of volumes already has them under an account, with Docker’s name on each', async (t) => {
  const { ask } = await openClient(t, { volumes: 2500, account: 'bench' })
  const { volumes } = await ask('ListVolumesForAccount', { accountID: 1 })
  assert.equal(volumes.length, 2500)
  assert.deepEqual([volumes[7].name, volumes[7].attributes], ['bench-7', { 'docker-name': 'bench-7' }])
  assert.deepEqual(idsOf(await ask('ListVolumes', { volumeName: 'bench-2499' })), [2500])
  await ask('CreateVolume', { name: 'more', accountID: 1, totalSize: 1e9, enable512e: true })
})

test('an array kept in a file is the same after a restart: volumes, secrets, certificate and name', async (t) => {
  const path = stateFile(t)
  const first = await startElementSimulator({ stateFile: path, account: 'docker', volumes: 2, cloneMs: 0 })
  const fingerprint = first.fingerprint
  await first.close()

  const second = await openClient(t, { stateFile: path, account: 'docker', volumes: 2 })
  assert.equal(second.simulator.fingerprint, fingerprint)
  assert.deepEqual(second.simulator.array.identity, first.array.identity)
  assert.deepEqual(second.simulator.array.volumes.all(), first.array.volumes.all())
  assert.deepEqual([...second.simulator.array.accounts], [...first.array.accounts])
  assert.equal(statSync(path).mode & 0o777, 0o600)
})

test('a call that was answered is in the file', async (t) => {
  const path = stateFile(t)
  const { ask } = await openClient(t, { stateFile: path, account: 'docker' })
  await Promise.all(
    ['a', 'b', 'c'].map((name) =>
      ask('CreateVolume', { name, accountID: 1, totalSize: 1e9, enable512e: true, attributes: { name } }),
    ),
  )
  const again = await openClient(t, { stateFile: path })
  const { volumes } = await again.ask('ListVolumes')
  assert.deepEqual(
    volumes.map(({ name }: Loose) => name),
    ['a', 'b', 'c'],
  )
})

test('a file that is no array’s is left alone and named', async (t) => {
  const path = stateFile(t)
  writeFileSync(path, '{"version":')
  await assert.rejects(startElementSimulator({ stateFile: path }), new RegExp(`Cannot use the state in ${path}`))
})

test('options that cannot be are refused', async () => {
  for (const options of [
    { apiVersion: '6.0' },
    { apiVersion: '99.0' },
    { listen: 'here' },
    { svip: '10.0.0.1' },
    { faults: ['sometimes'] },
  ]) {
    await assert.rejects(startElementSimulator(options), RangeError, JSON.stringify(options))
  }
})

test('an array of version 7 has no ListVolumes and says so with its name for it', async (t) => {
  const reports: string[] = []
  const { call, simulator } = await openClient(t, { apiVersion: '7.4', report: (line) => reports.push(line) })
  assert.match(simulator.url, /^https:\/\/127\.0\.0\.1:\d+\/json-rpc\/7\.4$/)
  assert.equal(JSON.parse((await call('ListVolumes')).text).error.name, 'xUnknownAPIMethod')
  assert.deepEqual(reports, ['Unknown method of Element’s API 7.4: ListVolumes'])
  assert.equal((await call('GetAPI', {}, { url: simulator.url.replace('7.4', '8.0') })).status, 404)
})

test('the endpoint has user and password in it as configs do, escaped', async (t) => {
  const { simulator } = await openClient(t, { user: 'ad@min', password: 'p/w%' })
  const { username, password, pathname } = new URL(simulator.endpoint)
  assert.deepEqual([username, password, pathname], ['ad%40min', 'p%2Fw%25', '/json-rpc/12.0'])
})

test('the door for tests shows counts and the array, and takes faults and time', async (t) => {
  const { ask, call, control, simulator } = await openClient(t, { account: 'docker', volumes: 1 })
  await ask('DeleteVolume', { volumeID: 1 })
  assert.deepEqual(await control('GET counts'), { DeleteVolume: 1 })
  assert.equal((await control('GET state')).volumes[0].status, 'deleted')
  await control('POST clock-advance', { ms: 8 * HOUR_MS })
  assert.deepEqual((await control('GET state')).volumes, [])

  await control('POST faults', { add: ['xNotPrimary:GetLimits'] })
  assert.equal(JSON.parse((await call('GetLimits')).text).error.name, 'xNotPrimary')
  await control('POST faults', { clear: true })
  assert.ok('result' in JSON.parse((await call('GetLimits')).text))
  await control('POST reset-counts')
  assert.deepEqual(simulator.counts(), {})
})

test('the door for tests says what it does not know or cannot do', async (t) => {
  const { control } = await openClient(t)
  assert.match((await control('GET weather')).error, /^There is no GET \/simulator\/weather\. Known: GET counts/)
  assert.match((await control('POST faults', { add: ['x'] })).error, /is no fault/)
  assert.match((await control('POST clock-advance', { ms: 'a day' })).error, /must be a number/)
  assert.match((await control('POST portal', { enabled: false })).error, /has no data plane/)
})

test('a new certificate is what the next connection gets, and what is kept', async (t) => {
  const path = stateFile(t)
  const { simulator, control } = await openClient(t, { stateFile: path })
  assert.equal(await presented(simulator.url), simulator.fingerprint)
  const { fingerprint } = await control('POST new-certificate')
  assert.notEqual(fingerprint, simulator.fingerprint)
  assert.equal(await presented(simulator.url), fingerprint)
  const again = await openClient(t, { stateFile: path })
  assert.equal(again.simulator.fingerprint, fingerprint)
})

/** The fingerprint of the certificate that a new connection is shown. */
function presented(url: string): Promise<string> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port), rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate().fingerprint256)
      socket.destroy()
    })
    socket.once('error', reject)
  })
}
