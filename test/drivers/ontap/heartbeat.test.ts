/** What an administrator of the array finds in its event log. */

import assert from 'node:assert/strict'
import { suite, type TestContext, test } from 'node:test'
import { ontapNas } from '../../../src/drivers/ontap-nas/driver.ts'
import { RELEASES, startSvm } from './svm.ts'

const HOUR_MS = 3_600_000

for (const [dialect, release] of Object.entries(RELEASES)) {
  suite(`over ${dialect}`, () => {
    async function start(t: TestContext, usageHeartbeat: number) {
      t.mock.timers.enable({ apis: ['setInterval'] })
      const svm = await startSvm(ontapNas, { release })
      t.after(() => svm.close())
      const driver = await svm.open({ usageHeartbeat })
      const { log } = svm.simulator.array
      /** Once there are so many entries, and a moment later. */
      const entries = async (count: number) => {
        while (log.length < count) await pause(5)
        await pause(50)
        return log.map(({ category }) => category)
      }
      return { driver, log, entries, goBy: (hours: number) => t.mock.timers.tick(hours * HOUR_MS) }
    }

    test('a start, and each day after, is told with driver, version, SVM and prefix', async (t) => {
      const { driver, log, entries, goBy } = await start(t, 24)
      assert.deepEqual(await entries(1), ['initialized'])
      goBy(24)
      assert.deepEqual(await entries(2), ['initialized', 'heartbeat'])
      for (const { description, eventId, severity } of log) {
        assert.match(description, /^netappdvp ontap-nas \S+ \(.*\) SVM\[svm1\] StoragePrefix\[netappdvp_\]$/)
        assert.equal(eventId, 1)
        assert.match(severity, /^(?:notice|5)$/)
      }
      await driver.close()
      goBy(48)
      assert.equal((await entries(2)).length, 2)
    })

    test('usageHeartbeat 0 leaves it at the start', async (t) => {
      const { entries, goBy } = await start(t, 0)
      goBy(240)
      assert.deepEqual(await entries(1), ['initialized'])
    })

    test('no number makes more than one entry a minute', async (t) => {
      const { entries, goBy } = await start(t, 1e-6)
      goBy(1 / 60)
      assert.deepEqual(await entries(2), ['initialized', 'heartbeat'])
    })
  })
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
