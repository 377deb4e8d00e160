/** FlexVols whose quotas somebody has switched off, or that cannot be switched on. */

import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { Ontap, OntapVolume } from '../../../../src/backends/ontap/ontap.ts'
import { Upkeep } from '../../../../src/drivers/ontap-nas-economy/keeping/upkeep.ts'
import { PoolNames } from '../../../../src/drivers/ontap-nas-economy/pools/names.ts'
import { PoolTable } from '../../../../src/drivers/ontap-nas-economy/pools/table.ts'
import { BackendError } from '../../../../src/errors.ts'
import { type Bytes, GIB } from '../../../../src/units.ts'
import { ctx } from '../../ontap/svm.ts'
import { AT_ONCE, MemoryArray, reach, type Way } from '../memory-ontap.ts'

suite('quotas that count at once where they are on', () => {
  test('are looked at for the first volume, and not for each', async () => {
    const { upkeep, pools, asked } = world('A')
    for (let i = 0; i < 3; i++) await upkeep.enforce(ctx, pools[0]!)
    assert.deepEqual(asked, [pools[0]!.name])
  })

  test('are looked at again after a while, as somebody may have switched them off', async () => {
    const { upkeep, pools, asked } = world('A')
    await upkeep.enforce(ctx, pools[0]!)
    await upkeep.retry(ctx)
    assert.equal(asked.length, 1, 'nothing has changed meanwhile')
    for (let i = 0; i < 2; i++) await upkeep.enforce(ctx, pools[0]!)
    assert.equal(asked.length, 2)
    await upkeep.retry(ctx)
    assert.equal(asked.length, 3, 'what was made meanwhile is to be limited, too')
  })
})

suite('quotas that cannot be switched on', () => {
  test('keep a new volume from being used, but none that was there before', async () => {
    const { array, upkeep, pools } = world('A')
    const [pool] = pools as [OntapVolume]
    array.unlimited.add(pool.name)
    upkeep.changed(ctx, pool, 'new')
    upkeep.changed(ctx, pool)
    await upkeep.ready(ctx, pool, 'old')
    await assert.rejects(upkeep.ready(ctx, pool, 'new'), { code: 'REFUSED', message: /corrupt/ })
    array.unlimited.clear()
    await upkeep.ready(ctx, pool, 'new')
  })

  test('do not keep those of other FlexVols from being tried again', async () => {
    const { array, upkeep, pools, asked } = world('AB')
    for (const pool of pools) {
      array.unlimited.add(pool.name)
      await assert.rejects(upkeep.enforce(ctx, pool), BackendError)
    }
    asked.length = 0
    await upkeep.retry(ctx)
    assert.deepEqual(
      asked,
      pools.map(({ name }) => name),
    )
  })
})

suite('a FlexVol that grows', () => {
  test('more slowly than others promise volumes in it is not said to be large enough', async () => {
    let areOthersAtIt = true
    const { array, upkeep, pools } = world('A', (call) => {
      if (call === 'volumes.change' && areOthersAtIt) promise()
      return 'answered'
    })
    const [{ name: volume }] = pools as [OntapVolume]
    const promised = () => array.rules.reduce((sum, { hardLimit = 0 }) => sum + hardLimit, 0)
    /** More than what a FlexVol gets to spare. */
    const promise = () => {
      const hardLimit = (promised() / 2 + 2 * GIB) as Bytes
      array.rules.push({ volume, qtree: `v${array.rules.length}`, hardLimit })
    }
    promise()
    await assert.rejects(upkeep.grow(ctx, volume), { code: 'BUSY', message: /still too small .* Try again/ })
    areOthersAtIt = false
    await upkeep.grow(ctx, volume)
    assert.ok(array.volumes.get(volume)!.size >= promised())
  })
})

/** FlexVols with a letter each, and what keeps them; `asked` are those whose quotas the array was asked to apply. */
function world(letters: string, fateOf: Way['fateOf'] = AT_ONCE.fateOf) {
  const array = new MemoryArray()
  const pools = [...letters].map((letter) => array.makeVolume(`ndvp_qtree_pool_netappdvp_${letter.repeat(10)}`, GIB))
  const asked: string[] = []
  const ontap = reach(array, { ...AT_ONCE, fateOf })
  const quotas: Ontap['quotas'] = {
    ...ontap.quotas,
    apply: (ctx, volume) => {
      asked.push(volume.name)
      return ontap.quotas.apply(ctx, volume)
    },
  }
  const keeping = { ontap: { ...ontap, quotas }, table: new PoolTable(ontap, new PoolNames('netappdvp_')) }
  return { array, pools, asked, upkeep: new Upkeep({ ...keeping, largest: (100 * GIB) as Bytes }) }
}
