/** FlexVols that are empty, or seem to be, and what happens to them between two looks. */

import assert from 'node:assert/strict'
import { afterEach, beforeEach, mock, suite, test } from 'node:test'
import type { Ontap, OntapVolume } from '../../../../src/backends/ontap/ontap.ts'
import { Pruning } from '../../../../src/drivers/ontap-nas-economy/keeping/pruning.ts'
import { Upkeep } from '../../../../src/drivers/ontap-nas-economy/keeping/upkeep.ts'
import { PoolNames } from '../../../../src/drivers/ontap-nas-economy/pools/names.ts'
import { PoolTable } from '../../../../src/drivers/ontap-nas-economy/pools/table.ts'
import { type Bytes, GIB } from '../../../../src/units.ts'
import { ctx } from '../../ontap/svm.ts'
import { AT_ONCE, MemoryArray, reach } from '../memory-ontap.ts'
import { POOL } from '../world.ts'

const GOING = '{"netappdvp":{"going":true}}'

suite('a FlexVol', () => {
  let array: MemoryArray
  let ontap: Ontap
  let surveyed: OntapVolume
  /** Milliseconds of this process. */
  let now: number

  beforeEach(() => {
    array = new MemoryArray()
    surveyed = array.makeVolume(POOL, GIB)
    ontap = reach(array, AT_ONCE)
    now = 0
    mock.method(performance, 'now', () => now)
  })
  afterEach(() => mock.restoreAll())

  const pruning = (afterMs: number, qtrees: Partial<Ontap['qtrees']> = {}) => {
    const its = { ...ontap, qtrees: { ...ontap.qtrees, ...qtrees } }
    const table = new PoolTable(its, new PoolNames('netappdvp_'))
    const upkeep = new Upkeep({ ontap: its, table, largest: GIB as Bytes })
    return new Pruning({ ontap: its, table, upkeep, afterMs })
  }
  const change = (change: Partial<OntapVolume>) => {
    const changed = { ...array.volumes.get(POOL)!, ...change }
    array.volumes.set(POOL, changed)
    return changed
  }

  test('is deleted once it has been empty for as long as the config says, and not before', async () => {
    const its = pruning(60_000)
    for (now of [0, 59_999]) await its.judge(ctx, surveyed, true)
    assert.ok(array.volumes.has(POOL))
    now = 60_000
    await its.judge(ctx, surveyed, true)
    assert.ok(!array.volumes.has(POOL))
  })

  test('is not deleted by a host that has been held up on the way, as others may count on it again', async () => {
    let delay = 31_000
    const its = pruning(0, {
      inVolumes: async (...call) => {
        now += delay
        return ontap.qtrees.inVolumes(...call)
      },
    })
    await its.judge(ctx, surveyed, true)
    assert.ok(array.volumes.has(POOL))
    delay = 0
    await its.judge(ctx, surveyed, true)
    assert.ok(!array.volumes.has(POOL))
  })

  test('that has gone offline since it was seen empty is not touched at all', async () => {
    change({ state: 'offline' })
    await pruning(0).judge(ctx, surveyed, true)
    assert.deepEqual(array.volumes.get(POOL), { ...surveyed, state: 'offline' })
  })

  test('that an administrator has put a note on since it was seen empty is not touched at all', async () => {
    change({ comment: 'Keep this for Paula.' })
    await pruning(0).judge(ctx, surveyed, true)
    assert.equal(array.volumes.get(POOL)?.comment, 'Keep this for Paula.')
  })

  test('that is about to go though there is something in it is used again after two minutes: its deleter has gone', async () => {
    const going = change({ comment: GOING })
    const its = pruning(0)
    for (now of [0, 119_999]) await its.judge(ctx, going, false)
    assert.equal(array.volumes.get(POOL)?.comment, GOING)
    now = 120_000
    await its.judge(ctx, going, false)
    assert.equal(array.volumes.get(POOL)?.comment, '{"netappdvp":{}}')
  })
})
