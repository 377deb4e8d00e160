import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { request as httpsRequest } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { makeCertificate } from '../../../src/simulators/certificate.ts'
import { svmNamed } from '../../../src/simulators/ontap/operations/find.ts'
import { startOntapSimulator } from '../../../src/simulators/ontap/simulator.ts'
import { GIB, type Loose, newVolume, openClient, uuidOf } from './client.ts'

function stateFile(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'netappdvp-test-'))
  t.after(() => rmSync(directory, { recursive: true, force: true }))
  return join(directory, 'array.json')
}

const ZAPI = '/servlets/netapp.servlets.admin.XMLrequest_filer'

test('an array that is in use already has FlexVols, and qtrees 200 to a pool with quotas on', async (t) => {
  const { records } = await openClient(t, { volumes: 2, qtrees: 250 })
  const [volume, ...others] = await records('/storage/volumes?name=netappdvp_*&fields=nas,size,snapshot_policy.name')
  assert.deepEqual([volume.name, volume.nas.path, volume.size], ['netappdvp_bench_0', '/netappdvp_bench_0', GIB])
  assert.equal(others.length, 1)
  const pools = await records('/storage/volumes?name=ndvp_qtree_pool_*&fields=quota.state,size')
  assert.deepEqual(pools.map(({ size }) => size).sort(), [200 * GIB, 50 * GIB])
  for (const { name, quota } of pools) {
    assert.match(name, /^ndvp_qtree_pool_netappdvp_[A-Z]{10}$/)
    assert.equal(quota.state, 'on')
  }
  assert.equal((await records('/storage/qtrees?name=netappdvp_bench_*')).length, 250)
  assert.equal((await records('/storage/quota/rules?qtree.name=netappdvp_*')).length, 250)
})

test('an array with load-sharing mirrors has one on every aggregate, which show what is there at the start', async (t) => {
  const { simulator } = await openClient(t, { volumes: 1, loadSharing: true })
  const { array } = simulator
  const { loadSharing } = svmNamed(array, 'svm1')
  const places = loadSharing?.mirrors.flatMap((uuid) => array.volumes.get(uuid)?.aggregates ?? [])
  assert.deepEqual(places, [...array.aggregates.keys()])
  assert.deepEqual(Object.values(loadSharing?.shown ?? {}).sort(), ['/', '/netappdvp_bench_0'])
})

test('an array kept in a file is the same after a restart, jobs under way included', async (t) => {
  const path = stateFile(t)
  const first = await openClient(t, { stateFile: path, jobMs: 3_600_000 })
  const job = (await first.call('POST /storage/volumes', { body: newVolume('v') })).body.job.uuid
  await first.simulator.close()

  const second = await openClient(t, { stateFile: path })
  assert.equal(second.simulator.fingerprint, first.simulator.fingerprint)
  assert.deepEqual(second.simulator.array.identity, first.simulator.array.identity)
  assert.equal((await second.ask(`GET /cluster/jobs/${job}`)).state, 'queued')
  await second.simulator.advanceClock(3_600_000)
  assert.equal((await second.ask(`GET /cluster/jobs/${job}`)).state, 'success')
  const uuid = await uuidOf(second, 'v')
  await second.simulator.close()

  const third = await openClient(t, { stateFile: path })
  assert.equal(await uuidOf(third, 'v'), uuid)
  assert.equal(statSync(path).mode & 0o777, 0o600)
})

test('an array in a file is reached as the last start says: by whom, by which password, at whose address', async (t) => {
  const path = stateFile(t)
  const first = await openClient(t, { stateFile: path })
  await first.ask('POST /storage/volumes', newVolume('v'))
  await first.simulator.close()
  for (const options of [{ password: 'new' }, { user: 'boss' }, { scope: 'cluster' }] as const) {
    const again = await openClient(t, { stateFile: path, ...options })
    assert.equal((await again.records('/storage/volumes?name=v')).length, 1)
    assert.equal((await again.call('GET /cluster/nodes')).status, options.scope === 'cluster' ? 200 : 403)
    await again.simulator.close()
  }
  await assert.rejects(startOntapSimulator({ stateFile: path, svm: 'svm9' }), {
    name: 'RangeError',
    message: `The array in ${path} has no SVM "svm9", only svm1.`,
  })
})

test('a file that is no array’s is left alone and named', async (t) => {
  const path = stateFile(t)
  writeFileSync(path, '{"version":')
  await assert.rejects(startOntapSimulator({ stateFile: path }), new RegExp(`Cannot use the state in ${path}`))
})

test('options that cannot be are refused', async () => {
  for (const options of [{ release: '8.2' }, { release: 'nine' }, { listen: 'here' }, { faults: ['sometimes'] }]) {
    await assert.rejects(startOntapSimulator(options), RangeError, JSON.stringify(options))
  }
})

