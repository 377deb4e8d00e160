import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, suite, test } from 'node:test'
import type { Driver, IntentId, OptionValues } from '../../../src/drivers/driver.ts'
import { ontapNas } from '../../../src/drivers/ontap-nas/driver.ts'
import { ontapNasFlexgroup } from '../../../src/drivers/ontap-nas-flexgroup/driver.ts'
import type { ArrayName } from '../../../src/names.ts'
import { type Bytes, GIB, MIB } from '../../../src/units.ts'
import { keepsDriverContract } from '../../contract/driver.contract.ts'
import { ctx, PLAIN, RELEASES, type Svm, startSvm } from '../ontap/svm.ts'

/** What find tells of a plain volume. */
const { splitOnClone: _, ...TOLD } = PLAIN

for (const [dialect, release] of Object.entries(RELEASES)) {
  keepsDriverContract(`ontap-nas-flexgroup over ${dialect}`, async () => {
    const svm = await startSvm(ontapNasFlexgroup, { release })
    return {
      driver: (await svm.open()) as Driver<never>,
      options: TOLD as OptionValues,
      reopen: async () => (await svm.open()) as Driver<never>,
      close: () => svm.close(),
    }
  })

  suite(`ontap-nas-flexgroup over ${dialect}`, () => {
    let svm: Svm
    let driver: Driver<OptionValues>
    beforeEach(async () => {
      svm = await startSvm(ontapNasFlexgroup, { release })
      driver = await svm.open()
    })
    afterEach(() => svm.close())

    const create = (name: string, size: number, options = PLAIN) =>
      driver.create(ctx, {
        name: name as ArrayName,
        dockerName: name.replace('netappdvp_', ''),
        size: size as Bytes,
        options: options as unknown as OptionValues,
        intent: randomUUID() as IntentId,
      })

    const partsOf = (name: string) => {
      const group = svm.simulator.array.volumes.all().find((volume) => volume.name === name)!
      return svm.simulator.array.volumes.constituentsOf(group.uuid)
    }

    test('a volume is spread over all aggregates, four parts on each', async () => {
      await create('netappdvp_v1', 10 * GIB)
      assert.deepEqual(
        partsOf('netappdvp_v1')
          .flatMap(({ aggregates }) => aggregates)
          .toSorted(),
        ['aggr1', 'aggr1', 'aggr1', 'aggr1', 'aggr2', 'aggr2', 'aggr2', 'aggr2'],
      )
    })

    test('a small one has as many parts as are large enough', async () => {
      await create('netappdvp_v1', 200 * MIB)
      assert.equal(partsOf('netappdvp_v1').length, 1)
    })

    test('FlexVols of the same prefix are another driver’s, and their names are taken', async () => {
      await create('netappdvp_v1', GIB)
      const other = await startedOn(svm)
      assert.equal((await other.find(ctx, 'netappdvp_v1' as ArrayName))?.belongsTo, 'ontap-nas-flexgroup')
      assert.deepEqual(await other.list(ctx), [])
      assert.equal((await driver.list(ctx)).length, 1)
    })
  })
}

test('a clone before ONTAP 9.7 is refused, and why is said', async () => {
  const svm = await startSvm(ontapNasFlexgroup, { release: '9.5' })
  try {
    const driver = await svm.open()
    const common = { dockerName: 'x', options: PLAIN as unknown as OptionValues, intent: randomUUID() as IntentId }
    await driver.create(ctx, { ...common, name: 'netappdvp_v1' as ArrayName, size: GIB })
    const clone = driver.clone!(ctx, {
      ...common,
      name: 'netappdvp_v2' as ArrayName,
      source: 'netappdvp_v1' as ArrayName,
      options: {},
    })
    await assert.rejects(clone, { code: 'REFUSED', message: /9\.7/ })
    assert.equal((await driver.list(ctx)).length, 1)
  } finally {
    await svm.close()
  }
})

/** The driver for FlexVols on the same SVM. */
function startedOn(svm: Svm): Promise<Driver<OptionValues>> {
  return svm.open({}, ontapNas)
}
