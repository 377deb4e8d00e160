/** Which of the pools of a config a volume is made in, and with what. */

import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { Ontap } from '../../../src/backends/ontap/ontap.ts'
import { OptionsResolver } from '../../../src/drivers/ontap/nas-options-of.ts'
import { Placement } from '../../../src/drivers/ontap/placement.ts'
import { type PoolSetting, poolsOf } from '../../../src/drivers/ontap/pools.ts'
import type { Bytes } from '../../../src/units.ts'
import { ctx, PLAIN } from './svm.ts'

const ROOM = { aggr1: 10, aggr2: 20 }

async function resolverOf(...storage: readonly PoolSetting[]): Promise<OptionsResolver> {
  const assigned = async () => Object.entries(ROOM).map(([name, room]) => ({ name, available: room as Bytes }))
  const placement = new Placement({ aggregates: { assigned }, svm: { name: 'svm1' } } as unknown as Ontap, undefined)
  await placement.check(ctx, [])
  return new OptionsResolver(poolsOf({ storage }, undefined), placement, false)
}

const gold: PoolSetting = { labels: { tier: 'gold' }, aggregate: 'aggr1', defaults: { splitOnClone: true, size: '5g' } }
const bronze: PoolSetting = { labels: { tier: 'bronze' }, aggregate: 'aggr2', defaults: { snapshotDir: true } }

suite('of several pools', () => {
  test('the one with most room is taken, with its defaults and its labels', async () => {
    const resolver = await resolverOf(gold, bronze)
    const { options } = resolver.resolve({}, PLAIN)
    assert.equal(options['snapshotDir'], true)
    assert.deepEqual(resolver.labelsOf(options), { tier: 'bronze' })
    assert.deepEqual(resolver.aggregatesOf(options), ['aggr2'])
  })

  test('the one of the labels is taken, and what is asked for goes before its defaults', async () => {
    const resolver = await resolverOf(gold, bronze)
    const { options, defaultSize } = resolver.resolve({ selector: 'tier=gold', splitOnClone: false }, PLAIN)
    assert.deepEqual(resolver.aggregatesOf(options), ['aggr1'])
    assert.equal(options['splitOnClone'], false)
    assert.equal(defaultSize, 5 * 2 ** 30)
  })

  test('the one with the aggregate that is asked for is taken, so that the labels are true', async () => {
    const resolver = await resolverOf(gold, bronze)
    const { options } = resolver.resolve({ aggregate: 'aggr1' }, PLAIN)
    assert.deepEqual(resolver.labelsOf(options), { tier: 'gold' })
    assert.deepEqual(resolver.aggregatesOf(options), ['aggr1'])
  })
})

suite('a clone is split', () => {
  test('as the only pool has it', async () => {
    assert.equal((await resolverOf(gold)).resolve({}, PLAIN).asked['splitOnClone'], true)
  })

  test('as the config has it, where the pool of its source is not certain', async () => {
    assert.equal((await resolverOf(gold, bronze)).resolve({}, PLAIN).asked['splitOnClone'], false)
  })

  test('as it is asked for, whatever the pool has', async () => {
    const { asked } = (await resolverOf(gold)).resolve({ splitOnClone: false }, { ...PLAIN, splitOnClone: false })
    assert.equal(asked['splitOnClone'], false)
  })
})
