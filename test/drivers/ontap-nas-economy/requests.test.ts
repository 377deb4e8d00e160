/** What users ask, and configs say, wrongly: each is told what is wrong, and nothing has changed on the array. */

import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { loadConfig } from '../../../src/config/load.ts'
import type { AnyDriverDefinition } from '../../../src/drivers/driver.ts'
import { ontapNasEconomy } from '../../../src/drivers/ontap-nas-economy/driver.ts'
import { type Bytes, GIB } from '../../../src/units.ts'
import { type Parts, type Volumes, volumesOf } from '../../../src/volumes/volumes.ts'
import { FakeHost } from '../../contract/fake-host.ts'
import { asked, name, partsIn } from '../../volumes/instance.ts'
import { RELEASES, type Svm, startSvm } from '../ontap/svm.ts'

const definition = ontapNasEconomy as unknown as AnyDriverDefinition
const { ctx } = asked()

for (const [dialect, release] of Object.entries(RELEASES)) {
  suite(`over ${dialect}`, () => {
    let svm: Svm
    let directory: string
    let parts: Parts
    let volumes: Volumes

    before(async () => {
      svm = await startSvm(definition, { release })
      directory = await mkdtemp(join(tmpdir(), 'requests-'))
      const settings = { driverName: 'ontap-nas-economy', limitVolumeSize: (1024 * GIB) as Bytes }
      parts = await partsIn(directory, { definition, driver: await svm.open(), host: new FakeHost() }, settings)
      volumes = volumesOf(parts)
      await volumes.create(ctx, name('db1'), { size: '1g' })
    })
    after(async () => {
      await svm.close()
      await parts.known.saved()
      await rm(directory, { recursive: true })
    })

    const state = () => {
      const { array } = svm.simulator
      return array.volumes.all().flatMap(({ uuid, name }) => [name, ...(array.qtrees.get(uuid) ?? [])])
    }

    for (const [what, options, code, message] of [
      ['a size below 20 MiB', { size: '19m' }, 'SIZE_TOO_SMALL', /minimum volume size is 20971520 bytes/],
      ['a size above limitVolumeSize', { size: '2t' }, 'SIZE_TOO_LARGE', /limitVolumeSize/],
      ['permissions 999', { unixPermissions: '999' }, 'OPTION_INVALID', /octal digits are 0 to 7/],
      ['permissions 4755', { unixPermissions: '4755' }, 'OPTION_INVALID', /no special bits/],
      ['permissions 0000', { unixPermissions: '0000' }, 'OPTION_INVALID', /marks a volume in the making/],
      ['a snapshot reserve of 101', { snapshotReserve: '101' }, 'OPTION_INVALID', /from 0 to 90/],
      ['security style ntfs', { securityStyle: 'ntfs' }, 'OPTION_INVALID', /unix, mixed/],
      ['an unknown snapshot policy', { snapshotPolicy: 'hourly9' }, 'REFUSED', /hourly9/],
      ['an unknown export policy', { exportPolicy: 'nobody' }, 'REFUSED', /nobody/],
      ['an unknown QoS policy', { qosPolicy: 'platinum' }, 'REFUSED', /platinum/],
      ['an unknown aggregate', { aggregate: 'aggr9' }, 'OPTION_INVALID', /^Aggregate aggr9 does not exist/],
      ['a selector where there are no pools', { selector: 'tier=gold' }, 'OPTION_INVALID', /no pools with labels/],
      ['a clone', { from: 'db1' }, 'NOT_SUPPORTED', /^Cloning with the ONTAP NAS Qtree driver is not supported\.$/],
      ['a misspelt option', { snapshotDri: 'true' }, 'OPTION_UNKNOWN', /Did you mean "snapshotDir"\?/],
    ] as const) {
      test(`${what} is refused`, async () => {
        const before = state()
        await assert.rejects(volumes.create(ctx, name('db2'), options), { code, message })
        assert.deepEqual(state(), before)
      })
    }

    test('a snapshot is refused', async () => {
      await assert.rejects(volumes.createSnapshot(ctx, name('db1'), 'monday'), { code: 'NOT_SUPPORTED' })
    })

    test('a name has 64 characters with its prefix, and not one more, in nDVP’s words', async () => {
      const longest = 'x'.repeat(64 - 'netappdvp_'.length)
      await volumes.create(ctx, name(longest), { size: '20m' })
      await volumes.remove(ctx, name(longest))
      await assert.rejects(volumes.create(ctx, name(`${longest}y`), {}), {
        code: 'NAME_INVALID',
        message: new RegExp(`^Volume ${longest}y name exceeds the limit of 64 characters\\.`),
      })
    })

    test('names with "-", "." and digits are taken as they are, and differ by them', async () => {
      for (const taken of ['9lives', 'a-b.c', 'a_b_c', 'a..b']) {
        await volumes.create(ctx, name(taken), { size: '20m' })
        assert.equal((await volumes.get(ctx, name(taken))).name, taken)
      }
      for (const taken of ['9lives', 'a-b.c', 'a_b_c', 'a..b']) await volumes.remove(ctx, name(taken))
      assert.deepEqual(
        (await volumes.list(ctx)).map((volume) => volume.name),
        ['db1'],
      )
    })

    test('a name that looks like a volume being removed is refused where no prefix tells it apart', async () => {
      const driver = await svm.open({ prefix: '' })
      const volume = { name: 'deleted_x', dockerName: 'deleted_x', size: GIB, options: {}, intent: 'none' }
      await assert.rejects(driver.create(ctx, volume as never), { code: 'NAME_INVALID', message: /being removed/ })
    })

    test('what is asked for again is the same volume; what differs is a conflict', async () => {
      await volumes.create(ctx, name('db1'), { size: '1g' })
      await assert.rejects(volumes.create(ctx, name('db1'), { size: '2g' }), { code: 'VOLUME_EXISTS', message: /size/ })
      await assert.rejects(volumes.create(ctx, name('db1'), { snapshotDir: 'true' }), {
        code: 'VOLUME_EXISTS',
        message: /snapshotDir is false, not true/,
      })
    })

    test('limitAggregateUsage keeps volumes out of FlexVols on aggregates that are fuller', async () => {
      const cluster = await startSvm(definition, { release, scope: 'cluster' })
      try {
        const driver = await cluster.open({ svm: 'svm1', limitAggregateUsage: '80%' })
        const volume = (name: string) => ({ name, dockerName: name, size: GIB, options, intent: 'none' }) as never
        const options = driver.resolveOptions!(
          {},
          {
            snapshotPolicy: 'none',
            exportPolicy: 'default',
            snapshotDir: false,
            spaceReserve: 'none',
            unixPermissions: '0777',
            securityStyle: 'unix',
          },
        ).options
        await driver.create(ctx, volume('netappdvp_a'))
        await cluster.simulator.change(({ aggregates }) => {
          for (const one of aggregates.values())
            aggregates.set(one.name, { ...one, otherUsed: Math.floor(one.size * 0.81) })
        })
        await assert.rejects(driver.create(ctx, volume('netappdvp_b')), {
          code: 'FULL',
          message: /limitAggregateUsage 80%/,
        })
      } finally {
        await cluster.close()
      }
    })
  })
}

