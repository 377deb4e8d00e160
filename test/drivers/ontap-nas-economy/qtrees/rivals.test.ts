/** What is left of a crash is removed, and what is finished in the meantime is not. */

import assert from 'node:assert/strict'
import { beforeEach, suite, test } from 'node:test'
import type { Ontap, OntapQtree } from '../../../../src/backends/ontap/ontap.ts'
import { PoolNames } from '../../../../src/drivers/ontap-nas-economy/pools/names.ts'
import { PoolTable } from '../../../../src/drivers/ontap-nas-economy/pools/table.ts'
import { Rivals } from '../../../../src/drivers/ontap-nas-economy/qtrees/rivals.ts'
import { type Bytes, GIB } from '../../../../src/units.ts'
import { ctx } from '../../ontap/svm.ts'
import { AT_ONCE, MemoryArray, reach } from '../memory-ontap.ts'
import { NAME, POOL } from '../world.ts'

const RULE = { volume: POOL, qtree: NAME, hardLimit: GIB as Bytes }

suite('a volume in the making that another host is about to remove', () => {
  let array: MemoryArray
  let ontap: Ontap
  let seen: OntapQtree

  beforeEach(() => {
    array = new MemoryArray()
    array.makeVolume(POOL, GIB)
    ontap = reach(array, AT_ONCE)
    seen = make(0)
  })

  const make = (unixPermissions: number) => {
    array.makeQtree({ volume: POOL, name: NAME, unixPermissions, securityStyle: 'unix' })
    return array.qtrees.at(-1)!
  }
  const takeAway = (before: Partial<Ontap['qtrees']> = {}) => {
    const its = { ...ontap, qtrees: { ...ontap.qtrees, ...before } }
    return new Rivals(its, new PoolTable(its, new PoolNames('netappdvp_'))).takeAway(ctx, seen)
  }
  const left = () => array.qtrees.map(({ name, id, unixPermissions }) => [name, id, unixPermissions])

  test('is removed as long as it is no more than that', async () => {
    await takeAway()
    assert.deepEqual(left(), [])
  })

  test('stays if it is made in the last moment', async () => {
    array.changeQtree(seen, { unixPermissions: 0o755 })
    await takeAway()
    assert.deepEqual(left(), [[NAME, seen.id, 0o755]])
  })

  test('stays if it gets its quota in the last moment, which an array renames along with it', async () => {
    array.setRule(RULE)
    await takeAway()
    assert.deepEqual(left(), [[NAME, seen.id, 0]])
    assert.deepEqual(array.rules, [RULE])
  })

  test('stays if it gets its quota in the last moment, and the array still has that under the former name', async () => {
    array.setRule(RULE)
    await takeAway({
      rename: async (...call) => {
        const { rules } = array
        await ontap.qtrees.rename(...call)
        array.rules = rules
      },
    })
    assert.deepEqual(left(), [[NAME, seen.id, 0]])
  })

  test('is left to who has renamed it meanwhile, and so is its namesake', async () => {
    const others = 'deleted_by_another_ABCDE'
    await takeAway({
      rename: async (...call) => {
        await ontap.qtrees.rename(...call)
        array.changeQtree(seen, { name: others })
        make(0)
      },
    })
    assert.deepEqual(
      left().map(([name]) => name),
      [others, NAME],
    )
  })
})
