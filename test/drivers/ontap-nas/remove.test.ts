/** Which volume goes, and which must not, when one is removed, kept or taken back. */

import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, suite, test } from 'node:test'
import type { Driver, IntentId, OptionValues } from '../../../src/drivers/driver.ts'
import { ontapNas } from '../../../src/drivers/ontap-nas/driver.ts'
import type { ArrayName } from '../../../src/names.ts'
import { GIB } from '../../../src/units.ts'
import { ctx, PLAIN, RELEASES, type Svm, startSvm } from '../ontap/svm.ts'

const [db, copy] = ['netappdvp_db' as ArrayName, 'netappdvp_web_db_0011aabb' as ArrayName]

for (const [dialect, release] of Object.entries(RELEASES)) {
  suite(`over ${dialect}`, () => {
    let svm: Svm
    let driver: Driver<OptionValues>
    beforeEach(async () => {
      svm = await startSvm(ontapNas, { release })
      driver = await svm.open({ deletePolicy: 'purge' })
    })
    afterEach(() => svm.close())

    const create = (by = driver, intent = randomUUID() as IntentId) =>
      by.create(ctx, { name: db, dockerName: 'db', size: GIB, options: PLAIN as unknown as OptionValues, intent })

    const clone = () =>
      driver.clone!(ctx, {
        name: copy,
        dockerName: 'web-db',
        source: db,
        options: {},
        intent: randomUUID() as IntentId,
      })

    const onArray = () => svm.simulator.array.volumes.all().find(({ name }) => name === db)

    /** A volume that was found, and another of its name that was made, and seen, since. */
    async function replaced() {
      await create()
      const found = (await driver.find(ctx, db))!
      const other = await svm.open({ deletePolicy: 'purge' })
      await other.remove(ctx, (await other.find(ctx, db))!)
      await create(other)
      const namesake = (await driver.find(ctx, db))!
      assert.notEqual(namesake.id, found.id)
      return { found, namesake }
    }

    test('the volume that was found is removed, and not one that has its name by now', async () => {
      const { found, namesake } = await replaced()
      // ZAPI takes a name only; for good, it is looked for once more.
      await assert.rejects(driver.remove(ctx, found), { code: 'NOT_FOUND' })
      assert.equal(onArray()?.uuid, namesake.id)
    })

    test('the volume that was found is kept, and not one that has its name by now', async () => {
      const { found, namesake } = await replaced()
      await driver.keep(ctx, found)
      assert.equal((await driver.find(ctx, db))?.intent, namesake.intent)
    })

    test('a volume that is said not to be there, and is, is not said to be gone', async () => {
      await create()
      const found = (await driver.find(ctx, db))!
      const call = dialect === 'rest' ? '4:DELETE /storage/volumes/{uuid}' : '15661:volume-destroy'
      svm.simulator.addFault(call)
      await assert.rejects(driver.remove(ctx, found), {
        code: 'REFUSED',
        message: dialect === 'rest' ? /which it lists, that it is not there\. It was not removed/ : /is there, though/,
      })
      assert.equal((await driver.find(ctx, db))?.id, found.id)
    })

    test('a volume with clones is not touched, and they are named as Docker knows them', async () => {
      await create()
      await clone()
      const found = (await driver.find(ctx, db))!
      svm.simulator.resetCounts()
      await assert.rejects(driver.remove(ctx, found), {
        code: 'HAS_DEPENDENTS',
        message: /netappdvp_web_db_0011aabb \("web-db" in Docker\) is a clone of it/,
      })
      // Some releases take it offline before they refuse.
      if (dialect === 'zapi') {
        assert.deepEqual(
          Object.keys(svm.simulator.counts()).filter((call) => /destroy|offline|unmount/.test(call)),
          [],
        )
      }
      const { state, junction } = onArray() ?? {}
      assert.deepEqual([state, junction], ['online', `/${db}`])
    })

    test('a clone that is another instance’s is named as the array does', async () => {
      await create()
      await clone()
      await svm.simulator.change(({ volumes }) => {
        const made = volumes.all().find(({ name }) => name === copy)!
        volumes.put({ ...made, comment: made.comment.replace('"prefix":"netappdvp_"', '"prefix":"b_"') })
      })
      const found = (await driver.find(ctx, db))!
      await assert.rejects(driver.remove(ctx, found), { message: /: netappdvp_web_db_0011aabb is a clone of it/ })
    })

    test('what an interrupted snapshot has left is taken back, and no other snapshot', async () => {
      await create()
      await driver.publish(ctx, db, { name: 'h' })
      const ours = randomUUID() as IntentId
      for (const [name, intent] of Object.entries({ monday: randomUUID(), tuesday: ours, friday: randomUUID() })) {
        await driver.snapshots!.create(ctx, db, name, intent as IntentId)
      }
      const found = (await driver.find(ctx, db))!
      await driver.discard(ctx, db, ours)
      const left = await driver.snapshots!.list(ctx, found)
      assert.deepEqual(left.map(({ name }) => name).toSorted(), ['friday', 'monday'])
    })
  })
}
