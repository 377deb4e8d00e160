/**
 * The built executable against a model of it that fits on one screen: containers come and go in any order, calls come
 * twice or with their body lost, answers do not arrive, the plugin is killed. Needs root.
 */

import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { readMounts } from '../../src/host/mountinfo.ts'
import { emptyRequest } from '../docker/client.ts'
import { type Daemon, missing, startDaemon } from './process/daemon.ts'
import { settled } from './process/docker.ts'
import { clearAway, leftovers } from './process/leftovers.ts'
import { until, within } from './process/poll.ts'

const skip = missing || (process.getuid?.() === 0 ? false : 'needs root for loop devices and mounts')

/** What is true of the volumes: which there are, and how often each mount ID holds each. */
class Model {
  readonly volumes = new Map<string, Map<string, number>>()

  holds(name: string): number {
    return [...(this.volumes.get(name)?.values() ?? [])].reduce((sum, count) => sum + count, 0)
  }

  /** No container runs here: an ID that comes again has missed its unmount. */
  mount(name: string, id: string): void {
    this.volumes.get(name)?.set(id, 1)
  }

  unmount(name: string, id: string): void {
    this.volumes.get(name)?.set(id, 0)
  }
}

const name = fc.constantFrom('db1', 'db2')
const id = fc.constantFrom('x', 'y', 'z')
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('create' as const), name, id }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('mount' as const), name, id }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('unmount' as const), name, id }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('remove' as const), name, id }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('mount, answer lost, mount again' as const), name, id }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('bodies lost' as const), name, id }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('SIGKILL' as const), name, id }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('SIGTERM' as const), name, id }) },
)
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never

test('whatever containers, Docker and the plugin’s own ends bring, volumes are mounted exactly while they are held', {
  skip,
}, async (t) => {
  let steps = 0
  const life = fc.array(step, { minLength: 10, maxLength: 40 })
  await fc.assert(
    fc.asyncProperty(life, async (lived) => {
      steps += lived.length
      await live(lived)
    }),
    { numRuns: 12, endOnFailure: true },
  )
  t.diagnostic(`${steps} steps`)
})

async function live(steps: readonly Step[]): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), 'netappdvp-model-'))
  const model = new Model()
  let daemon = await startDaemon({ root }).ready()
  try {
    for (const each of steps) {
      daemon = await take(each, daemon, model)
      await compare(daemon, model)
    }
    for (const [volume, claims] of model.volumes) {
      for (const [who, count] of claims) {
        for (let left = count; left > 0; left -= 1) await daemon.call('Unmount', { Name: volume, ID: who })
      }
      assert.equal((await daemon.call('Remove', { Name: volume })).status, 200)
    }
    await daemon.stop()
    // A loop device that somebody else's scan holds open goes when that ends.
    await until('nothing is left', async () => (await leftovers(root)).length === 0, 5_000).catch(() => {})
    assert.deepEqual(await leftovers(root), [])
  } finally {
    await daemon.stop('SIGKILL')
    await clearAway(root)
    await rm(root, { recursive: true })
  }
}

/** @returns the daemon from here on */
async function take(each: Step, daemon: Daemon, model: Model): Promise<Daemon> {
  const { name: volume, id: who } = each
  const mounting = { Name: volume, ID: who }
  const exists = model.volumes.has(volume)

  switch (each.do) {
    case 'create':
      assert.equal((await daemon.call('Create', { Name: volume, Opts: { size: '20m' } })).status, 200)
      if (!exists) model.volumes.set(volume, new Map())
      break
    case 'mount, answer lost, mount again':
      await loseAnswer(daemon, mounting)
      await mount(daemon, mounting, exists)
      model.mount(volume, who)
      break
    case 'mount':
      await mount(daemon, mounting, exists)
      model.mount(volume, who)
      break
    case 'unmount':
      assert.equal((await daemon.call('Unmount', mounting)).status, 200)
      model.unmount(volume, who)
      break
    case 'remove': {
      // Docker asks for this only when no container has the volume; so claims there are have missed their unmount.
      const told = await daemon.call('Remove', { Name: volume })
      assert.equal(told.status, 200, String(told.body['Err']))
      model.volumes.delete(volume)
      break
    }
    case 'bodies lost':
      for (const verb of ['Create', 'Remove', 'Mount', 'Unmount', 'Get', 'List'])
        await sendRaw(daemon, emptyRequest(verb))
      break
    default:
      await daemon.stop(each.do)
      return startDaemon({ root: daemon.root }).ready()
  }
  return daemon
}

async function mount(daemon: Daemon, body: object, exists: boolean): Promise<void> {
  const told = await daemon.call('Mount', body)
  assert.equal(told.status, exists ? 200 : 500, String(told.body['Err']))
  await settled(daemon)
}

/** Asks and is gone before the answer. */
function loseAnswer(daemon: Daemon, body: object): Promise<void> {
  const text = JSON.stringify(body)
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const socket = connect({ path: daemon.paths.socket })
  socket.once('error', reject)
  socket.once('close', () => resolve())
  const head = `POST /VolumeDriver.Mount HTTP/1.1\r\nHost: plugin\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n`
  socket.write(head + text, () => socket.destroy())
  return promise
}

/** Resolves when something came back, or the connection was cut. */
function sendRaw(daemon: Daemon, bytes: string): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const socket = connect({ path: daemon.paths.socket })
  for (const event of ['data', 'close', 'error']) socket.once(event, () => resolve())
  socket.write(bytes)
  return within('an answer, or the end of the connection', promise).finally(() => socket.destroy())
}

async function compare(daemon: Daemon, model: Model): Promise<void> {
  const mounts = (await readMounts()).filter(({ mountpoint }) => mountpoint.startsWith(`${daemon.paths.mountRoot}/`))
  const expected = [...model.volumes.keys()].filter((volume) => model.holds(volume) > 0)
  const paths = expected.map((volume) => `${daemon.paths.mountRoot}/netappdvp_${volume}`)
  assert.deepEqual(mounts.map(({ mountpoint }) => mountpoint).toSorted(), paths.toSorted())
  assert.equal(new Set(mounts.map(({ device }) => device)).size, mounts.length, 'one device a mount')

  for (const volume of ['db1', 'db2']) {
    const told = await daemon.call('Get', { Name: volume })
    assert.equal(told.status, model.volumes.has(volume) ? 200 : 500, String(told.body['Err']))
  }
}
