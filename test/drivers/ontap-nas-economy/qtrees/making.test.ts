/** What several hosts do at once, in many orders. */

import assert from 'node:assert/strict'
import { mock, suite, test } from 'node:test'
import fc from 'fast-check'
import type { ArrayName } from '../../../../src/names.ts'
import { type Bytes, MIB } from '../../../../src/units.ts'
import { NAME, World } from '../world.ts'

const seeds = fc.integer({ min: 1 })

/** Hosts that do not agree on the FlexVol. */
const apart = (index: number) => ({ aggregate: `aggr${'ABC'[index % 3]}` })

suite('several hosts at once', () => {
  test('make one volume of a name, and leave nothing else', () =>
    property([seeds, fc.integer({ min: 2, max: 4 })], async (world, hosts) => {
      const outcomes = await world.run(hosts, (host, index) => host.create(NAME, 100 * (index + 1), apart(index)))
      const made = outcomes.flatMap(({ code }, index) => (code === undefined ? [index] : []))
      assert.equal(made.length, 1)
      for (const { code = 'ALREADY_EXISTS' } of outcomes) assert.equal(code, 'ALREADY_EXISTS')
      world.assertOneSettled(NAME)
      world.assertNothingElse()
      world.assertRoom()
      assert.equal(world.array.rules[0]?.hardLimit, 100 * (made[0]! + 1) * MIB)
    }))

  test('make many volumes, and every FlexVol is as large as what is promised in it', () =>
    property([seeds, fc.integer({ min: 2, max: 3 })], async (world, hosts) => {
      const names = Array.from({ length: 6 }, (_, i) => `netappdvp_v${i}` as ArrayName)
      const outcomes = await world.run(hosts, (host, index) =>
        Promise.all(names.map((name) => host.create(`${name}_${index}` as ArrayName, 700, apart(index % 2)))),
      )
      assert.deepEqual(
        outcomes,
        Array.from({ length: hosts }, () => ({})),
      )
      assert.equal(world.array.rules.length, names.length * hosts)
      world.assertNothingElse()
      world.assertRoom()
    }))

  test('whatever gets lost on the way, make no two of a name; and who hears that there is one can rely on it', () =>
    property([seeds, fc.integer({ min: 2, max: 4 })], async (world, hosts) => {
      world.lost = 10
      const outcomes = await world.run(hosts, (host, index) => host.create(NAME, 100, apart(index)))
      const known = ['ALREADY_EXISTS', 'UNREACHABLE']
      for (const { code } of outcomes) assert.ok(code === undefined || known.includes(code), code)
      assert.ok(world.settled(NAME).length <= 1)
      if (outcomes.some(({ code }) => code !== 'UNREACHABLE')) world.assertOneSettled(NAME)
      await world.tidy()
      world.assertNothingElse()
      world.assertRoom()
    }))

  test('can be let into FlexVols, though the first try to do so was lost', async () => {
    const world = new World(7)
    const lost = ['exports.addRule']
    world.before = (call) => (lost.at(-1) === call && lost.pop() ? 'lost' : undefined)
    const outcomes = await world.run(1, async (host) => {
      await host.create(NAME, 100).catch(() => {})
      await host.create(NAME, 100)
    })
    assert.deepEqual(outcomes, [{}])
    assert.deepEqual([...world.array.policies], [['ndvp_qtree_pool_export_policy', ['0.0.0.0/0']]])
    world.close()
  })

  test('are not kept from making it by some that die half-way, and what those have left goes', () =>
    property([seeds, fc.integer({ min: 0, max: 12 })], async (world, calls) => {
      const outcomes = await world.run(5, (host, index) => {
        if (index < 2) host.dieAfter(Math.max(0, calls - index))
        return host.create(NAME, 100, apart(world.any(3)))
      })
      const alive = outcomes.slice(2)
      for (const { code } of alive) assert.ok(code === undefined || code === 'ALREADY_EXISTS', code)
      world.assertOneSettled(NAME)
      await world.tidy()
      world.assertOneSettled(NAME)
      world.assertNothingElse()
    }))

  test('do no harm by tidying up what another is just making', () =>
    property([seeds, fc.integer({ min: 1, max: 3 })], async (world, hosts) => {
      const outcomes = await world.run(hosts + 1, async (host, index) => {
        if (index < hosts) return host.create(NAME, 100, apart(world.any(3)))
        for (let i = 0; i < 10; i++) await host.driver.discard(world.ctx, NAME)
      })
      for (const { code } of outcomes) assert.ok(code === undefined || code === 'ALREADY_EXISTS', code)
      world.assertOneSettled(NAME)
      world.assertNothingElse()
    }))

  test('lose no volume, though empty FlexVols are deleted all the time', () =>
    property([seeds, fc.integer({ min: 2, max: 4 })], async (world, hosts) => {
      world.config = { qtreePruneFlexvolsPeriod: 1, emptyFlexvolDeferredDeletePeriod: 0 }
      const made = new Set<string>()
      const outcomes = await world.run(hosts, async (host, index) => {
        for (let i = 0; i < 5; i++) {
          const name = `netappdvp_${index}_${i}` as ArrayName
          await host.create(name, 100)
          made.add(name)
          if (world.any(2) === 0) continue
          await host.driver.remove(world.ctx, (await host.driver.find(world.ctx, name))!)
          made.delete(name)
        }
      })
      assert.deepEqual(
        outcomes,
        Array.from({ length: hosts }, () => ({})),
      )
      assert.deepEqual(world.array.harmed, [])
      for (const name of made) world.assertOneSettled(name)
    }))
})

