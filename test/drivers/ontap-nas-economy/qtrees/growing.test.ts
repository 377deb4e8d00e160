/** A volume that cannot grow stays as it is. */

import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { type Bytes, GIB, MIB } from '../../../../src/units.ts'
import { NAME, POOL, World } from '../world.ts'

suite('a volume whose FlexVol cannot grow', () => {
  for (const [what, hardLimit] of [
    ['keeps the limit it has', (100 * MIB) as Bytes],
    ['gets none where it has none', undefined],
  ] as const) {
    test(what, async () => {
      const world = new World(7)
      world.makePools('A')
      const rule = { volume: POOL, qtree: NAME, ...(hardLimit !== undefined && { hardLimit }) }
      world.array.makeQtree({ volume: POOL, name: NAME, unixPermissions: 0o755, securityStyle: 'unix' })
      world.array.setRule(rule)
      world.before = (call) => (call === 'volumes.change' ? 'lost' : undefined)
      const outcomes = await world.run(1, ({ driver }) => driver.resize(world.ctx, NAME, (5 * GIB) as Bytes))
      assert.deepEqual(outcomes, [{ code: 'UNREACHABLE' }])
      assert.deepEqual(world.array.rules, [rule])
      world.close()
    })
  }
})
