/** The contract Docker really keeps, sentence by sentence. What it rests on was seen on dockerd 20.10.24. */

import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import fc from 'fast-check'
import type { FastifyInstance } from 'fastify'
import { dockerServer } from '../../src/docker/server.ts'
import { BackendError, Defect, HostError } from '../../src/errors.ts'
import { silentLog } from '../../src/log.ts'
import type { ArrayName } from '../../src/names.ts'
import { Gate } from '../../src/volumes/state/gate.ts'
import { asked, type Instance, instance, MOUNT_ROOT, name } from '../volumes/instance.ts'
import { type DockerClient, dockerClient, emptyRequest } from './client.ts'

const TYPE = 'application/vnd.docker.plugins.v1.1+json'
const array = 'netappdvp_db1' as ArrayName
const mountpoint = `${MOUNT_ROOT}/netappdvp_db1`

let directory: string
let one: Instance
let gate: Gate
let server: FastifyInstance
let docker: DockerClient
const stopping = new AbortController()

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'docker-'))
  one = await instance()
  gate = new Gate()
  gate.open(one.volumes)
  await serve()
})
afterEach(async () => {
  await docker.close()
  await server.close()
  await one.end()
  await rm(directory, { recursive: true })
})

/** @param patienceMs short, so that a test can see it run out */
async function serve(patienceMs?: number) {
  await server?.close()
  await docker?.close()
  const { known } = one.parts
  server = dockerServer({ gate, known, log: silentLog, signal: stopping.signal, ...(patienceMs && { patienceMs }) })
  const path = join(directory, `${Math.random()}.sock`)
  await server.listen({ path })
  docker = dockerClient(path)
}

async function until(condition: () => boolean) {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 1))
}

test('Activate says it is a volume driver, whatever its body is', async () => {
  for (const body of ['', '{}', 'not json']) {
    const told = await docker.call('Plugin.Activate', body)
    assert.deepEqual(told, { status: 200, type: TYPE, body: { Implements: ['VolumeDriver'], Err: '' } })
  }
})

test('Capabilities says global, also with an empty body', async () => {
  for (const body of ['', '{}']) {
    assert.deepEqual((await docker.call('Capabilities', body)).body, { Capabilities: { Scope: 'global' }, Err: '' })
  }
})

test('Activate and Capabilities answer while the array is away', async () => {
  gate = new Gate()
  gate.explain(new BackendError('UNREACHABLE', 'The array is away.'))
  await serve()
  assert.equal((await docker.call('Plugin.Activate')).status, 200)
  assert.equal((await docker.call('Capabilities')).status, 200)
})

test('while the array is away a volume that was there is told of, and how things are; of others nothing is', async () => {
  await docker.call('Create', { Name: 'db1' })
  gate = new Gate()
  gate.explain(new BackendError('UNREACHABLE', 'The array is away.'))
  await serve(100)
  const { Volume } = (await docker.call('Get', { Name: 'db1' })).body as { Volume: object }
  assert.deepEqual(Volume, { Name: 'db1', Status: { unavailable: 'The array is away' } })
  await assert.rejects(docker.call('Get', { Name: 'db2' }), 'cut')
  assert.equal((await docker.call('Mount', { Name: 'db1', ID: 'x' })).status, 500)
})