suite('a host that makes a volume', () => {
  test('looks again when an answer was long on its way: others may have lost patience and made it since', async () => {
    const world = new World(7)
    world.makePools('AB')
    const elsewhere = [...world.array.volumes.keys()][1]!
    let now = 0
    const clock = mock.method(performance, 'now', () => now)
    let steps = 0
    world.before = (call) => {
      if (call !== 'qtrees.named' && call !== 'quotas.setTreeRule') return undefined
      steps += 1
      if (steps === 1) now += 6_000
      if (steps !== 2) return undefined
      world.array.makeQtree({ volume: elsewhere, name: NAME, unixPermissions: 0o755, securityStyle: 'unix' })
      world.array.setRule({ volume: elsewhere, qtree: NAME, hardLimit: (100 * MIB) as Bytes })
      return undefined
    }
    try {
      const outcomes = await world.run(1, (host) => host.create(NAME, 100, apart(0)))
      assert.deepEqual(outcomes, [{ code: 'ALREADY_EXISTS' }])
      world.assertOneSettled(NAME)
      world.assertNothingElse()
    } finally {
      clock.mock.restore()
      world.close()
    }
  })

  test('leaves neither it nor its quota when the FlexVol cannot be made as large as it needs', async () => {
    const world = new World(7)
    world.makePools('A')
    world.before = (call) => (call === 'volumes.change' ? 'lost' : undefined)
    const outcomes = await world.run(1, (host) => host.create(NAME, 2_000))
    assert.deepEqual(outcomes, [{ code: 'UNREACHABLE' }])
    assert.deepEqual(world.array.qtrees, [])
    assert.deepEqual(world.array.rules, [])
    world.close()
  })
})

/** `run` in many worlds. */
function property(
  [seed, hosts]: readonly [fc.Arbitrary<number>, fc.Arbitrary<number>],
  run: (world: World, hosts: number) => Promise<void>,
  numRuns = 100,
): Promise<void> {
  return fc.assert(
    fc.asyncProperty(seed, hosts, async (seed, hosts) => {
      const world = new World(seed)
      world.makePools('ABC')
      try {
        await run(world, hosts)
      } finally {
        world.close()
      }
    }),
    { numRuns },
  )
}
