/** What counts as a volume, and how long a host thinks about it. */

import assert from 'node:assert/strict'
import { afterEach, beforeEach, mock, suite, test } from 'node:test'
import type { Ontap } from '../../../../src/backends/ontap/ontap.ts'
import { PoolNames } from '../../../../src/drivers/ontap-nas-economy/pools/names.ts'
import { PoolTable } from '../../../../src/drivers/ontap-nas-economy/pools/table.ts'
import { Finding } from '../../../../src/drivers/ontap-nas-economy/qtrees/finding.ts'
import { Rivals } from '../../../../src/drivers/ontap-nas-economy/qtrees/rivals.ts'
import { type Bytes, GIB, MIB } from '../../../../src/units.ts'
import { ctx } from '../../ontap/svm.ts'
import { AT_ONCE, MemoryArray, reach } from '../memory-ontap.ts'
import { inWorld, NAME, POOL } from '../world.ts'

suite('a volume without permissions', () => {
  let array: MemoryArray
  let looks: number
  let finding: Finding

  beforeEach(() => {
    array = new MemoryArray()
    array.makeVolume(POOL, GIB)
    const ontap = reach(array, AT_ONCE)
    looks = 0
    const qtrees: Ontap['qtrees'] = {
      ...ontap.qtrees,
      named: (...call) => {
        looks += 1
        return ontap.qtrees.named(...call)
      },
    }
    const its = { ...ontap, qtrees }
    const table = new PoolTable(its, new PoolNames('netappdvp_'))
    finding = new Finding(table, new Rivals(its, table))
    mock.timers.enable({ apis: ['setTimeout'] })
  })
  afterEach(() => mock.timers.reset())

  const make = (name: string) => {
    array.makeQtree({ volume: POOL, name, unixPermissions: 0, securityStyle: 'unix' })
    array.setRule({ volume: POOL, qtree: name, hardLimit: (100 * MIB) as Bytes })
  }
  /** How often it had to be looked for. */
  const find = async (name: string, isThere = true) => {
    looks = 0
    let isDone = false
    const found = finding.withLimit(ctx, name).finally(() => {
      isDone = true
    })
    while (!isDone) {
      await new Promise((resolve) => setImmediate(resolve))
      mock.timers.tick(1_500)
    }
    assert.equal((await found)?.qtree.name, isThere ? name : undefined)
    return looks
  }

  test('may be one that its maker takes back: it counts after a while, and from then on at once', async () => {
    make(NAME)
    assert.equal(await find(NAME), 7)
    assert.equal(await find(NAME), 1)
  })

  test('is thought about anew when it has gone and come again, whatever number the array gives it', async () => {
    make(NAME)
    await find(NAME)
    const { id } = array.qtrees[0]!
    array.removeQtree({ volume: POOL, name: NAME })
    assert.equal(await find(NAME, false), 1)
    make(NAME)
    array.changeQtree({ volume: POOL, name: NAME }, { id })
    assert.equal(await find(NAME), 7)
  })

  test('is not remembered for ever: of thousands, the last ones are', async () => {
    const names = Array.from({ length: 1_001 }, (_, index) => `${NAME}_${index}`)
    for (const name of names) {
      make(name)
      await find(name)
      array.rules = []
      array.qtrees = []
    }
    for (const name of [names[0]!, names[1_000]!]) make(name)
    for (const qtree of array.qtrees) array.changeQtree(qtree, { id: Number(qtree.name.split('_').at(-1)) + 1 })
    assert.equal(await find(names[1_000]!), 1)
    assert.equal(await find(names[0]!), 7)
  })
})

suite('another host', () => {
  inWorld('does not list a volume that is only begun, and does one that nobody takes back any more', async (world) => {
    for (const name of [NAME, 'netappdvp_db2']) {
      world.array.makeQtree({ volume: POOL, name, unixPermissions: 0, securityStyle: 'unix' })
    }
    world.array.setRule({ volume: POOL, qtree: NAME, hardLimit: GIB as Bytes })
    const outcomes = await world.run(1, async ({ driver }) => {
      assert.deepEqual(
        (await driver.list(world.ctx)).map(({ name }) => name),
        [NAME],
      )
    })
    assert.deepEqual(outcomes, [{}])
  })

  inWorld(
    'that starts while a FlexVol is offline neither denies nor makes a volume that may be in it',
    async (world) => {
      await world.run(1, (host) => host.create(NAME, 100))
      world.setState(POOL, 'offline')
      const outcomes = await world.run(2, (host, index) =>
        index === 0 ? host.driver.find(world.ctx, NAME) : host.create(NAME, 100),
      )
      assert.deepEqual(outcomes, [{ code: 'REFUSED' }, { code: 'REFUSED' }])
      world.setState(POOL, 'online')
      world.assertOneSettled(NAME)
    },
  )
})
