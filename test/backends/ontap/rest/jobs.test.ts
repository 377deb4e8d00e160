/** How jobs of the array are waited for, against a server that answers as a test says. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NoAnswer } from '../../../../src/backends/network-faults.ts'
import { RestClient } from '../../../../src/backends/ontap/rest/client.ts'
import { waitForJob } from '../../../../src/backends/ontap/rest/jobs.ts'
import type { Context } from '../../../../src/context.ts'
import type { BackendError } from '../../../../src/errors.ts'
import { context } from '../../../host/fakes.ts'
import { accepted, array, dropped, error, job, list, made, newVolume, text, volume } from './arrays.ts'

test('a job is looked at until it is over, whatever state nobody has heard of it passes through', async (t) => {
  const { ontap, calls } = await array(t, [
    accepted({ records: [{ uuid: 'u1', name: 'v1' }] }),
    job('queued'),
    job('pondering'),
    job('running', { code: 0 }),
    job('success', { code: 0 }),
  ])
  assert.equal((await ontap.volumes.create(context(), newVolume)).uuid, 'u1')
  assert.deepEqual(
    calls.slice(1).map(({ path }) => path),
    Array.from({ length: 4 }, () => '/api/cluster/jobs/job-1'),
  )
})

test('a job that fails tells why, by its error or by its number', async (t) => {
  for (const failure of [
    job('failure', { code: 917526, message: 'it is there' }),
    job('failure', { code: 4, message: 'entry', error: { code: '917526', message: 'it is there' } }),
  ]) {
    const { ontap } = await array(t, [accepted(), failure])
    await assert.rejects(ontap.volumes.create(context(), newVolume), {
      code: 'ALREADY_EXISTS',
      message: /POST \/storage\/volumes on 127.0.0.1:\d+ with error 917526: "it is there"/,
    })
  }
  const negative = await array(t, [accepted(), job('failure', { code: -1, message: 'failure' })])
  await assert.rejects(negative.ontap.volumes.create(context(), newVolume), { code: 'REFUSED', message: /"failure"/ })
})

test('a job that is busy with something else is made anew', async (t) => {
  const { ontap, calls } = await array(t, [accepted(), job('failure', { code: 13107406 }), made('u1')])
  assert.equal((await ontap.volumes.create(context(), newVolume)).uuid, 'u1')
  assert.equal(calls.length, 3)
})

test('a look at a job that fails, however often, is made again, and the work is not', async (t) => {
  const broken = Array.from({ length: 8 }, (_, look) => [dropped, error('8'), text('', 503), text('')][look % 4]!)
  const { ontap, calls } = await array(t, [accepted({ records: [{ uuid: 'u1' }] }), ...broken, job('success')])
  assert.equal((await ontap.volumes.create(context(), newVolume)).uuid, 'u1')
  assert.equal(calls.length, 10)
  assert.equal(calls.filter(({ method }) => method === 'POST').length, 1)
})

test('a job without end is given up, and what it was to do is not done again', async () => {
  const call = { method: 'DELETE', path: '/storage/volumes/{uuid}' } as const
  for (const [reply, found] of [
    [{ status: 200, body: '{"state":"running"}' }, /is still running/],
    [{ status: 503, body: '' }, /cannot be seen/],
  ] as const) {
    const http = {
      address: 'array:443',
      request: async () => ({ status: reply.status, body: Buffer.from(reply.body) }),
      close: async () => {},
    }
    const client = new RestClient({ http, tries: 1, firstPauseMs: 1 })
    await assert.rejects(waitForJob(client, context(), call, 'job-1', 0), (error: BackendError) => {
      assert.equal(error.code, 'UNREACHABLE')
      assert.ok(!(error instanceof NoAnswer), 'which would be asked again')
      assert.match(error.message, /DELETE \/storage\/volumes\/{uuid} on array:443: the job .* job-1/)
      assert.match(error.message, found)
      return true
    })
  }
})

test('what became of a job that the array has forgotten is seen by what it was to make', async (t) => {
  const there = await array(t, [accepted(), error('4', 404), list(volume('v1'))])
  assert.equal((await there.ontap.volumes.create(context(), newVolume)).uuid, 'uuid-of-v1')
  const missing = await array(t, [accepted(), error('4', 404), list()])
  await assert.rejects(missing.ontap.volumes.create(context(), newVolume), {
    code: 'REFUSED',
    message: /was to make volume "v1", and then had none/,
  })
})

test('a removal whose job the array has forgotten is asked for again, and is done when there is nothing left', async (t) => {
  const { ontap, calls } = await array(t, [accepted(), error('4', 404), error('4', 404)])
  await ontap.volumes.remove(context(), volume('v1'), { purge: false })
  assert.deepEqual(
    calls.map(({ method }) => method),
    ['DELETE', 'GET', 'DELETE'],
  )
})

test('a job that has begun is waited for though nobody waits any more', async (t) => {
  const ctx: Context = { ...context(), gone: AbortSignal.abort() }
  const { ontap } = await array(t, [accepted({ records: [{ uuid: 'u1' }] }), dropped, job('running'), job('success')])
  assert.equal((await ontap.volumes.create(ctx, newVolume)).uuid, 'u1')
})

test('a daemon that goes down waits for no job', async (t) => {
  const stop = new AbortController()
  const { ontap, server } = await array(t, [accepted(), job('running')])
  const { answer } = server
  server.answer = (...request) => {
    answer(...request)
    if (request[0].path.includes('/jobs/')) setTimeout(() => stop.abort(new Error('going down')), 10)
  }
  await assert.rejects(ontap.volumes.create(context(undefined, stop.signal), newVolume), /going down/)
})