test('REST came with 9.6, and ONTAPI went with 9.18', async (t) => {
  const answers = async (release: string) => {
    const { call, simulator } = await openClient(t, { release })
    const rest = (await call('GET /cluster')).status
    const body = '<netapp version="1.21" xmlns="x"><system-get-version/></netapp>'
    const { status } = await post(simulator.address, ZAPI, body, `${simulator.user}:${simulator.password}`)
    return [rest, status]
  }
  assert.deepEqual(await answers('9.5'), [404, 200])
  assert.deepEqual(await answers('9.6'), [200, 200])
  assert.deepEqual(await answers('9.17.1'), [200, 200])
  assert.deepEqual(await answers('9.18.1'), [200, 404])
})

test('a path that is none of the API is named to whoever runs the simulator', async (t) => {
  const reports: string[] = []
  const { refused } = await openClient(t, { report: (line) => reports.push(line) })
  assert.deepEqual(await refused('GET /storage/luns'), [404, '3'])
  assert.deepEqual(await refused('DELETE /cluster'), [405, '3'])
  assert.deepEqual(reports, [
    'Unknown path of ONTAP’s REST API: GET /api/storage/luns',
    'ONTAP’s REST API has no DELETE /cluster',
  ])
})

test('calls are counted by verb and path, those that met a fault too; a wrong password is not', async (t) => {
  const client = await openClient(t, { faults: ['503:GET /cluster:1', '8:PATCH /storage/volumes/{uuid}:1'] })
  const { call, simulator } = client
  await client.ask('POST /storage/volumes', newVolume('v'))
  const uuid = await uuidOf(client, 'v')
  assert.equal((await call('GET /cluster', { login: 'vsadmin:wrong' })).status, 401)
  assert.deepEqual([(await call('GET /cluster')).status, (await call('GET /cluster')).status], [503, 200])
  const busy = await call(`PATCH /storage/volumes/${uuid}`, { body: { comment: 'x' } })
  assert.deepEqual([busy.status, busy.body.error.code], [409, '8'])
  assert.deepEqual(simulator.counts(), {
    'POST /storage/volumes': 1,
    'GET /storage/volumes': 1,
    'GET /cluster': 2,
    'PATCH /storage/volumes/{uuid}': 1,
  })
  simulator.resetCounts()
  assert.deepEqual(simulator.counts(), {})
})

test('a lost answer leaves the call done, a reset connection does not', async (t) => {
  const client = await openClient(t, { jobMs: 0, faults: ['reset:POST /storage/volumes:1'] })
  const { call, simulator } = client
  await assert.rejects(call('POST /storage/volumes', { body: newVolume('v') }), { code: 'ECONNRESET' })
  assert.deepEqual(await client.records('/storage/volumes?name=v'), [])
  simulator.addFault('lost:POST /storage/volumes:1')
  await assert.rejects(call('POST /storage/volumes', { body: newVolume('v') }), { code: 'ECONNRESET' })
  assert.equal((await client.records('/storage/volumes?name=v')).length, 1)
})

test('a call outside the role is refused as ONTAP does, and the rest is not', async (t) => {
  const role = {
    rest: [
      { path: '/api/cluster', access: 'readonly' },
      { path: '/api/storage/volumes', access: 'read_create' },
      { path: '/api/storage/volumes/*/snapshots', access: 'all' },
      { path: '/api/storage/qtrees', access: 'none' },
    ] as const,
  }
  const client = await openClient(t, { users: [{ name: 'docker', password: 'p', role }] })
  const login = 'docker:p'
  const answered = async (line: string, body?: object) => {
    const answer = await client.call(line, { login, ...(body && { body }) })
    return answer.body?.error?.code ?? answer.status
  }
  assert.equal(await answered('GET /cluster'), 200)
  assert.equal(await answered('POST /storage/volumes?return_timeout=30', newVolume('v')), 201)
  const uuid = await uuidOf(client, 'v')
  assert.equal(await answered(`DELETE /storage/volumes/${uuid}`), '6')
  assert.equal(await answered(`PATCH /storage/volumes/${uuid}`, { comment: 'x' }), '6')
  assert.equal(await answered(`POST /storage/volumes/${uuid}/snapshots`, { name: 's' }), 202)
  assert.equal(await answered('GET /storage/qtrees'), '6')
  assert.equal(await answered('GET /svm/svms'), '6')
  const refused = await client.call('GET /svm/svms', { login })
  assert.deepEqual([refused.status, refused.body.error.message], [403, 'not authorized for that command'])
})

