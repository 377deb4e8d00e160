import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, suite, test } from 'node:test'
import type { AnyDriverDefinition, Driver, IntentId, NewVolume, OptionValues } from '../../../src/drivers/driver.ts'
import { ontapNasEconomy } from '../../../src/drivers/ontap-nas-economy/driver.ts'
import type { ArrayName } from '../../../src/names.ts'
import type { NfsPublication } from '../../../src/publication.ts'
import { type Bytes, GIB, MIB } from '../../../src/units.ts'
import { keepsDriverContract } from '../../contract/driver.contract.ts'
import { type Change, ctx, RELEASES, type Svm, startSvm } from '../ontap/svm.ts'
import { PLAIN } from './world.ts'

const definition = ontapNasEconomy as unknown as AnyDriverDefinition
const plain = PLAIN as unknown as OptionValues
const host = { name: 'host-a', addresses: ['10.0.0.7', 'fe80::1'] }
const db1 = 'netappdvp_db1' as ArrayName

for (const [dialect, release] of Object.entries(RELEASES)) {
  keepsDriverContract(`ontap-nas-economy over ${dialect}`, async () => {
    const svm = await startSvm(definition, { release })
    return {
      driver: (await svm.open()) as Driver<never>,
      options: plain,
      keepsIntents: false,
      reopen: async () => (await svm.open()) as Driver<never>,
      close: () => svm.close(),
    }
  })

  suite(`ontap-nas-economy over ${dialect}`, () => {
    let svm: Svm
    let driver: Driver<OptionValues>
    beforeEach(async () => {
      svm = await startSvm(definition, { release })
      driver = await svm.open()
    })
    afterEach(() => svm.close())

    const make = (name: string, options: OptionValues = {}, size: number = 100 * MIB) => {
      const settled = driver.resolveOptions?.(options, { ...plain, ...options }).options ?? plain
      return driver.create(ctx, volume(name, settled, size))
    }
    const pools = () => svm.simulator.array.volumes.all().filter(({ name }) => name.includes('_qtree_pool_'))
    const poolOf = async (name: string) => String((await theOne(name)).status?.['pool'])
    const qtrees = () => pools().flatMap(({ uuid }) => svm.simulator.array.qtrees.get(uuid) ?? [])
    const theOne = async (name: string) => {
      const found = await driver.find(ctx, name as ArrayName)
      assert.ok(found, `there is no "${name}"`)
      return found
    }
    const publish = async (name: string) => (await driver.publish(ctx, name as ArrayName, host)) as NfsPublication
    const reopen = async (change: Change) => {
      driver = await svm.open(change)
    }

    test('options are read back as they were asked for', async () => {
      const asked = {
        spaceReserve: 'volume',
        snapshotPolicy: 'default',
        snapshotReserve: 10,
        snapshotDir: true,
        unixPermissions: '0750',
        securityStyle: 'mixed',
        aggregate: 'aggr2',
      }
      await make(db1, asked)
      const { options, size } = await theOne(db1)
      for (const [key, value] of Object.entries(asked)) assert.equal(options[key], value, key)
      assert.equal(size, 100 * MIB)
      assert.ok(pools()[0]!.size >= (100 * MIB) / 0.9, 'the reserve comes on top')
    })

    test('volumes that are alike share a FlexVol with a name of nDVP’s; what cannot be shared has one of its own', async () => {
      await make(db1)
      await make('netappdvp_db2', { unixPermissions: '0700', securityStyle: 'mixed' })
      assert.equal(pools().length, 1)
      assert.match(pools()[0]!.name, /^ndvp_qtree_pool_netappdvp_[A-Z]{10}$/)
      const others = [
        { snapshotDir: true },
        { spaceReserve: 'volume' },
        { snapshotPolicy: 'default' },
        { snapshotReserve: 20 },
      ]
      for (const [index, options] of others.entries()) {
        await make(`netappdvp_other${index}`, options)
        await make(`netappdvp_another${index}`, options)
        assert.equal(pools().length, index + 2)
      }
    })

    test('a volume is mounted below its FlexVol, and limited before it is', async () => {
      await make(db1)
      const pool = await poolOf(db1)
      assert.deepEqual(await publish(db1), {
        kind: 'nfs',
        server: '127.0.0.1',
        path: `/${pool}/${db1}`,
        options: ['nfsvers=3'],
        svm: 'svm1',
        exportPolicy: 'default',
      })
      assert.deepEqual(
        pools()[0]!.quota.enforced.map(({ hardLimit }) => hardLimit),
        [100 * MIB],
      )
    })

    test('the FlexVol has room for all that is promised in it, and for nothing that is not its own', async () => {
      const names = Array.from({ length: 12 }, (_, index) => `netappdvp_v${index}`)
      await Promise.all(names.map((name) => make(name, {}, 300 * MIB)))
      assert.equal(pools().length, 1)
      assert.ok(pools()[0]!.size >= 12 * 300 * MIB)
      assert.equal(pools()[0]!.guarantee, 'none')
      await make('netappdvp_thick', { spaceReserve: 'volume' }, 300 * MIB)
      assert.equal(pools().find(({ guarantee }) => guarantee === 'volume')?.size, 300 * MIB)
    })

    test('growing a volume grows its FlexVol, and counts at once', async () => {
      await make(db1)
      await driver.resize!(ctx, db1, (5 * GIB) as Bytes)
      assert.equal((await theOne(db1)).size, 5 * GIB)
      assert.ok(pools()[0]!.size >= 5 * GIB)
      assert.deepEqual(
        pools()[0]!.quota.enforced.map(({ hardLimit }) => hardLimit),
        [5 * GIB],
      )
      await assert.rejects(driver.resize!(ctx, db1, GIB), { code: 'REFUSED', message: /^Cannot shrink volume/ })
    })

    test('what is removed leaves its name at once, and then everything', async () => {
      await make(db1)
      const before = await theOne(db1)
      await driver.remove(ctx, before)
      assert.equal(await driver.find(ctx, db1), undefined)
      assert.deepEqual(await driver.list(ctx), [])
      await make(db1, {}, 200 * MIB)
      await assert.rejects(driver.remove(ctx, before), { code: 'NOT_FOUND' }, 'the namesake is another')
      await until(() => qtrees().length === 1)
      const rules = svm.simulator.array.quotaRules.get(pools()[0]!.uuid) ?? []
      assert.deepEqual(
        rules.filter(({ qtree }) => qtree !== '').map(({ hardLimit }) => hardLimit),
        [200 * MIB],
      )
    })

    test('a FlexVol takes so many volumes, and then there is another; or none, if the config says so', async () => {
      await reopen({ qtreesPerFlexvol: 50 })
      for (let first = 0; first < 50; first += 10) {
        await Promise.all(Array.from({ length: 10 }, (_, index) => make(`netappdvp_v${first + index}`, {}, 20 * MIB)))
      }
      assert.equal(pools().length, 1)
      await reopen({ qtreesPerFlexvol: 50, denyNewVolumePools: true })
      await assert.rejects(make(db1), { code: 'FULL', message: /"denyNewVolumePools": true/ })
      await reopen({ qtreesPerFlexvol: 50 })
      await make(db1)
      assert.equal(pools().length, 2)
    })

    test('a FlexVol grows to limitVolumePoolSize, and then there is another', async () => {
      await reopen({ limitVolumePoolSize: '1g' })
      await make(db1, {}, 600 * MIB)
      await make('netappdvp_db2', {}, 600 * MIB)
      assert.equal(pools().length, 2)
      await make('netappdvp_db3', {}, 400 * MIB)
      assert.equal(pools().length, 2)
      assert.ok(pools().every(({ size }) => size <= GIB))
      await assert.rejects(make('netappdvp_db4', {}, 2 * GIB), {
        code: 'SIZE_TOO_LARGE',
        message: /limitVolumePoolSize/,
      })
      await assert.rejects(driver.resize!(ctx, db1, (2 * GIB) as Bytes), {
        code: 'FULL',
        message: /limitVolumePoolSize/,
      })
      assert.equal((await theOne(db1)).size, 600 * MIB)
    })

    test('limitVolumePoolSize holds for a volume in a FlexVol that another host has just made', async () => {
      await reopen({ limitVolumePoolSize: '1g' })
      const other = await svm.open({ limitVolumePoolSize: '1g' })
      for (const name of [db1, 'netappdvp_db2']) await other.create(ctx, volume(name, plain, 400 * MIB))
      await assert.rejects(driver.resize!(ctx, db1, (800 * MIB) as Bytes), { code: 'FULL' })
      assert.ok(pools()[0]!.size <= GIB)
    })

    test('pools of the config are chosen by their labels', async () => {
      const storage = [
        { labels: { tier: 'gold' }, aggregate: 'aggr1', defaults: { spaceReserve: 'volume' } },
        { labels: { tier: 'bronze' }, aggregate: 'aggr2' },
      ]
      await reopen({ storage })
      await make('netappdvp_gold', { selector: 'tier=gold' })
      await make('netappdvp_bronze', { selector: 'tier=bronze' })
      assert.equal((await theOne('netappdvp_gold')).options['aggregate'], 'aggr1')
      assert.equal((await theOne('netappdvp_gold')).options['spaceReserve'], 'volume')
      assert.equal((await theOne('netappdvp_bronze')).options['aggregate'], 'aggr2')
      const gold = pools().find(({ guarantee }) => guarantee === 'volume')
      assert.deepEqual(JSON.parse(gold!.comment).provisioning, { tier: 'gold' })
    })

    test('FlexVols let every host pass, as nDVP’s did, unless an export policy was asked for', async () => {
      const rulesOf = (policy: string) =>
        [...svm.simulator.array.exportPolicies.values()]
          .find(({ name }) => name === policy)
          ?.rules.flatMap(({ clients }) => clients)
      await make(db1)
      assert.equal(pools()[0]!.exportPolicy, 'ndvp_qtree_pool_export_policy')
      assert.deepEqual(rulesOf('ndvp_qtree_pool_export_policy'), ['0.0.0.0/0'])
      assert.equal((await theOne(db1)).options['exportPolicy'], 'default')

      await reopen({ autoExportPolicy: true, prefix: 'auto_' })
      await make('auto_db1')
      const { exportPolicy } = await publish('auto_db1')
      assert.equal(exportPolicy, 'auto_auto_export')
      assert.equal(pools().find(({ name }) => name.includes('auto'))?.exportPolicy, 'auto_auto_export')
      assert.ok(rulesOf('auto_auto_export')?.includes('10.0.0.7'))
    })

    test('a FlexVol that somebody has unmounted is mounted again; of one that is offline the error says so', async () => {
      await make(db1)
      const pool = pools()[0]!
      await svm.simulator.change(({ volumes }) => {
        const { junction: _, ...rest } = volumes.get(pool.uuid)!
        volumes.put(rest)
      })
      assert.equal((await publish(db1)).path, `/${pool.name}/${db1}`)
      assert.equal(pools()[0]!.junction, `/${pool.name}`)
      await svm.simulator.change(({ volumes }) => volumes.put({ ...volumes.get(pool.uuid)!, state: 'offline' }))
      await assert.rejects(publish(db1), { code: 'REFUSED', message: /is offline on the array/ })
    })

    test('volumes of a FlexVol that is offline are not taken for gone, nor made again', async () => {
      await make(db1)
      await make('netappdvp_db2', { snapshotDir: true })
      await driver.list(ctx)
      const pool = await poolOf(db1)
      await svm.simulator.change(({ volumes }) =>
        volumes.put({ ...volumes.all().find(({ name }) => name === pool)!, state: 'offline' }),
      )
      assert.deepEqual((await driver.list(ctx)).map(({ name }) => name).toSorted(), [db1, 'netappdvp_db2'])
      assert.equal(await poolOf(db1), pool)
      await assert.rejects(make(db1), { code: 'ALREADY_EXISTS' })
      await assert.rejects(publish(db1), { code: 'REFUSED', message: /offline/ })
      await make('netappdvp_db3')
      assert.notEqual(await poolOf('netappdvp_db3'), pool)
    })

    test('a volume whose permissions a container has taken away stays what it is', async () => {
      await make(db1)
      await svm.simulator.change((array) => {
        const { uuid } = pools()[0]!
        array.qtrees.set(
          uuid,
          array.qtrees.get(uuid)!.map((qtree) => ({ ...qtree, mode: 0 })),
        )
      })
      await driver.discard(ctx, db1, 'none' as IntentId)
      assert.equal((await driver.list(ctx)).length, 1)
      assert.equal((await theOne(db1)).size, 100 * MIB)
      await assert.rejects(make(db1), { code: 'ALREADY_EXISTS' })
      await publish(db1)
      assert.equal((await theOne(db1)).options['unixPermissions'], '0700', 'as little as lets anybody in')
    })

    test('two volumes of one name, as nDVP could leave them, are both named and neither is touched', async () => {
      await make(db1)
      await make('netappdvp_db2', { snapshotDir: true })
      const names = [await poolOf(db1), await poolOf('netappdvp_db2')]
      const other = pools().find(({ name }) => name === names[1])!
      await svm.simulator.change(({ qtrees }) => {
        qtrees.set(
          other.uuid,
          qtrees.get(other.uuid)!.map((qtree) => ({ ...qtree, name: db1 })),
        )
      })
      const ambiguous = (error: Error & { code?: string }) =>
        error.code === 'AMBIGUOUS' && names.every((name) => error.message.includes(`/${name}/${db1}`))
      await assert.rejects(driver.find(ctx, db1), ambiguous)
      await assert.rejects(publish(db1), ambiguous)
      await assert.rejects(make(db1), { code: 'ALREADY_EXISTS' })
      assert.equal(qtrees().length, 2)
    })

    test('a volume without a quota, as nDVP could leave one, has the size of its FlexVol; growing gives it one', async () => {
      await make(db1)
      await svm.simulator.change(({ quotaRules }) => quotaRules.set(pools()[0]!.uuid, []))
      const found = await theOne(db1)
      assert.equal(found.size, pools()[0]!.size)
      assert.match(String(found.status?.['quota']), /^none/)
      await driver.resize!(ctx, db1, (2 * GIB) as Bytes)
      assert.equal((await theOne(db1)).size, 2 * GIB)
    })

    test('fifty volumes made by three hosts at once are fifty, each with its quota', async () => {
      const hosts = [driver, await svm.open(), await svm.open()]
      const names = Array.from({ length: 50 }, (_, index) => `netappdvp_v${index}`)
      const results = await Promise.allSettled(
        hosts.flatMap((one) => names.map((name) => one.create(ctx, volume(name, plain, 20 * MIB)))),
      )
      assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 50)
      for (const result of results) if (result.status === 'rejected') assert.equal(result.reason.code, 'ALREADY_EXISTS')
      const listed = await driver.list(ctx)
      assert.deepEqual(listed.map(({ name }) => name).toSorted(), names.toSorted())
      assert.ok(listed.every(({ size }) => size === 20 * MIB))
      assert.equal(qtrees().length, 50)
    })
  })
}

function volume(name: string, options: OptionValues, size: number): NewVolume<OptionValues> {
  const dockerName = name.replace('netappdvp_', '')
  return { name: name as ArrayName, dockerName, size: size as Bytes, options, intent: randomUUID() as IntentId }
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5))
}
