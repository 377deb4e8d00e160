/** Snapshots that the array takes as it clones: they go with the clone, and no other does. */

import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, suite, type TestContext, test } from 'node:test'
import type { Driver, IntentId, OptionValues } from '../../../src/drivers/driver.ts'
import { ontapNas } from '../../../src/drivers/ontap-nas/driver.ts'
import { ontapNasFlexgroup } from '../../../src/drivers/ontap-nas-flexgroup/driver.ts'
import type { ArrayName } from '../../../src/names.ts'
import { renameSnapshot } from '../../../src/simulators/ontap/operations/snapshots.ts'
import { type Bytes, GIB } from '../../../src/units.ts'
import { ctx, PLAIN, RELEASES, type Svm, startSvm } from './svm.ts'

const HOUR_MS = 3_600_000
const [db, copy] = ['netappdvp_db' as ArrayName, 'netappdvp_copy' as ArrayName]

for (const definition of [ontapNas, ontapNasFlexgroup]) {
  for (const [dialect, release] of Object.entries(RELEASES)) {
    suite(`${definition.label} over ${dialect}`, () => {
      let svm: Svm
      let driver: Driver<OptionValues>

      beforeEach(async () => {
        svm = await startSvm(definition, { release })
      })
      afterEach(() => svm.close())

      async function start(change: Parameters<Svm['open']>[0]): Promise<void> {
        driver = await svm.open(change)
        await driver.create(ctx, {
          name: db,
          dockerName: 'db',
          size: (8 * GIB) as Bytes,
          options: PLAIN as unknown as OptionValues,
          intent: randomUUID() as IntentId,
        })
      }

      const clone = (name = copy, options: OptionValues = {}, snapshot?: string) =>
        driver.clone!(ctx, {
          name,
          dockerName: name,
          source: db,
          options,
          intent: randomUUID() as IntentId,
          ...(snapshot !== undefined && { snapshot }),
        })

      const remove = async (name: ArrayName) => driver.remove(ctx, (await driver.find(ctx, name))!)

      const source = () => svm.simulator.array.volumes.all().find(({ name }) => name === db)!
      const snapshots = () => (svm.simulator.array.snapshots.get(source().uuid) ?? []).map(({ name }) => name)

      /** An hour goes by for the driver, which does what it does every hour. */
      async function hour(t: TestContext): Promise<void> {
        const before = svm.simulator.counts()
        t.mock.timers.tick(HOUR_MS)
        await settled(() => svm.simulator.counts(), before)
      }

      test('what was taken for a clone goes when the clone is purged', async () => {
        await start({ deletePolicy: 'purge' })
        await clone()
        assert.equal(snapshots().length, 1)
        await remove(copy)
        assert.deepEqual(snapshots(), [])
      })

      test('it goes once the clone has left the recovery queue, for which its removal costs no call', async (t) => {
        t.mock.timers.enable({ apis: ['setInterval'] })
        await start({})
        await clone()
        const doomed = (await driver.find(ctx, copy))!
        svm.simulator.resetCounts()
        await driver.remove(ctx, doomed)
        assert.equal(made(svm.simulator.counts(), /snapshot/), 0)
        if (svm.simulator.array.volumes.deleted().length > 0) {
          await hour(t)
          assert.equal(snapshots().length, 1, 'the clone in the queue needs it')
        }
        await svm.simulator.advanceClock(13 * HOUR_MS)
        await hour(t)
        assert.deepEqual(snapshots(), [])
      })

      test('a restart forgets none', async (t) => {
        t.mock.timers.enable({ apis: ['setInterval'] })
        const stateDirectory = await mkdtemp(join(tmpdir(), 'clones-'))
        t.after(() => rm(stateDirectory, { recursive: true }))
        await start({ stateDirectory })
        await clone()
        await remove(copy)
        await driver.close()
        driver = await svm.open({ stateDirectory })
        await svm.simulator.advanceClock(13 * HOUR_MS)
        await hour(t)
        assert.deepEqual(snapshots(), [])
      })

      test('it goes once the clone is split', async (t) => {
        t.mock.timers.enable({ apis: ['setInterval'] })
        await start({})
        await svm.simulator.change((array) => {
          array.durations = { ...array.durations, split: HOUR_MS }
        })
        await clone(copy, { splitOnClone: true })
        await hour(t)
        assert.equal(snapshots().length, 1, 'the split is under way')
        await svm.simulator.advanceClock(HOUR_MS)
        await hour(t)
        assert.deepEqual(snapshots(), [])
      })

      test('a clone that could not be finished leaves none', async () => {
        await start({})
        await assert.rejects(clone(copy, { exportPolicy: 'nobody9' }), { code: 'REFUSED' })
        assert.deepEqual(snapshots(), [])
      })

      test('a snapshot that somebody named stays, whatever its name, and so do those of other clones', async () => {
        await start({ deletePolicy: 'purge' })
        const named = `clone_${copy}.2026-01-31_235959.0`
        for (const name of ['monday', named]) await driver.snapshots!.create(ctx, db, name, randomUUID() as IntentId)
        await clone('netappdvp_other' as ArrayName)
        for (const name of ['monday', named]) {
          await clone(copy, {}, name)
          await remove(copy)
        }
        assert.equal(snapshots().length, 3)
      })

      test('one that an administrator has given another name stays', async () => {
        await start({ deletePolicy: 'purge' })
        await clone()
        await svm.simulator.change((array) => renameSnapshot(array, source().uuid, snapshots()[0]!, 'golden'))
        await remove(copy)
        assert.deepEqual(snapshots(), ['golden'])
      })

      test('one that something else was made of since stays, and is no error', async () => {
        await start({ deletePolicy: 'purge' })
        await clone()
        await clone('netappdvp_other' as ArrayName, {}, snapshots()[0])
        await remove(copy)
        assert.equal(snapshots().length, 1)
      })
    })
  }
}

const made = (counts: Readonly<Record<string, number>>, what: RegExp) =>
  Object.entries(counts).reduce((sum, [call, count]) => sum + (what.test(call) ? count : 0), 0)

/** Waits until calls have been made, and no more come. */
async function settled(counts: () => Readonly<Record<string, number>>, before: Readonly<Record<string, number>>) {
  const total = (of: Readonly<Record<string, number>>) => made(of, /./)
  for (let last = total(before), same = 0; same < 20; ) {
    await new Promise((resolve) => setTimeout(resolve, 10))
    const now = total(counts())
    same = now === last && now > total(before) ? same + 1 : 0
    last = now
  }
}
