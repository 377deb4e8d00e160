import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newVolume, openClient, uuidOf } from '../client.ts'

const LONG_MS = 3_600_000

test('a volume is made by a job: queued, running, done; it is listed only then', async (t) => {
  const { call, records, simulator } = await openClient(t, { jobMs: LONG_MS })
  const { status, headers, body } = await call('POST /storage/volumes', { body: newVolume('v') })
  assert.deepEqual([status, headers['location']], [202, '/api/storage/volumes/?name=v'])
  const { uuid } = body.job
  assert.equal(body.job._links.self.href, `/api/cluster/jobs/${uuid}`)
  const state = async () => (await call(`GET /cluster/jobs/${uuid}`)).body
  const queued = await state()
  assert.deepEqual([queued.state, queued.code, queued.end_time], ['queued', 0, undefined])
  await simulator.advanceClock(LONG_MS / 2)
  assert.equal((await state()).state, 'running')
  assert.deepEqual(await records('/storage/volumes?name=v'), [])
  await simulator.advanceClock(LONG_MS / 2)
  const done = await state()
  assert.deepEqual([done.state, done.message], ['success', 'success'])
  assert.match(done.end_time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00$/)
  const [made, ...others] = await records('/storage/volumes?name=v&state=online')
  assert.deepEqual([done.description, others], [`POST /api/storage/volumes/${made.uuid}`, []])
})

test('a finished job is gone after five minutes', async (t) => {
  const { call, refused, simulator } = await openClient(t, { jobMs: 0 })
  const { body } = await call('POST /storage/volumes', { body: newVolume('v') })
  const job = `GET /cluster/jobs/${body.job.uuid}`
  assert.equal((await call(job)).body.state, 'success')
  await simulator.advanceClock(200_000)
  assert.equal((await call(job)).status, 200)
  await simulator.advanceClock(100_000)
  assert.deepEqual(await refused(job), [404, '4'])
})

test('a size that is too small is accepted, and its job fails: code a number there, text in the error', async (t) => {
  const { call } = await openClient(t, { jobMs: 0 })
  const { status, body } = await call('POST /storage/volumes', { body: newVolume('v', { size: 1000 }) })
  assert.equal(status, 202)
  const job = (await call(`GET /cluster/jobs/${body.job.uuid}`)).body
  assert.deepEqual([job.state, job.code, job.error.code], ['failure', 917_534, '917534'])
  assert.match(job.message, /too small\. Minimum size is "20971520B"/)
})

test('waiting for the job turns its end into the answer', async (t) => {
  const { call } = await openClient(t)
  const made = await call('POST /storage/volumes?return_timeout=30', { body: newVolume('v') })
  assert.deepEqual([made.status, typeof made.body.job.uuid], [201, 'string'])
  const small = await call('POST /storage/volumes?return_timeout=30', { body: newVolume('w', { size: 1000 }) })
  assert.deepEqual([small.status, small.body.error.code], [400, '917534'])
})

test('with return_records there are both job and record', async (t) => {
  const { call } = await openClient(t)
  const { body } = await call('POST /storage/volumes?return_records=true', { body: newVolume('v') })
  assert.deepEqual([body.num_records, body.records[0].name, typeof body.job.uuid], [1, 'v', 'string'])
})

test('what is wrong with a request is said at once', async (t) => {
  const { call } = await openClient(t, { jobMs: LONG_MS })
  const codeOf = async (more: object, name = 'v') => {
    const { status, body } = await call('POST /storage/volumes', { body: newVolume(name, more) })
    return [status, body.error?.code]
  }
  assert.deepEqual(await codeOf({ svm: { name: 'nobody' } }), [400, '2621462'])
  assert.deepEqual(await codeOf({}, '1st'), [400, '917887'])
  assert.deepEqual(await codeOf({}, 'a-b'), [400, '917888'])
  assert.deepEqual(await codeOf({}, 'v'.repeat(204)), [400, '917886'])
  assert.deepEqual(await codeOf({}, 'svm1_root'), [409, '917526'])
  assert.deepEqual(await codeOf({ aggregates: [] }), [400, '787140'])
  assert.deepEqual(await codeOf({ aggregates: [], style: 'flexvol' }), [400, '918242'])
  assert.deepEqual(await codeOf({ aggregates: [{ name: 'nowhere' }] }), [400, '917508'])
  assert.deepEqual(await codeOf({ snapshot_policy: { name: 'never' } }), [400, '917551'])
  assert.deepEqual(await codeOf({ nas: { export_policy: { name: 'nobody' } } }), [400, '918271'])
  assert.deepEqual(await codeOf({ nas: { path: 'v' } }), [400, '918252'])
  assert.deepEqual(await codeOf({ colour: 'red' }), [400, '262179'])
  assert.deepEqual(await codeOf({ nas: { unix_permissions: 888 } }), [400, '262197'])
})

test('two requests for one name are both accepted, and one of the jobs fails', async (t) => {
  const { call } = await openClient(t)
  const [one, two] = await Promise.all(
    [1, 2].map(() => call('POST /storage/volumes?return_timeout=30', { body: newVolume('v') })),
  )
  assert.deepEqual([one!.status, two!.status].sort(), [201, 409])
})

test('a job can be made to fail, and to be forgotten, by a fault', async (t) => {
  const client = await openClient(t)
  const { call, ask, simulator } = client
  await ask('POST /storage/volumes', newVolume('v'))
  simulator.addFault('job-917536:DELETE /storage/volumes/{uuid}:1')
  const { status, body } = await call(`DELETE /storage/volumes/${await uuidOf(client, 'v')}`)
  assert.equal(status, 202)
  await simulator.advanceClock(1000)
  const job = (await call(`GET /cluster/jobs/${body.job.uuid}`)).body
  assert.deepEqual([job.state, job.code], ['failure', 917_536])
  simulator.addFault('4:GET /cluster/jobs/{uuid}:1')
  assert.equal((await call(`GET /cluster/jobs/${body.job.uuid}`)).status, 404)
})
