import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { earlyServer } from '../../src/docker/early-server.ts'
import { dockerServer } from '../../src/docker/server.ts'
import { DurableFile } from '../../src/durable-file.ts'
import { silentLog } from '../../src/log.ts'
import { Gate } from '../../src/volumes/state/gate.ts'
import { Known } from '../../src/volumes/state/known.ts'
import { dockerClient } from './client.ts'

test('requests that come before there is anybody to answer wait, and are answered in the end', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'early-'))
  const early = earlyServer()
  const path = join(directory, 'early.sock')
  await new Promise<void>((resolve) => early.http.listen({ path }, resolve))
  const docker = dockerClient(path)
  const told = docker.call('Plugin.Activate', '')
  const other = dockerClient(path)
  const capabilities = other.call('Capabilities')
  await new Promise((resolve) => early.http.once('connection', resolve))

  const known = await Known.open(new DurableFile(join(directory, 'known.json')), silentLog)
  const server = dockerServer({ gate: new Gate(), known, log: silentLog, signal: new AbortController().signal })
  await server.ready()
  early.answerWith((request, response) => server.routing(request, response))
  assert.deepEqual((await told).body, { Implements: ['VolumeDriver'], Err: '' })
  assert.equal((await capabilities).status, 200)

  await Promise.all([docker.close(), other.close()])
  await server.close()
  await new Promise((resolve) => early.http.close(resolve))
  await rm(directory, { recursive: true })
})
