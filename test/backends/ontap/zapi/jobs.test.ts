import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Client } from '../../../../src/backends/ontap/zapi/client.ts'
import { readBegun, waitUntilDone } from '../../../../src/backends/ontap/zapi/jobs.ts'
import { context } from '../../../host/fakes.ts'
import { apis, begun, dropped, failed, job, releaseOf, scripted, text } from './scripted.ts'

test('a job that never ends is waited for no longer than a quarter of an hour, and told to be running', async (t) => {
  const array = await scripted(t, [begun, job('running')])
  const settings = { http: array.http, version: '1.200', release: releaseOf('9.11.1'), tries: 1, firstPauseMs: 1 }
  assert.equal(new Client(settings).jobPatienceMs, 15 * 60_000)
  const client = new Client({ ...settings, svm: 'svm1', jobPatienceMs: 0 })
  const api = 'volume-destroy-async'
  const started = await client.call(context(), { api }, 'once', readBegun)
  await assert.rejects(
    waitUntilDone(client, context(), api, started, async () => false),
    { code: 'UNREACHABLE', message: /volume-destroy-async: job 42 is still running, in state running/ },
  )
  assert.deepEqual(apis(array), [api, 'job-get-iter'])
})

test('a look at a job that fails, however often, is made again, and the work is not', async (t) => {
  const broken = Array.from({ length: 12 }, (_, look) => [dropped, text('', 503), text('')][look % 3]!)
  const array = await scripted(t, [begun, ...broken, job('running'), job('success')])
  const settings = { http: array.http, version: '1.200', release: releaseOf('9.11.1'), tries: 2, firstPauseMs: 1 }
  const client = new Client({ ...settings, svm: 'svm1' })
  const api = 'volume-create-async'
  const started = await client.call(context(), { api }, 'once', readBegun)
  await waitUntilDone(client, context(), api, started, async () => assert.fail('the job itself has told'))
  assert.equal(apis(array).filter((called) => called === api).length, 1)
  assert.equal(array.calls.length, 15)
})

test('a job that cannot be seen for good is given up, and said to be', async (t) => {
  const array = await scripted(t, [begun, text('', 503)])
  const settings = { http: array.http, version: '1.200', release: releaseOf('9.11.1'), tries: 1, firstPauseMs: 1 }
  const client = new Client({ ...settings, svm: 'svm1', jobPatienceMs: 0 })
  const started = await client.call(context(), { api: 'volume-create-async' }, 'once', readBegun)
  await assert.rejects(
    waitUntilDone(client, context(), 'volume-create-async', started, async () => false),
    { code: 'UNREACHABLE', message: /job 42 cannot be seen/ },
  )
})

test('what a job that nobody may see is to bring about is looked at for as long as was said', async (t) => {
  const array = await scripted(t, [begun, failed('13005')])
  const settings = { http: array.http, version: '1.200', release: releaseOf('9.11.1'), tries: 1, firstPauseMs: 1 }
  const client = new Client({ ...settings, svm: 'svm1' })
  const started = await client.call(context(), { api: 'volume-size-async' }, 'once', readBegun)
  let looks = 0
  const look = async () => {
    looks += 1
    return false
  }
  const patience = { looks: 2, words: 'a moment', hint: 'Is there room?' }
  await assert.rejects(waitUntilDone(client, context(), 'volume-size-async', started, look, patience), {
    code: 'UNREACHABLE',
    message: /volume-size-async within a moment, and may still do so: see job 42.* Is there room\?$/,
  })
  assert.equal(looks, 3)
})
