/** What is put right on the array while nobody asks for anything. */

import assert from 'node:assert/strict'
import { suite } from 'node:test'
import type { ArrayName } from '../../../../src/names.ts'
import { type Bytes, GIB, MIB } from '../../../../src/units.ts'
import { inWorld, NAME, POOL } from '../world.ts'

suite('from time to time', () => {
  inWorld('volumes whose removal was interrupted are removed; others’ are left to them', async (world) => {
    await world.run(1, (host) => host.create(NAME, 100))
    world.array.changeQtree({ volume: POOL, name: NAME }, { name: `deleted_${NAME}_ABCDE` })
    for (const name of ['deleted_other_x_ABCDE', 'deleted_netappdvp_by_hand']) {
      world.array.makeQtree({ volume: POOL, name, unixPermissions: 0o777, securityStyle: 'unix' })
    }
    await world.tidy()
    assert.deepEqual(
      world.array.qtrees.map(({ name }) => name),
      ['deleted_other_x_ABCDE', 'deleted_netappdvp_by_hand'],
    )
  })

  inWorld('what others have begun in a FlexVol of this instance is left to them', async (world) => {
    world.array.makeQtree({ volume: POOL, name: 'other_db1', unixPermissions: 0, securityStyle: 'unix' })
    await world.tidy()
    assert.deepEqual(
      world.array.qtrees.map(({ name }) => name),
      ['other_db1'],
    )
  })

  inWorld('FlexVols of Trident outside Docker are left to it, empty or not', async (world) => {
    world.config = { emptyFlexvolDeferredDeletePeriod: 0 }
    const [empty, used] = ['ASDFGHJKLZ', 'QWERTYUIOP'].map((letters) => `trident_qtree_pool_netappdvp_${letters}`)
    for (const name of [empty!, used!]) world.array.makeVolume(name, GIB)
    world.array.makeQtree({ volume: used!, name: NAME, unixPermissions: 0, securityStyle: 'unix' })
    await world.tidy()
    assert.deepEqual([...world.array.volumes.keys()], [empty, used])
    assert.deepEqual(
      world.array.qtrees.map(({ name }) => name),
      [NAME],
    )
  })

  inWorld('what is seen on its way out for the first time may get its name back, and is not touched', async (world) => {
    const away = `deleted_${NAME}_ABCDE`
    world.array.makeQtree({ volume: POOL, name: away, unixPermissions: 0o755, securityStyle: 'unix' })
    world.array.setRule({ volume: POOL, qtree: away, hardLimit: GIB as Bytes })
    let surveys = 0
    world.before = (call) => {
      // At a start, at the first look for what is left, and at the next.
      if (call === 'qtrees.inVolumes') surveys += 1
      if (surveys === 3 && world.settled(NAME).length === 0) {
        world.array.changeQtree({ volume: POOL, name: away }, { name: NAME })
      }
      return undefined
    }
    await world.tidy()
    world.assertOneSettled(NAME)
  })

  inWorld('a volume whose permissions a container has taken away keeps its name all the while', async (world) => {
    world.array.makeQtree({ volume: POOL, name: NAME, unixPermissions: 0, securityStyle: 'unix' })
    world.array.setRule({ volume: POOL, qtree: NAME, hardLimit: GIB as Bytes })
    const calls = new Set<string>()
    world.before = (call) => {
      calls.add(call)
      return undefined
    }
    await world.tidy()
    world.assertOneSettled(NAME)
    assert.ok(!calls.has('qtrees.rename'))
  })

  inWorld('quota rules of qtrees that somebody removed as directories go', async (world) => {
    await world.run(1, (host) => host.create(NAME, 100))
    world.array.rules.push({ volume: POOL, qtree: 'netappdvp_gone', hardLimit: GIB })
    await world.tidy()
    assert.deepEqual(
      world.array.rules.map(({ qtree }) => qtree),
      [NAME],
    )
  })

  inWorld('a FlexVol that is too small for what is promised in it grows', async (world) => {
    await world.run(1, (host) => host.create(NAME, 900))
    world.array.volumes.set(POOL, { ...world.array.volumes.get(POOL)!, size: (500 * MIB) as Bytes })
    await world.tidy()
    world.assertRoom()
  })

  inWorld(
    'a FlexVol that is empty goes, but not one with a note of an administrator’s, nor one with anything in it',
    async (world) => {
      world.config = { emptyFlexvolDeferredDeletePeriod: 0 }
      world.makePools('BCD')
      const note = (letter: string, comment: string) => {
        const name = POOL.replace(/A{10}$/, letter.repeat(10))
        world.array.volumes.set(name, { ...world.array.volumes.get(name)!, comment })
        return name
      }
      const annotated = note('B', 'Keep this for Paula.')
      note('C', '{"provisioning":{"tier":"gold"}}')
      const used = note('D', '')
      world.array.makeQtree({ volume: used, name: 'somebody', unixPermissions: 0o777, securityStyle: 'unix' })
      await world.tidy()
      assert.deepEqual([...world.array.volumes.keys()].toSorted(), [annotated, used])
    },
  )

  inWorld(
    'a FlexVol that is offline is not taken for an empty one, and keeps what is promised in it',
    async (world) => {
      world.config = { emptyFlexvolDeferredDeletePeriod: 0 }
      await world.run(1, (host) => host.create(NAME, 100))
      world.setState(POOL, 'offline')
      await world.tidy()
      world.setState(POOL, 'online')
      await world.tidy()
      world.assertOneSettled(NAME)
    },
  )

  inWorld('a FlexVol that goes offline just as it is to be deleted stays', async (world) => {
    world.config = { emptyFlexvolDeferredDeletePeriod: 0 }
    world.before = (call) => {
      if (call === 'volumes.change') world.setState(POOL, 'offline')
      return undefined
    }
    await world.tidy()
    assert.ok(world.array.volumes.has(POOL))
  })

  inWorld('a FlexVol of which the array lists rules and no qtrees stays', async (world) => {
    world.config = { emptyFlexvolDeferredDeletePeriod: 0 }
    await world.run(1, (host) => host.create(NAME, 100))
    world.array.listed = () => []
    await world.tidy(10)
    world.assertOneSettled(NAME)
  })

  inWorld('an empty FlexVol stays where the config says that no new ones are made', async (world) => {
    world.config = { emptyFlexvolDeferredDeletePeriod: 0, denyNewVolumePools: true }
    await world.tidy()
    assert.ok(world.array.volumes.has(POOL))
  })

  inWorld(
    'a FlexVol that its deleter has left half-way is used by nobody, until it is empty for long',
    async (world) => {
      const going = JSON.stringify({ netappdvp: { name: POOL, prefix: 'netappdvp_', going: true } })
      world.array.volumes.set(POOL, { ...world.array.volumes.get(POOL)!, comment: going })
      const outcomes = await world.run(1, (host) => host.create(NAME as ArrayName, 100))
      assert.deepEqual(outcomes, [{}])
      assert.notEqual(world.array.qtrees[0]?.volume, POOL)
      world.config = { emptyFlexvolDeferredDeletePeriod: 0 }
      await world.tidy()
      assert.ok(!world.array.volumes.has(POOL))
      world.assertOneSettled(NAME)
    },
  )
})
