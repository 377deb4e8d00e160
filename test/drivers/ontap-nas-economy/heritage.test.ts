/** What nDVP and Trident made is found, mounted, grown and removed. */

import assert from 'node:assert/strict'
import { afterEach, beforeEach, suite, test } from 'node:test'
import type { AnyDriverDefinition, Driver, IntentId, OptionValues } from '../../../src/drivers/driver.ts'
import { withoutReserve } from '../../../src/drivers/ontap/sizes.ts'
import { ontapNasEconomy } from '../../../src/drivers/ontap-nas-economy/driver.ts'
import type { ArrayName } from '../../../src/names.ts'
import type { NfsPublication } from '../../../src/publication.ts'
import { type Bytes, GIB, MIB } from '../../../src/units.ts'
import { ctx, RELEASES, type Svm, startSvm } from '../ontap/svm.ts'
import { addPool } from './pools.ts'
import { PLAIN } from './world.ts'

const definition = ontapNasEconomy as unknown as AnyDriverDefinition
const NDVP = 'ndvp_qtree_pool_netappdvp_QWERTYUIOP'
const TRIDENT = 'trident_qtree_pool_netappdvp_ASDFGHJKLZ'

for (const [dialect, release] of Object.entries(RELEASES)) {
  suite(`over ${dialect}`, () => {
    let svm: Svm
    let driver: Driver<OptionValues>

    beforeEach(async () => {
      svm = await startSvm(definition, { release })
      await addPool(svm.simulator, NDVP, {
        netappdvp_one: GIB,
        netappdvp_two: undefined,
        deleted_netappdvp_old_ABCDE: GIB,
      })
      driver = await svm.open()
    })
    afterEach(() => svm.close())

    const names = async () => (await driver.list(ctx)).map(({ name }) => name).toSorted()
    const theOne = async (name: string) => (await driver.find(ctx, name as ArrayName))!
    const pool = (name: string) => svm.simulator.array.volumes.all().find((volume) => volume.name === name)
    const create = (name: string, size = 100 * MIB) =>
      driver.create(ctx, {
        name: name as ArrayName,
        dockerName: name,
        size: size as Bytes,
        options: PLAIN as unknown as OptionValues,
        intent: 'none' as IntentId,
      })

    test('volumes of nDVP are listed with their size and are not foreign; those it was removing are not', async () => {
      assert.deepEqual(await names(), ['netappdvp_one', 'netappdvp_two'])
      const { size, foreign, dockerName, options } = await theOne('netappdvp_one')
      assert.deepEqual([size, foreign, dockerName], [GIB, undefined, 'one'])
      assert.equal(options['exportPolicy'], 'default')
      assert.equal(
        (await theOne('netappdvp_two')).size,
        withoutReserve(pool(NDVP)!.size as Bytes, 5),
        'as large as its FlexVol',
      )
    })

    test('they are mounted, grown and removed', async () => {
      const name = 'netappdvp_one' as ArrayName
      const { path } = (await driver.publish(ctx, name, { name: 'host-a' })) as NfsPublication
      assert.equal(path, `/${NDVP}/${name}`)
      await driver.resize!(ctx, name, (4 * GIB) as Bytes)
      assert.ok(pool(NDVP)!.size * 0.95 >= 4 * GIB)
      await driver.remove(ctx, await theOne(name))
      assert.deepEqual(await names(), ['netappdvp_two'])
    })

    test('new volumes go to a FlexVol of nDVP’s that suits them', async () => {
      await create('netappdvp_three', 3 * GIB)
      assert.equal((await theOne('netappdvp_three')).status?.['pool'], NDVP)
      assert.ok(pool(NDVP)!.size * 0.95 >= 4 * GIB)
      await assert.rejects(create('netappdvp_one'), { code: 'ALREADY_EXISTS' })
    })

    test('volumes of Trident outside Docker are found under its prefix too, and keep to their own FlexVols', async () => {
      await addPool(svm.simulator, TRIDENT, { netappdvp_pvc: 2 * GIB })
      driver = await svm.open()
      assert.deepEqual(await names(), ['netappdvp_one', 'netappdvp_pvc', 'netappdvp_two'])
      assert.equal((await theOne('netappdvp_pvc')).size, 2 * GIB)
      await create('netappdvp_three')
      assert.equal((await theOne('netappdvp_three')).status?.['pool'], NDVP)
      await assert.rejects(create('netappdvp_pvc'), { code: 'ALREADY_EXISTS' })
    })

    test('an instance sees only FlexVols of its own prefix, whatever other prefixes begin with', async () => {
      await addPool(svm.simulator, 'ndvp_qtree_pool_netappdvp_b_QWERTYUIOP', { netappdvp_b_x: GIB, netappdvp_y: GIB })
      await addPool(svm.simulator, 'ndvp_qtree_pool_QWERTYUIOP', { x: GIB, making_of: GIB })
      driver = await svm.open()
      assert.deepEqual(await names(), ['netappdvp_one', 'netappdvp_two'])
      driver = await svm.open({ prefix: 'netappdvp_b_' })
      assert.deepEqual(await names(), ['netappdvp_b_x'])
      driver = await svm.open({ prefix: '' })
      assert.deepEqual(await names(), ['making_of', 'x'])
    })
  })
}
