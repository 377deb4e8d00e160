import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, suite, test } from 'node:test'
import type { Driver, IntentId, NewClone, NewVolume, OptionValues } from '../../../src/drivers/driver.ts'
import { ontapNas } from '../../../src/drivers/ontap-nas/driver.ts'
import type { ArrayName } from '../../../src/names.ts'
import { type Bytes, GIB, MIB } from '../../../src/units.ts'
import { keepsDriverContract } from '../../contract/driver.contract.ts'
import { type Change, ctx, PLAIN, RELEASES, type Svm, startSvm } from '../ontap/svm.ts'

for (const [dialect, release] of Object.entries(RELEASES)) {
  keepsDriverContract(`ontap-nas over ${dialect}`, async () => {
    const svm = await startSvm(ontapNas, { release })
    return {
      driver: (await svm.open()) as Driver<never>,
      options: TOLD as OptionValues,
      reopen: async () => (await svm.open()) as Driver<never>,
      close: () => svm.close(),
    }
  })

  suite(`ontap-nas over ${dialect}`, () => {
    let svm: Svm
    let driver: Driver<OptionValues>
    beforeEach(async () => {
      svm = await startSvm(ontapNas, { release })
      driver = await svm.open()
    })
    afterEach(() => svm.close())

    const reopened = async (change: Change) => {
      driver = await svm.open(change)
      return driver
    }

    test('options are read back as they were asked for', async () => {
      const options = {
        ...PLAIN,
        spaceReserve: 'volume',
        snapshotPolicy: 'default',
        snapshotReserve: 10,
        snapshotDir: true,
        unixPermissions: '0750',
        securityStyle: 'mixed',
        aggregate: 'aggr2',
      }
      await driver.create(ctx, volume('netappdvp_v1', { options, size: 100 * MIB }))
      const found = await theOne('netappdvp_v1')
      const { splitOnClone: _, ...told } = options
      for (const [key, value] of Object.entries(told)) assert.equal(found.options[key], value, key)
      assert.equal(found.size, 100 * MIB, 'the reserve comes on top')
    })

    test('a name the array cannot say is kept beside the volume', async () => {
      await driver.create(ctx, { ...volume('netappdvp_web_db_0011aabb'), dockerName: 'web-db' })
      assert.equal((await theOne('netappdvp_web_db_0011aabb')).dockerName, 'web-db')
    })

    test('the volume is mounted at its name, and publish says from where', async () => {
      await driver.create(ctx, volume('netappdvp_v1'))
      assert.deepEqual(await driver.publish(ctx, 'netappdvp_v1' as ArrayName, host), {
        kind: 'nfs',
        server: '127.0.0.1',
        path: '/netappdvp_v1',
        options: ['nfsvers=3'],
        svm: 'svm1',
        exportPolicy: 'default',
      })
    })

    test('two instances with one prefix inside the other do not see each other’s volumes', async () => {
      const inner = await svm.open({ prefix: 'netappdvp_b_' })
      await inner.create(ctx, volume('netappdvp_b_v1'))
      assert.deepEqual(await driver.list(ctx), [])
      assert.equal((await theOne('netappdvp_b_v1')).belongsTo, 'the instance of prefix "netappdvp_b_"')
      await assert.rejects(driver.publish(ctx, 'netappdvp_b_v1' as ArrayName, host), { code: 'NOT_FOUND' })
      assert.equal((await inner.list(ctx)).length, 1)
    })

    test('a volume with clones is kept, and they are named', async () => {
      await driver.create(ctx, volume('netappdvp_v1'))
      await driver.clone!(ctx, clone('netappdvp_v2', 'netappdvp_v1'))
      const found = await theOne('netappdvp_v1')
      // The contract removes a source before its clone: what is split off does not depend on it.
      await assert.rejects(driver.remove(ctx, found), { code: 'HAS_DEPENDENTS', message: /netappdvp_v2/ })
    })

    test('a clone that is split lets its source go', async () => {
      await driver.create(ctx, volume('netappdvp_v1'))
      await driver.clone!(ctx, clone('netappdvp_v2', 'netappdvp_v1', { splitOnClone: true }))
      await svm.simulator.advanceClock(60_000)
      await driver.remove(ctx, await theOne('netappdvp_v1'))
      assert.equal((await theOne('netappdvp_v2')).clonedFrom, 'netappdvp_v1', 'remembered by its comment')
    })

    test('options that a clone may have of its own are set on it', async () => {
      await driver.create(ctx, volume('netappdvp_v1'))
      const own = { snapshotDir: true, unixPermissions: '0700', snapshotPolicy: 'default' }
      await driver.clone!(ctx, clone('netappdvp_v2', 'netappdvp_v1', own))
      const found = await theOne('netappdvp_v2')
      for (const [key, value] of Object.entries(own)) assert.equal(found.options[key], value, key)
      assert.equal((await theOne('netappdvp_v1')).options['snapshotDir'], false)
    })

    test('with autoExportPolicy each host gets a rule as it first mounts', async () => {
      await reopened({ autoExportPolicy: true, autoExportCIDRs: ['10.0.0.0/8'] })
      await driver.create(ctx, volume('netappdvp_v1'))
      const publish = (addresses: readonly string[]) =>
        driver.publish(ctx, 'netappdvp_v1' as ArrayName, { name: 'h', addresses })
      const publication = await publish(['192.168.1.4', '10.0.0.7'])
      assert.equal(publication.kind === 'nfs' && publication.exportPolicy, 'netappdvp_auto_export')
      await publish(['10.0.0.8'])
      await publish(['10.0.0.7'])
      assert.deepEqual(clientsOf('netappdvp_auto_export'), ['10.0.0.7', '10.0.0.8'])
      await assert.rejects(publish(['192.168.1.4']), { code: 'REFUSED', message: /autoExportCIDRs/ })
    })

    test('a full aggregate makes way for the next', async () => {
      await svm.simulator.change((array) => {
        const aggr1 = array.aggregates.get('aggr1')!
        array.aggregates.set('aggr1', { ...aggr1, otherUsed: aggr1.size })
      })
      await reopened({ aggregate: ['aggr1', 'aggr2'] })
      await driver.create(ctx, volume('netappdvp_v1', { options: { ...PLAIN, spaceReserve: 'volume' } }))
      assert.equal((await theOne('netappdvp_v1')).options['aggregate'], 'aggr2')
    })

    test('an aggregate that is not assigned is told in nDVP’s words', async () => {
      await assert.rejects(svm.open({ aggregate: 'aggr9' }), {
        code: 'REFUSED',
        message: /^Aggregate aggr9 does not exist or is not assigned to SVM svm1\./,
      })
      const options = { ...PLAIN, aggregate: 'aggr9' }
      await assert.rejects(driver.create(ctx, volume('netappdvp_v1', { options })), {
        code: 'OPTION_INVALID',
        message: /^Aggregate aggr9 does not exist or is not assigned to SVM svm1\./,
      })
    })

    test('an SVM without aggregates is told in nDVP’s words', async () => {
      await svm.simulator.change((array) => {
        for (const [name, aggregate] of array.aggregates) array.aggregates.set(name, { ...aggregate, svms: [] })
      })
      await assert.rejects(svm.open(), { code: 'REFUSED', message: /^SVM svm1 has no assigned aggregates\./ })
    })

    test('a dataLIF that is not the SVM’s is refused, and those it has are named', async () => {
      await assert.rejects(svm.open({ dataLIF: '10.9.9.9' }), {
        code: 'REFUSED',
        message:
          /^Could not find NFS Data LIF\. dataLIF 10\.9\.9\.9 is not an NFS address of SVM svm1, which has 127\.0\.0\.1/,
      })
    })

    test('a volume somebody made by hand is a stranger, and one that nDVP made is not', async () => {
      await driver.create(ctx, volume('netappdvp_v1'))
      await driver.create(ctx, volume('netappdvp_v2'))
      await svm.simulator.change((array) => {
        for (const one of array.volumes.all()) {
          if (one.name === 'netappdvp_v1') array.volumes.put({ ...one, comment: '' })
          if (one.name === 'netappdvp_v2') array.volumes.put({ ...one, comment: 'payroll, ask Ann' })
        }
      })
      assert.equal((await theOne('netappdvp_v1')).foreign, false)
      assert.equal((await theOne('netappdvp_v2')).foreign, true)
    })

    test('the root of the SVM is nobody’s volume, not even without a prefix', async () => {
      await reopened({ prefix: '' })
      assert.deepEqual(await driver.list(ctx), [])
      assert.equal((await theOne('svm1_root')).belongsTo, 'the SVM itself, its root')
      await assert.rejects(driver.publish(ctx, 'svm1_root' as ArrayName, host), { code: 'NOT_FOUND' })
    })

    test('an export policy that somebody deleted is made anew', async () => {
      await reopened({ autoExportPolicy: true })
      await driver.create(ctx, volume('netappdvp_v1'))
      await svm.simulator.change((array) => {
        const policy = [...array.exportPolicies.values()].find(({ name }) => name === 'netappdvp_auto_export')!
        array.exportPolicies.delete(policy.id)
      })
      await driver.publish(ctx, 'netappdvp_v1' as ArrayName, host)
      assert.deepEqual(clientsOf('netappdvp_auto_export'), ['10.0.0.7'])
    })

    test('a volume grows also where the SVM may make no more', async () => {
      await driver.create(ctx, volume('netappdvp_v1', { options: { ...PLAIN, aggregate: 'aggr1' } }))
      await svm.simulator.change((array) => {
        array.aggregates.set('aggr1', { ...array.aggregates.get('aggr1')!, svms: [] })
      })
      await driver.resize!(ctx, 'netappdvp_v1' as ArrayName, (2 * GIB) as Bytes)
      assert.equal((await theOne('netappdvp_v1')).size, 2 * GIB)
    })

    test('a volume that is offline is told so, with no look at its snapshots', async () => {
      await driver.create(ctx, volume('netappdvp_v1'))
      await svm.simulator.change((array) => {
        const found = array.volumes.all().find(({ name }) => name === 'netappdvp_v1')!
        const { junction: __, ...offline } = found
        array.volumes.put({ ...offline, state: 'offline' })
      })
      assert.equal((await driver.inspect!(ctx, 'netappdvp_v1' as ArrayName))?.volume.status?.['state'], 'offline')
      await assert.rejects(driver.publish(ctx, 'netappdvp_v1' as ArrayName, host), {
        code: 'REFUSED',
        message: /it is offline on the array\. Bring it online/,
      })
    })

    test('a clone whose making failed half-way is taken back, with nothing left of it', async () => {
      await driver.create(ctx, volume('netappdvp_v1'))
      const wish = clone('netappdvp_v2', 'netappdvp_v1', { qosPolicy: 'nobody' })
      await assert.rejects(driver.clone!(ctx, wish), { code: 'REFUSED', message: /nobody/ })
      assert.deepEqual(
        (await driver.list(ctx)).map(({ name }) => name),
        ['netappdvp_v1'],
      )
      const left = svm.simulator.array.volumes.all().filter(({ type, isRoot }) => type === 'rw' && !isRoot)
      assert.equal(left.length, 1)
    })

    const theOne = async (name: string) => {
      const found = await driver.find(ctx, name as ArrayName)
      assert.ok(found, `there is no "${name}"`)
      return found
    }

    const clientsOf = (policy: string) =>
      [...svm.simulator.array.exportPolicies.values()]
        .find(({ name }) => name === policy)
        ?.rules.flatMap(({ clients }) => clients)
        .toSorted()
  })
}

/** What find tells of a plain volume; that it was to be split is done with. */
const { splitOnClone: _, ...TOLD } = PLAIN

const host = { name: 'host-a', addresses: ['10.0.0.7'] }

function volume(
  name: string,
  { size = GIB, options = PLAIN }: { size?: number; options?: object } = {},
): NewVolume<OptionValues> {
  return {
    name: name as ArrayName,
    dockerName: name.replace('netappdvp_', ''),
    size: size as Bytes,
    options: options as OptionValues,
    intent: randomUUID() as IntentId,
  }
}

function clone(name: string, source: string, options: OptionValues = {}): NewClone<OptionValues> {
  return {
    name: name as ArrayName,
    dockerName: name.replace('netappdvp_', ''),
    source: source as ArrayName,
    options,
    intent: randomUUID() as IntentId,
  }
}
