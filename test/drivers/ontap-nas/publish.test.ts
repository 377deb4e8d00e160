/** Whose volumes are changed as a host is let to them: those of this plugin, and no others. */

import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { suite, type TestContext, test } from 'node:test'
import type { IntentId, OptionValues } from '../../../src/drivers/driver.ts'
import { ontapNas } from '../../../src/drivers/ontap-nas/driver.ts'
import type { ArrayName } from '../../../src/names.ts'
import { GIB } from '../../../src/units.ts'
import { ctx, PLAIN, RELEASES, startSvm } from '../ontap/svm.ts'

const db = 'netappdvp_db' as ArrayName
const host = { name: 'host-a', addresses: ['10.0.0.7'] }

for (const [dialect, release] of Object.entries(RELEASES)) {
  suite(`over ${dialect}`, () => {
    /** An instance that keeps the export policy of its volumes, and a volume with that comment, made without it. */
    async function start(t: TestContext, comment: string | undefined, isMounted = true) {
      const svm = await startSvm(ontapNas, { release })
      t.after(() => svm.close())
      const options = PLAIN as unknown as OptionValues
      const without = await svm.open()
      await without.create(ctx, { name: db, dockerName: 'db', size: GIB, options, intent: randomUUID() as IntentId })
      const onArray = () => svm.simulator.array.volumes.all().find(({ name }) => name === db)!
      await svm.simulator.change(({ volumes }) => {
        const { junction, ...volume } = onArray()
        volumes.put({
          ...volume,
          ...(isMounted && junction !== undefined && { junction }),
          ...(comment !== undefined && { comment }),
        })
      })
      const policies = () => [...svm.simulator.array.exportPolicies.values()].map(({ name }) => name)
      return { driver: await svm.open({ autoExportPolicy: true }), onArray, policies }
    }

    test('a volume of this plugin gets the export policy that the plugin keeps', async (t) => {
      const { driver, onArray } = await start(t, undefined)
      await driver.publish(ctx, db, host)
      assert.equal(onArray().exportPolicy, 'netappdvp_auto_export')
    })

    for (const [whose, comment] of Object.entries({ 'nDVP’s': '', 'somebody else’s': 'payroll, ask Ann' })) {
      test(`a volume of ${whose} keeps its export policy, and the host gets no rule`, async (t) => {
        const { driver, onArray, policies } = await start(t, comment)
        const publication = await driver.publish(ctx, db, host)
        assert.equal(publication.kind === 'nfs' && publication.exportPolicy, 'default')
        assert.deepEqual([onArray().exportPolicy, onArray().comment], ['default', comment])
        assert.equal(policies().includes('netappdvp_auto_export'), false)
      })
    }

    test('a volume of somebody else’s is not mounted into the namespace', async (t) => {
      const { driver, onArray } = await start(t, 'payroll, ask Ann', false)
      await assert.rejects(driver.publish(ctx, db, host), {
        code: 'REFUSED',
        message: /is not mounted in the SVM's namespace, and not ours to mount/,
      })
      assert.equal(onArray().junction, undefined)
    })

    test('a volume of this plugin that was unmounted is mounted again', async (t) => {
      const { driver, onArray } = await start(t, undefined, false)
      const publication = await driver.publish(ctx, db, host)
      assert.equal(publication.kind === 'nfs' && publication.path, `/${db}`)
      assert.equal(onArray().junction, `/${db}`)
    })
  })
}