suite('a config of ontap-nas-economy', () => {
  let directory: string
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'economy-config-'))
  })
  after(() => rm(directory, { recursive: true }))

  async function load(change: Record<string, unknown>) {
    const file = join(directory, 'config.json')
    const whole = {
      version: 1,
      storageDriverName: 'ontap-nas-economy',
      managementLIF: '10.0.0.1',
      svm: 's',
      username: 'u',
    }
    await writeFile(file, JSON.stringify({ ...whole, password: 'netapp123', ...change }), { mode: 0o600 })
    return loadConfig({ file }, { 'ontap-nas-economy': definition }, {})
  }

  test('as nDVP’s and Trident’s users have it is taken key for key', async () => {
    const { config, warnings, deletePolicy } = await load({
      qtreePruneFlexvolsPeriod: '600',
      qtreeQuotaResizePeriod: '60',
      emptyFlexvolDeferredDeletePeriod: '28800',
      qtreesPerFlexvol: '300',
      denyNewVolumePools: 'true',
      limitVolumePoolSize: '50Ti',
      defaults: { size: '10g', exportPolicy: 'p', snapshotReserve: '10' },
    })
    assert.deepEqual(warnings, [])
    assert.equal(config['qtreesPerFlexvol'], 300)
    assert.equal(config['denyNewVolumePools'], true)
    assert.equal(deletePolicy, 'purge')
  })

  test('says what has no effect here', async () => {
    const { warnings } = await load({
      lunsPerFlexvol: '100',
      defaults: { splitOnClone: 'true', adaptiveQosPolicy: 'a' },
    })
    assert.equal(warnings.length, 3)
  })

  for (const [what, change, words] of [
    ['more qtrees than a FlexVol should have', { qtreesPerFlexvol: 301 }, /qtreesPerFlexvol/],
    [
      'permissions that nobody has',
      { defaults: { unixPermissions: '----------' } },
      /marks a volume in the making|no mode/,
    ],
    ['permissions 000', { defaults: { unixPermissions: '000' } }, /marks a volume in the making/],
    [
      'permissions 000 in a pool',
      { storage: [{ defaults: { unixPermissions: '000' } }] },
      /marks a volume in the making/,
    ],
    ['a size that is none', { limitVolumePoolSize: 'big' }, /limitVolumePoolSize/],
    ['a policy the array cannot keep', { deletePolicy: 'recoverable' }, /deletePolicy/],
  ] as const) {
    test(`with ${what} is refused, and why is said`, async () => {
      await assert.rejects(load(change), { message: words })
    })
  }
})
