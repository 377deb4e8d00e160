/** What each of Docker's verbs costs the array, in calls, by the array's own count. More is a fault. */

import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, suite, test } from 'node:test'
import type { AnyDriverDefinition } from '../../../src/drivers/driver.ts'
import { ontapNas } from '../../../src/drivers/ontap-nas/driver.ts'
import { type Parts, type Volumes, volumesOf } from '../../../src/volumes/volumes.ts'
import { FakeHost } from '../../contract/fake-host.ts'
import { asked, name, partsIn } from '../../volumes/instance.ts'
import { RELEASES, type Svm, startSvm } from '../ontap/svm.ts'

const { ctx } = asked()
const [db1, db2] = [name('db1'), name('db2')]

/** In this order, by what they are called in each dialect. */
const CALLS = {
  rest: {
    find: 'GET /storage/volumes',
    make: 'POST /storage/volumes',
    change: 'PATCH /storage/volumes/{uuid}',
    remove: 'DELETE /storage/volumes/{uuid}',
    snapshots: 'GET /storage/volumes/{volume.uuid}/snapshots',
    page: 2_000,
  },
  zapi: {
    find: 'volume-get-iter',
    make: 'volume-create',
    change: 'volume-modify-iter',
    remove: 'volume-destroy',
    snapshots: 'snapshot-get-iter',
    page: 1_000,
  },
} as const

for (const dialect of ['rest', 'zapi'] as const) {
  const calls = CALLS[dialect]

  suite(`over ${dialect}`, () => {
    let svm: Svm
    let parts: Parts
    let volumes: Volumes
    let directory: string

    async function start(preloaded = 0): Promise<void> {
      svm = await startSvm(ontapNas, { release: RELEASES[dialect], volumes: preloaded, jobMs: 0 })
      directory = await mkdtemp(join(tmpdir(), 'calls-'))
      const driver = await svm.open({ aggregate: 'aggr1' })
      const definition = ontapNas as unknown as AnyDriverDefinition
      parts = await partsIn(directory, { definition, driver, host: new FakeHost() }, {})
      volumes = volumesOf(parts)
      // The entry in the array's event log is written while the driver is in use already.
      await new Promise((resolve) => setTimeout(resolve, 50))
    }

    async function stop(): Promise<void> {
      await svm.close()
      await parts.known.saved()
      await rm(directory, { recursive: true })
    }

    beforeEach(() => start())
    afterEach(stop)

    /** The calls that `work` makes, by operation. */
    async function callsOf(work: () => Promise<unknown>): Promise<Readonly<Record<string, number>>> {
      svm.simulator.resetCounts()
      await work()
      return Object.fromEntries(Object.entries(svm.simulator.counts()).filter(([, count]) => count > 0))
    }

    const get = (volume = db1) => volumes.get(ctx, volume)
    const unknown = (volume = db1) => assert.rejects(get(volume), { code: 'VOLUME_NOT_FOUND' })

    /** ZAPI answers nothing about what it made. */
    const look = dialect === 'zapi' ? { [calls.find]: 1 } : {}

    test('Create after Docker’s Get: one to make the volume; ZAPI hides its snapshots with another', async () => {
      assert.deepEqual(await callsOf(() => unknown()), { [calls.find]: 1 })
      const found = await callsOf(() => volumes.create(ctx, db1, {}))
      assert.deepEqual(found, { [calls.make]: 1, ...(dialect === 'zapi' && { [calls.change]: 1 }), ...look })
    })

    test('Create with its snapshots shown: one', async () => {
      await unknown()
      const found = await callsOf(() => volumes.create(ctx, db1, { snapshotDir: 'true' }))
      assert.deepEqual(found, { [calls.make]: 1, ...look })
    })

    test('Get: one; none for two seconds after; with snapshots a second', async () => {
      await volumes.create(ctx, db1, {})
      assert.deepEqual(await callsOf(() => get()), { [calls.find]: 1 })
      assert.deepEqual(await callsOf(() => get()), {})
      await volumes.createSnapshot(ctx, db1, 'monday')
      assert.deepEqual(await callsOf(() => get()), { [calls.find]: 1, [calls.snapshots]: 1 })
    })

    test('List of ten thousand volumes: one a page', async () => {
      await stop()
      await start(9_999)
      assert.deepEqual(await callsOf(async () => assert.equal((await volumes.list(ctx)).length, 9_999)), {
        [calls.find]: Math.ceil(9_999 / calls.page),
      })
    })

    test('Mount: one; the first of a volume’s life another, to note that it is in use; Unmount: none', async () => {
      await volumes.create(ctx, db1, {})
      assert.deepEqual(await callsOf(() => volumes.mount(ctx, db1, 'x')), { [calls.find]: 1, [calls.change]: 1 })
      assert.deepEqual(await callsOf(() => volumes.unmount(ctx, db1, 'x')), {})
      assert.deepEqual(await callsOf(() => volumes.mount(ctx, db1, 'x')), { [calls.find]: 1 })
      assert.deepEqual(await callsOf(() => volumes.mount(ctx, db1, 'y')), {})
    })

    test('Remove: one to find, one to delete', async () => {
      await volumes.create(ctx, db1, {})
      assert.deepEqual(await callsOf(() => volumes.remove(ctx, db1)), { [calls.find]: 1, [calls.remove]: 1 })
    })

    test('Remove of a clone: the same, though the array took a snapshot for it', async () => {
      await volumes.create(ctx, db1, {})
      await volumes.create(ctx, db2, { from: 'db1' })
      assert.deepEqual(await callsOf(() => volumes.remove(ctx, db2)), { [calls.find]: 1, [calls.remove]: 1 })
    })

    test('a clone: find the source, clone, look at it; ZAPI names, renames and mounts it first', async () => {
      await volumes.create(ctx, db1, {})
      await unknown(db2)
      const made = {
        rest: { [calls.make]: 1 },
        zapi: { 'volume-clone-create': 1, [calls.change]: 1, 'volume-rename': 1, 'volume-mount': 1 },
      }
      const found = await callsOf(() => volumes.create(ctx, db2, { from: 'db1' }))
      assert.deepEqual(found, { [calls.find]: 2, ...made[dialect] })
    })
  })
}