test('Create, Get, List, Mount, Path, Unmount, Remove: a volume’s life', async () => {
  assert.deepEqual((await docker.call('Create', { Name: 'db1', Opts: { size: '2g' } })).body, { Err: '' })
  const { Volume } = (await docker.call('Get', { Name: 'db1' })).body as { Volume: Record<string, unknown> }
  assert.equal(Volume['Name'], 'db1')
  assert.match(String(Volume['CreatedAt']), /^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
  assert.equal(Volume['Mountpoint'], undefined)
  assert.deepEqual((Volume['Status'] as Record<string, unknown>)['Snapshots'], [])

  assert.deepEqual((await docker.call('Path', { Name: 'db1' })).body, { Mountpoint: '', Err: '' })
  assert.deepEqual((await docker.call('Mount', { Name: 'db1', ID: 'x' })).body, { Mountpoint: mountpoint, Err: '' })
  assert.deepEqual((await docker.call('Path', { Name: 'db1' })).body, { Mountpoint: mountpoint, Err: '' })
  const { Volumes } = (await docker.call('List')).body as { Volumes: Record<string, unknown>[] }
  assert.equal(Volumes.length, 1)
  assert.equal(Volumes[0]?.['Mountpoint'], mountpoint)
  assert.deepEqual((await docker.call('Unmount', { Name: 'db1', ID: 'x' })).body, { Err: '' })
  assert.deepEqual((await docker.call('Remove', { Name: 'db1' })).body, { Err: '' })
  assert.deepEqual((await docker.call('List')).body, { Volumes: [], Err: '' })
})

test('Create without options carries "Opts": null, and that is fine', async () => {
  assert.equal((await docker.call('Create', { Name: 'db1', Opts: null })).status, 200)
})

test('every answer has Docker’s content type, and an error is a 500 with its words under Err', async () => {
  const told = await docker.call('Get', { Name: 'none' })
  assert.deepEqual(told, { status: 500, type: TYPE, body: { Err: 'Volume "none" does not exist.' } })
})

test('Docker ignores what Get says before Create, so Create itself finds the volume that is there', async () => {
  await docker.call('Create', { Name: 'db1' })
  assert.equal((await docker.call('Create', { Name: 'db1' })).status, 200)
  assert.equal(one.driver.volumes.size, 1)
})

for (const verb of ['Get', 'Path']) {
  test(`an empty body on ${verb} is a repeat Docker has lost the name of: the connection is cut, unanswered`, async () => {
    assert.equal(await docker.raw(emptyRequest(verb)), '')
  })
}

test('List with an empty body is a repeat that needs no name: it is answered, or `docker volume ls` would wait', async () => {
  assert.deepEqual((await docker.call('List', '')).body, { Volumes: [], Err: '' })
})

for (const verb of ['Create', 'Remove', 'Mount', 'Unmount']) {
  test(`an empty body on ${verb} is refused and does nothing`, async () => {
    await docker.call('Create', { Name: 'db1' })
    const before = one.driver.calls.length
    const told = await docker.call(verb, '')
    assert.equal(told.status, 400)
    assert.match(String(told.body['Err']), /empty body/)
    assert.equal(one.driver.calls.length, before)
  })
}

for (const verb of ['Get', 'Path']) {
  test(`${verb}: an array that cannot be asked is no answer at all, for an error would mean "no such volume"`, async () => {
    await docker.call('Create', { Name: 'db1' })
    await serve()
    one.parts.reads.invalidate()
    one.parts.known.remove(name('db1'))
    one.driver.faults.set('find', new BackendError('MALFORMED', 'Nonsense.'))
    const body = JSON.stringify({ Name: 'db1' })
    const request = `POST /VolumeDriver.${verb} HTTP/1.1\r\nHost: p\r\nContent-Length: ${body.length}\r\n\r\n${body}`
    assert.equal(await docker.raw(request), '')
    assert.equal((await docker.call(verb, { Name: 'db1' })).status, 200)
  })
}

test('Get stalls while the array is away and answers when it is back', async () => {
  gate = new Gate()
  await serve()
  const told = docker.call('Get', { Name: 'db1' })
  await one.volumes.create(asked().ctx, name('db1'), {})
  gate.open(one.volumes)
  assert.equal((await told).status, 200)
})

test('Get stalls through passing faults of the array and then answers', async () => {
  await docker.call('Create', { Name: 'db1' })
  one.driver.faults.set('find', new BackendError('UNREACHABLE', 'Just now.'))
  one.parts.reads.invalidate()
  assert.equal((await docker.call('Get', { Name: 'db1' })).status, 200)
})

test('List says why it fails, soon: Docker then shows the names it remembers', async () => {
  one.driver.faults.set('list', new BackendError('MALFORMED', 'The array speaks in tongues.'))
  assert.deepEqual((await docker.call('List')).body, { Err: 'The array speaks in tongues.' })
})

test('while the array is away, calls wait for it and then say why', async () => {
  gate = new Gate()
  gate.explain(new BackendError('UNREACHABLE', 'The array 10.0.0.1 does not answer.'))
  await serve(30)
  const told = await docker.call('Create', { Name: 'db1' })
  assert.deepEqual(told.body, { Err: 'The array 10.0.0.1 does not answer.' })
})

test('what outlives its deadline carries on, and the repeat gets its result', async () => {
  await serve(30)
  const array = Promise.withResolvers<void>()
  one.driver.holds.set('create', array.promise)
  const late = await docker.call('Create', { Name: 'db1', Opts: { size: '2g' } })
  assert.equal(late.status, 500)
  assert.match(String(late.body['Err']), /Create is not done after .* carries on/)

  const waiting = await docker.call('Create', { Name: 'db1', Opts: { size: '2g' } })
  assert.match(String(waiting.body['Err']), /create-\d+ \(create db1\) has been at it for/)

  array.resolve()
  await one.parts.locks.idle()
  await serve()
  assert.equal((await docker.call('Create', { Name: 'db1', Opts: { size: '2g' } })).status, 200)
  assert.equal(one.driver.calls.filter((call) => call === 'create').length, 1)
})

test('a Mount that outlives its deadline is taken over by the repeat: one unmount ends it', async () => {
  await docker.call('Create', { Name: 'db1' })
  await serve(30)
  const device = Promise.withResolvers<void>()
  one.host.holds.set('attach', device.promise)
  assert.equal((await docker.call('Mount', { Name: 'db1', ID: 'x' })).status, 500)
  device.resolve()
  await one.parts.locks.idle()
  await serve()
  assert.equal((await docker.call('Mount', { Name: 'db1', ID: 'x' })).status, 200)
  await docker.call('Unmount', { Name: 'db1', ID: 'x' })
  assert.equal(one.host.mounted.size, 0)
})

test('a Mount whose connection broke before the answer is taken over by Docker’s repeat', async () => {
  await docker.call('Create', { Name: 'db1' })
  const device = Promise.withResolvers<void>()
  one.host.holds.set('attach', device.promise)
  const body = JSON.stringify({ Name: 'db1', ID: 'x' })
  const socket = connect({ path: server.server.address() as string })
  socket.write(`POST /VolumeDriver.Mount HTTP/1.1\r\nHost: p\r\nContent-Length: ${body.length}\r\n\r\n${body}`)
  await until(() => one.host.calls.includes('attach'))
  socket.destroy()
  const repeat = docker.call('Mount', { Name: 'db1', ID: 'x' })
  await new Promise((resolve) => setTimeout(resolve, 20))
  device.resolve()
  assert.equal((await repeat).status, 200)
  await docker.call('Unmount', { Name: 'db1', ID: 'x' })
  assert.equal(one.host.mounted.size, 0)
})

test('a Mount that was answered is on record as answered', async () => {
  await docker.call('Create', { Name: 'db1' })
  await docker.call('Mount', { Name: 'db1', ID: 'x' })
  const onRecord = async () =>
    JSON.parse(await readFile(join(one.directory, 'mounts.json'), 'utf8')).mounts.db1.claims.x
  while ((await onRecord()).unanswered > 0) await new Promise(setImmediate)
  assert.deepEqual(await onRecord(), { count: 1, unanswered: 0 })
})

test('a slow volume does not keep other volumes waiting', async () => {
  await docker.call('Create', { Name: 'db1' })
  await docker.call('Create', { Name: 'db2' })
  one.host.holds.set('attach', new Promise(() => {}))
  const other = dockerClient(server.server.address() as string)
  void other.call('Mount', { Name: 'db1', ID: 'x' }).catch(() => {})
  await until(() => one.host.calls.includes('attach'))
  one.host.holds.clear()
  assert.equal((await docker.call('Mount', { Name: 'db2', ID: 'y' })).status, 200)
  assert.equal((await docker.call('Get', { Name: 'db1' })).status, 200)
  assert.equal((await docker.call('List')).status, 200)
  await other.close()
})

test('Unmount of an unknown ID succeeds: older engines send one after a failed Mount', async () => {
  assert.deepEqual((await docker.call('Unmount', { Name: 'never-made', ID: 'x' })).body, { Err: '' })
})

test('a failed Unmount succeeds once the mount is gone, for Docker asks again', async () => {
  await docker.call('Create', { Name: 'db1' })
  await docker.call('Mount', { Name: 'db1', ID: 'x' })
  one.host.faults.set('detach', new HostError('MOUNT_BUSY', 'It is busy.'))
  assert.deepEqual((await docker.call('Unmount', { Name: 'db1', ID: 'x' })).body, { Err: 'It is busy.' })
  assert.deepEqual((await docker.call('Unmount', { Name: 'db1', ID: 'x' })).body, { Err: '' })
  assert.equal(one.host.mounted.size, 0)
})

for (const bad of [
  '/etc',
  '..',
  '../x',
  'a/b',
  'a\0b',
  'a\nb',
  '\x7fab',
  '-rf',
  '.hidden',
  'a',
  '',
  'é1',
  'a'.repeat(256),
]) {
  test(`the name ${JSON.stringify(bad.slice(0, 20))} is refused by every call, and nothing is asked or made`, async () => {
    for (const verb of ['Create', 'Remove', 'Mount', 'Unmount', 'Path', 'Get']) {
      const told = await docker.call(verb, { Name: bad, ID: 'x' })
      assert.equal(told.status, 500)
      assert.match(String(told.body['Err']), /^Volume name /)
    }
    assert.deepEqual(one.driver.calls, [])
  })
}

for (const good of ['ab', 'a'.repeat(255), 'project_db-1.x', '0x']) {
  test(`the name ${JSON.stringify(good.slice(0, 20))} of ${good.length} characters is taken`, async () => {
    assert.equal((await docker.call('Create', { Name: good })).status, 200)
    assert.equal((await docker.call('Get', { Name: good })).status, 200)
  })
}

for (const [why, body] of [
  ['truncated JSON', '{"Name":"db1"'],
  ['no JSON', 'Name=db1'],
  ['a list', '[]'],
  ['null', 'null'],
  ['no name', '{}'],
  ['a number for a name', '{"Name":5}'],
  ['options that are no object', '{"Name":"db1","Opts":[1]}'],
  ['an option that is no string', '{"Name":"db1","Opts":{"size":5}}'],
] as const) {
  test(`a body with ${why} is refused with what is wrong, and nothing is made`, async () => {
    const told = await docker.call('Create', body)
    assert.equal(told.status, 400)
    assert.match(String(told.body['Err']), /^The body of Create /)
    assert.deepEqual(one.driver.calls, [])
  })
}

test('a body of 10 MB is refused unread', async () => {
  const told = await docker.call('Create', `{"Name":"${'a'.repeat(10_000_000)}"}`).catch((error) => error)
  if (told instanceof Error) assert.match(String((told as { code?: string }).code), /EPIPE|ECONNRESET|SOCKET/)
  else assert.equal(told.status, 413)
  assert.deepEqual(one.driver.calls, [])
})

test('an unknown call is a 404 that names it', async () => {
  const told = await docker.call('Resize', { Name: 'db1' })
  assert.equal(told.status, 404)
  assert.match(String(told.body['Err']), /VolumeDriver\.Resize/)
})

test('a fault of our own is not told in its raw words', async () => {
  one.driver.faults.set('list', new TypeError('x is undefined at /secret/path'))
  const told = await docker.call('List')
  assert.match(String(told.body['Err']), /fault of its own/)
  one.parts.reads.invalidate()
  one.driver.faults.set('list', new Defect('We were wrong.'))
  assert.deepEqual((await docker.call('List')).body, { Err: 'We were wrong.' })
})

test('an answer whose Mount is repeated at once, many times over, never leaves the counts wrong', async () => {
  await docker.call('Create', { Name: 'db1' })
  const id = fc.constantFrom('x', 'y')
  const step = fc.tuple(fc.constantFrom('Mount', 'Unmount'), id)
  one.host.heldElsewhere.add(mountpoint)
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      const counts = new Map<string, number>()
      for (const [verb, ID] of steps) {
        assert.equal((await docker.call(verb, { Name: 'db1', ID })).status, 200)
        const now = counts.get(ID) ?? 0
        counts.set(ID, verb === 'Mount' ? now + 1 : Math.max(0, now - 1))
        const held = [...counts.values()].some((count) => count > 0)
        assert.equal(one.host.mounted.has(mountpoint), held)
      }
      for (const [ID, count] of counts) {
        for (let left = count; left > 0; left -= 1) await docker.call('Unmount', { Name: 'db1', ID })
      }
      assert.equal(one.host.mounted.size, 0)
      assert.ok(!one.driver.published.has(array))
    }),
    { numRuns: 40 },
  )
})