test('users and roles can be read, each user’s own SVM’s', async (t) => {
  const client = await openClient(t, {
    tenants: [{ svm: 'svm2', user: 'other', password: 'p' }],
    users: [{ name: 'docker', password: 'p', role: { rest: [{ path: '/api/cluster', access: 'readonly' }] } }],
  })
  const accounts = await client.records('/security/accounts?fields=role.name,applications.application,owner.name')
  assert.deepEqual(
    accounts.map(({ name, role, owner }) => [name, role.name, owner.name]),
    [
      ['docker', 'docker-role', 'svm1'],
      ['vsadmin', 'vsadmin', 'svm1'],
    ],
  )
  const [own] = await client.records('/security/roles?name=docker-role&fields=privileges')
  assert.deepEqual(own.privileges, [{ path: '/api/cluster', access: 'readonly' }])
})

test('a user may come with a certificate instead of a password', async (t) => {
  const { key, cert } = makeCertificate('127.0.0.1', 'docker')
  const stranger = makeCertificate('127.0.0.1', 'docker')
  const { simulator } = await openClient(t, { users: [{ name: 'docker', certificate: cert, role: 'vsadmin' }] })
  const [host = '', port = ''] = simulator.address.split(':')
  const statusWith = (pair: object) =>
    new Promise<number | undefined>((resolve, reject) => {
      const options = { host, port, path: '/api/cluster', rejectUnauthorized: false, agent: false, ...pair }
      httpsRequest(options, (answer) => {
        answer.resume()
        resolve(answer.statusCode)
      })
        .once('error', reject)
        .end()
    })
  assert.equal(await statusWith({ key, cert }), 200)
  assert.equal(await statusWith(stranger), 401)
  assert.equal(await statusWith({}), 401)
})

test('the door for tests shows counts and the array, and takes faults, time, roles and certificates', async (t) => {
  const { call, control, simulator } = await openClient(t, { volumes: 1 })
  await call('GET /cluster')
  assert.deepEqual(await control('GET counts'), { 'GET /cluster': 1 })
  assert.equal((await control('GET state')).volumes.length, 2)
  await control('POST faults', { add: ['503:*'] })
  assert.equal((await call('GET /cluster')).status, 503)
  await control('POST faults', { clear: true })
  await control('POST reset-counts')
  assert.deepEqual(simulator.counts(), {})
  const before = simulator.array.clockAheadMs
  await control('POST clock-advance', { ms: 5000 })
  assert.equal(simulator.array.clockAheadMs - before, 5000)
  await control('POST role', { name: 'vsadmin', password: 'netapp1!', role: 'vsadmin-readonly' })
  assert.equal((await call('POST /storage/volumes', { body: newVolume('v') })).status, 403)
  const { fingerprint } = await control('POST new-certificate')
  assert.notEqual(fingerprint, simulator.fingerprint)
})

test('a tenant that comes later has an SVM and a user of its own, and sees nothing of the first', async (t) => {
  const { call, control, records } = await openClient(t, { volumes: 1 })
  const tenant = { svm: 'svm2', user: 'other', password: 'p' }
  await control('POST tenant', tenant)
  const { body } = await call('GET /storage/volumes?fields=svm.name', { login: 'other:p' })
  assert.deepEqual(
    body.records.map(({ name, svm }: Loose) => [name, svm.name]),
    [['svm2_root', 'svm2']],
  )
  assert.equal((await records('/storage/volumes')).length, 2)
  assert.match((await control('POST tenant', tenant)).error, /There is an SVM "svm2" already/)
  assert.match((await control('POST tenant', { svm: 'svm3' })).error, /"svm", "user" and "password"/)
})

test('the door for tests says what it does not know or cannot do', async (t) => {
  const { control } = await openClient(t)
  assert.match((await control('GET weather')).error, /^There is no GET \/simulator\/weather\. Known: GET counts/)
  assert.match((await control('POST faults', { add: ['x'] })).error, /is no fault/)
  assert.match((await control('POST clock-advance', { ms: 'a day' })).error, /must be a number/)
  assert.match((await control('POST nfs', { enabled: false })).error, /has no data plane/)
  assert.match((await control('POST role', { name: 'x' })).error, /"role" must be/)
})

function post(address: string, path: string, body: string, login: string): Promise<{ status: number | undefined }> {
  const [host = '', port = ''] = address.split(':')
  const headers = { authorization: `Basic ${Buffer.from(login).toString('base64')}`, 'content-type': 'text/xml' }
  return new Promise((resolve, reject) => {
    const options = { host, port, path, method: 'POST', rejectUnauthorized: false, agent: false, headers }
    httpsRequest(options, (answer) => {
      answer.resume()
      resolve({ status: answer.statusCode })
    })
      .once('error', reject)
      .end(body)
  })
}
