import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Client } from '../../../../src/backends/ontap/zapi/client.ts'
import { readBegun, waitUntilDone } from '../../../../src/backends/ontap/zapi/jobs.ts'
import { context } from '../../../host/fakes.ts'
import { apis, begun, job, releaseOf, scripted } from './scripted.ts'

test('a job that never ends is waited for no longer than a quarter of an hour, and told to be running', async (t) => {
  const array = await scripted(t, [begun, job('running')])
  const settings = { http: array.http, version: '1.210', release: releaseOf('9.11.1'), tries: 1, firstPauseMs: 1 }
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
