/** What each of Docker's verbs costs the array, in calls, by the array's own count. More is a fault. */

import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import type { AnyDriverDefinition, Driver, OptionValues } from '../../../src/drivers/driver.ts'
import { solidfireSan } from '../../../src/drivers/solidfire-san/definition.ts'
import { type Parts, type Volumes, volumesOf } from '../../../src/volumes/volumes.ts'
import { FakeHost } from '../../contract/fake-host.ts'
import { asked, name, partsIn } from '../../volumes/instance.ts'
import { type Cluster, startCluster } from './cluster.ts'

const { ctx } = asked()
const [db1, db2] = [name('db1'), name('db2')]

let cluster: Cluster
let parts: Parts
let volumes: Volumes
let directory: string

async function start(preloaded = 0): Promise<void> {
  cluster = await startCluster({ volumes: preloaded, account: 'docker' })
  directory = await mkdtemp(join(tmpdir(), 'calls-'))
  const driver = (await cluster.open()) as unknown as Driver<OptionValues>
  const definition = solidfireSan as unknown as AnyDriverDefinition
  parts = await partsIn(directory, { definition, driver, host: new FakeHost() }, { prefix: '' })
  volumes = volumesOf(parts)
}

beforeEach(() => start())
afterEach(async () => {
  await cluster.close()
  await parts.known.saved()
  await rm(directory, { recursive: true })
})

/** The calls that `work` makes, by method. */
async function callsOf(work: () => Promise<unknown>): Promise<Readonly<Record<string, number>>> {
  cluster.simulator.resetCounts()
  await work()
  return Object.fromEntries(Object.entries(cluster.simulator.counts()).filter(([, count]) => count > 0))
}

const get = (volume = db1) => volumes.get(ctx, volume)
const unknown = (volume = db1) => assert.rejects(get(volume), { code: 'VOLUME_NOT_FOUND' })

test('Create after Docker’s Get: one to make the volume, one to see that it is the only one of its name', async () => {
  assert.deepEqual(await callsOf(() => unknown()), { ListVolumes: 1 })
  assert.deepEqual(await callsOf(() => volumes.create(ctx, db1, {})), { CreateVolume: 1, ListVolumes: 1 })
})

test('Create without a Get before it looks first', async () => {
  assert.deepEqual(await callsOf(() => volumes.create(ctx, db1, {})), { CreateVolume: 1, ListVolumes: 2 })
})

test('Get: one for the volume and, at the same time, one for the snapshots that inspect shows; none for two seconds after', async () => {
  await volumes.create(ctx, db1, {})
  assert.deepEqual(await callsOf(() => get()), { ListVolumes: 1, ListSnapshots: 1 })
  assert.deepEqual(await callsOf(() => get()), {})
})

test('List of ten thousand volumes, but for one: one; a full page of ten thousand asks for the next', async () => {
  await cluster.close()
  await parts.known.saved()
  await rm(directory, { recursive: true })
  await start(9_999)
  assert.deepEqual(await callsOf(async () => assert.equal((await volumes.list(ctx)).length, 9_999)), {
    ListVolumes: 1,
  })
})

test('Mount: one for the volume, one for the CHAP secret, which may have been changed; Unmount: none', async () => {
  await volumes.create(ctx, db1, {})
  await volumes.mount(ctx, db1, 'x')
  await volumes.unmount(ctx, db1, 'x')
  assert.deepEqual(await callsOf(() => volumes.mount(ctx, db1, 'x')), { ListVolumes: 1, GetAccountByID: 1 })
  assert.deepEqual(await callsOf(() => volumes.mount(ctx, db1, 'y')), {})
  assert.deepEqual(await callsOf(() => volumes.unmount(ctx, db1, 'x')), {})
  assert.deepEqual(await callsOf(() => volumes.unmount(ctx, db1, 'y')), {})
})

test('the first Mount of a volume’s life also records how far formatting has come, each time after a look', async () => {
  await volumes.create(ctx, db1, {})
  assert.deepEqual(await callsOf(() => volumes.mount(ctx, db1, 'x')), {
    ListVolumes: 5,
    GetAccountByID: 1,
    ModifyVolume: 3,
  })
})

test('Remove: one to find, one to delete', async () => {
  await volumes.create(ctx, db1, {})
  assert.deepEqual(await callsOf(() => volumes.remove(ctx, db1)), { ListVolumes: 1, DeleteVolume: 1 })
})

test('a clone: find the source twice, copy, wait for the array, look at what it made, see that it is the only one', async () => {
  await volumes.create(ctx, db1, {})
  await unknown(db2)
  const { GetAsyncResult = 0, ...calls } = await callsOf(() => volumes.create(ctx, db2, { from: 'db1' }))
  assert.ok(GetAsyncResult >= 1)
  assert.deepEqual(calls, { CloneVolume: 1, ListVolumes: 4 })
})
