/** What each of Docker's verbs costs the array, in calls, by the array's own count. More is a fault. */

import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, suite, test } from 'node:test'
import type { AnyDriverDefinition } from '../../../src/drivers/driver.ts'
import { ontapNasEconomy } from '../../../src/drivers/ontap-nas-economy/driver.ts'
import { type Parts, type Volumes, volumesOf } from '../../../src/volumes/volumes.ts'
import { FakeHost } from '../../contract/fake-host.ts'
import { asked, name, partsIn } from '../../volumes/instance.ts'
import { RELEASES, type Svm, startSvm } from '../ontap/svm.ts'

const definition = ontapNasEconomy as unknown as AnyDriverDefinition
const { ctx } = asked()
const [db1, db2, old] = [name('db1'), name('db2'), name('bench_0')]

/** What they are called in each dialect. */
const CALLS = {
  rest: {
    qtrees: 'GET /storage/qtrees',
    make: 'POST /storage/qtrees',
    change: 'PATCH /storage/qtrees/{volume.uuid}/{id}',
    rename: 'PATCH /storage/qtrees/{volume.uuid}/{id}',
    remove: 'DELETE /storage/qtrees/{volume.uuid}/{id}',
    rules: 'GET /storage/quota/rules',
    limit: 'POST /storage/quota/rules',
    pool: 'GET /storage/volumes',
  },
  zapi: {
    qtrees: 'qtree-list-iter',
    make: 'qtree-create',
    change: 'qtree-modify',
    rename: 'qtree-rename',
    remove: 'qtree-delete-async',
    rules: 'quota-list-entries-iter',
    limit: 'quota-set-entry',
    pool: 'volume-get-iter',
  },
} as const

for (const dialect of ['rest', 'zapi'] as const) {
  const calls = CALLS[dialect]

  suite(`over ${dialect}`, () => {
    let svm: Svm
    let parts: Parts
    let volumes: Volumes
    let directory: string

    beforeEach(async () => {
      svm = await startSvm(definition, { release: RELEASES[dialect], qtrees: 350, jobMs: 0 })
      directory = await mkdtemp(join(tmpdir(), 'calls-'))
      // What is done from time to time would be counted, too.
      const driver = await svm.open({ qtreePruneFlexvolsPeriod: 0, qtreeQuotaResizePeriod: 86_400 })
      parts = await partsIn(directory, { definition, driver, host: new FakeHost() }, {})
      volumes = volumesOf(parts)
      // What the first volume needs once: room to spare, and a look whether quotas are on.
      await volumes.create(ctx, name('first'), {})
      await volumes.mount(ctx, name('first'), 'first')
    })
    afterEach(async () => {
      await svm.close()
      await parts.known.saved()
      await rm(directory, { recursive: true })
    })

    /** The calls that `work` makes, by operation. */
    async function callsOf(work: () => Promise<unknown>): Promise<Readonly<Record<string, number>>> {
      svm.simulator.resetCounts()
      await work()
      const quotas = /quota-(?:resize|status|on)|job/
      return Object.fromEntries(
        Object.entries(svm.simulator.counts()).filter(([operation, count]) => count > 0 && !quotas.test(operation)),
      )
    }

    /** Adds up what comes more than once. */
    function sum(
      ...counts: readonly (readonly [operation: string, count: number])[]
    ): Readonly<Record<string, number>> {
      const total: Record<string, number> = {}
      for (const [operation, count] of counts) total[operation] = (total[operation] ?? 0) + count
      return total
    }

    const look = sum([calls.qtrees, 1], [calls.rules, 1])
    const unknown = () => assert.rejects(volumes.get(ctx, db1), { code: 'VOLUME_NOT_FOUND' })

    test('Get of a volume, or of none: two, at once', async () => {
      assert.deepEqual(await callsOf(() => volumes.get(ctx, old)), look)
      assert.deepEqual(await callsOf(unknown), look)
    })

    test('Create after Docker’s Get: six, where a FlexVol has room', async () => {
      await unknown()
      const found = await callsOf(() => volumes.create(ctx, db1, {}))
      const steps = [calls.make, calls.qtrees, calls.pool, calls.limit, calls.rules, calls.change]
      assert.deepEqual(found, sum(...steps.map((step) => [step, 1] as const)))
    })

    test('List: two a page', async () => {
      assert.deepEqual(await callsOf(async () => assert.equal((await volumes.list(ctx)).length, 351)), look)
    })

    test('Mount: two; Unmount: none', async () => {
      const both = sum([calls.qtrees, 1], [calls.pool, 1])
      assert.deepEqual(await callsOf(() => volumes.mount(ctx, old, 'x')), both)
      assert.deepEqual(await callsOf(() => volumes.unmount(ctx, old, 'x')), {})
    })

    test('Remove: two to find, one to rename, one to delete; ZAPI looks before it renames', async () => {
      const again = dialect === 'zapi' ? 1 : 0
      assert.deepEqual(
        await callsOf(() => volumes.remove(ctx, old)),
        sum([calls.qtrees, 1 + again], [calls.rules, 1], [calls.rename, 1], [calls.remove, 1]),
      )
    })

    test('fifty volumes at once cost fifty times what one does, or less', async () => {
      const found = await callsOf(() =>
        Promise.all(
          Array.from({ length: 50 }, (_, index) => volumes.create(ctx, name(`many${index}`), { size: '20m' })),
        ),
      )
      assert.equal(found[calls.make], 50)
      const total = Object.values(found).reduce((all, count) => all + count, 0)
      assert.ok(total <= 50 * (6 + 2), JSON.stringify(found))
      assert.equal((await volumes.get(ctx, name('many7'))).name, 'many7')
    })

    test('a volume that its FlexVol has to grow for costs three calls more', async () => {
      const found = await callsOf(() => volumes.create(ctx, db2, { size: '500g' }))
      const total = Object.values(found).reduce((all, count) => all + count, 0)
      assert.ok(total <= 2 + 6 + 3, JSON.stringify(found))
    })
  })
}
