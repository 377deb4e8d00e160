/** The address hosts mount from, of an SVM whose LIFs are moved, deleted and taken down. */

import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { suite, type TestContext, test } from 'node:test'
import type { Driver, IntentId, OptionValues } from '../../../src/drivers/driver.ts'
import { ontapNas } from '../../../src/drivers/ontap-nas/driver.ts'
import type { ArrayName } from '../../../src/names.ts'
import { GIB } from '../../../src/units.ts'
import { ctx, PLAIN, RELEASES, type Svm, startSvm } from './svm.ts'

const db = 'netappdvp_db' as ArrayName
const host = { name: 'host-a', addresses: ['10.0.0.7'] }

for (const [dialect, release] of Object.entries(RELEASES)) {
  suite(`over ${dialect}`, () => {
    /** An SVM with two addresses and a volume, a minute after the driver was opened. */
    async function start(t: TestContext, dataLIF?: string) {
      const svm = await startSvm(ontapNas, { release, dataLif: ['10.0.0.1', '10.0.0.2'] })
      t.after(() => svm.close())
      const driver = await svm.open(dataLIF === undefined ? {} : { dataLIF })
      const options = PLAIN as unknown as OptionValues
      await driver.create(ctx, { name: db, dockerName: 'db', size: GIB, options, intent: randomUUID() as IntentId })
      const now = performance.now.bind(performance)
      let gone = 0
      t.mock.method(performance, 'now', () => now() + gone)
      const minute = () => {
        gone += 61_000
      }
      minute()
      return { svm, driver, minute }
    }

    test('a volume that could not be mounted from an address that went down is mounted from another', async (t) => {
      const { svm, driver, minute } = await start(t)
      assert.equal(await server(driver), '10.0.0.1')
      await change(svm, '10.0.0.1', 'down')
      assert.equal(await server(driver), '10.0.0.2')
      await change(svm, '10.0.0.1', 'up')
      minute()
      assert.equal(await server(driver), '10.0.0.2', 'where it is mounted from by now')
    })

    test('the same when the address is gone', async (t) => {
      const { svm, driver } = await start(t)
      assert.equal(await server(driver), '10.0.0.1')
      await change(svm, '10.0.0.1', 'gone')
      assert.equal(await server(driver), '10.0.0.2')
    })

    test('an SVM that has no address up any more is told so', async (t) => {
      const { svm, driver } = await start(t)
      await server(driver)
      await change(svm, '10.0.0.1', 'down')
      await change(svm, '10.0.0.2', 'down')
      await assert.rejects(server(driver), {
        code: 'REFUSED',
        message: /^Could not find NFS Data LIF\. None is up of 10\.0\.0\.1 \(\S+\), 10\.0\.0\.2 \(\S+\)\./,
      })
    })

    test('a dataLIF of the config stays, and is told to be the SVM’s no more', async (t) => {
      const { svm, driver } = await start(t, '10.0.0.2')
      assert.equal(await server(driver), '10.0.0.2')
      await change(svm, '10.0.0.2', 'gone')
      await assert.rejects(server(driver), { message: /dataLIF 10\.0\.0\.2 is not an NFS address of SVM svm1/ })
    })

    test('the array is asked once for all volumes that are mounted again and again', async (t) => {
      const { svm, driver } = await start(t)
      await server(driver)
      svm.simulator.resetCounts()
      for (let i = 0; i < 5; i++) await server(driver)
      const asked = Object.entries(svm.simulator.counts()).filter(([call]) => /interface/.test(call))
      assert.deepEqual(
        asked.map(([, count]) => count),
        [1],
      )
    })
  })
}

async function server(driver: Driver<OptionValues>): Promise<string> {
  const publication = await driver.publish(ctx, db, host)
  return publication.kind === 'nfs' ? publication.server : ''
}

function change(svm: Svm, address: string, to: 'up' | 'down' | 'gone'): Promise<void> {
  return svm.simulator.change(({ lifs }) => {
    for (const lif of lifs.values()) {
      if (lif.address !== address) continue
      if (to === 'gone') lifs.delete(lif.uuid)
      else lifs.set(lif.uuid, { ...lif, up: to === 'up' })
    }
  })
}
