/** What users ask wrongly: each is told what is wrong, and nothing has changed on the array. */

import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import type { AnyDriverDefinition } from '../../../src/drivers/driver.ts'
import { ontapNas } from '../../../src/drivers/ontap-nas/driver.ts'
import { Secret } from '../../../src/secret.ts'
import { type Bytes, GIB } from '../../../src/units.ts'
import { type Parts, type Volumes, volumesOf } from '../../../src/volumes/volumes.ts'
import { FakeHost } from '../../contract/fake-host.ts'
import { asked, name, partsIn } from '../../volumes/instance.ts'
import { RELEASES, type Svm, startSvm } from '../ontap/svm.ts'

const { ctx } = asked()

for (const [dialect, release] of Object.entries(RELEASES)) {
  suite(`over ${dialect}`, () => {
    let svm: Svm
    let directory: string
    let parts: Parts
    let volumes: Volumes

    before(async () => {
      const other = { svm: 'svm2', user: 'other', password: 'netapp2!' }
      svm = await startSvm(ontapNas, { release, tenants: [other] })
      directory = await mkdtemp(join(tmpdir(), 'requests-'))
      const driver = await svm.open()
      const definition = ontapNas as unknown as AnyDriverDefinition
      const settings = { driverName: 'ontap-nas', limitVolumeSize: (1024 * GIB) as Bytes }
      parts = await partsIn(directory, { definition, driver, host: new FakeHost() }, settings)
      volumes = volumesOf(parts)
      await volumes.create(ctx, name('db1'), { size: '1g' })
    })
    after(async () => {
      await svm.close()
      await parts.known.saved()
      await rm(directory, { recursive: true })
    })

    const state = () =>
      svm.simulator.array.volumes.all().map(({ name: found, size, comment }) => ({ found, size, comment }))

    for (const [what, options, code, message] of [
      ['a size below 20 MiB', { size: '19m' }, 'SIZE_TOO_SMALL', /minimum volume size is 20971520 bytes/],
      ['a size above limitVolumeSize', { size: '2t' }, 'SIZE_TOO_LARGE', /limitVolumeSize/],
      ['permissions 999', { unixPermissions: '999' }, 'OPTION_INVALID', /octal digits are 0 to 7/],
      ['no permissions', { unixPermissions: '' }, 'OPTION_INVALID', /unixPermissions/],
      ['permissions rwx', { unixPermissions: 'rwx' }, 'OPTION_INVALID', /it is no mode/],
      ['permissions with a special bit', { unixPermissions: '4755' }, 'OPTION_INVALID', /no special bits/],
      ['a snapshot reserve of 101', { snapshotReserve: '101' }, 'OPTION_INVALID', /from 0 to 90/],
      ['security style ntfs', { securityStyle: 'ntfs' }, 'OPTION_INVALID', /unix, mixed/],
      ['a snapshotDir of maybe', { snapshotDir: 'maybe' }, 'OPTION_INVALID', /true or false/],
      [
        'an unknown snapshot policy',
        { snapshotPolicy: 'hourly9' },
        'REFUSED',
        /"snapshotPolicy" is "hourly9" \(see "volume snapshot policy show"\)\.$/,
      ],
      [
        'an unknown export policy',
        { exportPolicy: 'nobody' },
        'REFUSED',
        /SVM svm1 needs to have what options name: "exportPolicy" is "nobody" \(see "vserver export-policy show"\)\.$/,
      ],
      [
        'an unknown QoS policy',
        { qosPolicy: 'platinum' },
        'REFUSED',
        /"qosPolicy" is "platinum" \(see "qos policy-group show"\)\.$/,
      ],
      [
        'a clone with an unknown snapshot policy',
        { from: 'db1', snapshotPolicy: 'hourly9' },
        'REFUSED',
        /"snapshotPolicy" is "hourly9" \(see "volume snapshot policy show"\)\.$/,
      ],
      ['two QoS policies', { qosPolicy: 'a', adaptiveQosPolicy: 'b' }, 'OPTION_INVALID', /a volume has one of them/],
      ['an unknown aggregate', { aggregate: 'aggr9' }, 'OPTION_INVALID', /^Aggregate aggr9 does not exist/],
      ['a selector where there are no pools', { selector: 'tier=gold' }, 'OPTION_INVALID', /no pools with labels/],
      ['a clone of nothing', { from: 'none' }, 'VOLUME_NOT_FOUND', /"none": it does not exist/],
      [
        'a clone of a snapshot there is none of',
        { from: 'db1', fromSnapshot: 'x' },
        'SNAPSHOT_NOT_FOUND',
        /It has none/,
      ],
      [
        'a clone with another security style',
        { from: 'db1', securityStyle: 'mixed' },
        'OPTION_INVALID',
        /of its source/,
      ],
      ['a misspelt option', { snapshotPolcy: 'none' }, 'OPTION_UNKNOWN', /Did you mean "snapshotPolicy"\?/],
      ['an option of nDVP’s SAN', { fileSystemType: 'xfs' }, 'OPTION_UNKNOWN', /fileSystemType/],
    ] as const) {
      test(`${what} is refused`, async () => {
        const before = state()
        await assert.rejects(volumes.create(ctx, name('db2'), options), { code, message })
        assert.deepEqual(state(), before)
      })
    }

    test('a volume of another SVM cannot be cloned', async () => {
      const other = await svm.open({ svm: 'svm2', username: 'other', password: new Secret('netapp2!') })
      assert.deepEqual(await other.list(ctx), [])
      const clone = { name: 'netappdvp_x', dockerName: 'x', source: 'netappdvp_db1', options: {}, intent: 'i' }
      await assert.rejects(other.clone!(ctx, clone as never), { code: 'NOT_FOUND' })
    })

    test('a clone cannot be put into a pool, since it is made where its source is', async () => {
      const pooled = await svm.open({ storage: [{ labels: { tier: 'gold' } }] })
      const clone = { name: 'netappdvp_x', dockerName: 'x', source: 'netappdvp_db1', intent: 'i' }
      await assert.rejects(pooled.clone!(ctx, { ...clone, options: { selector: 'tier=gold' } } as never), {
        code: 'OPTION_INVALID',
        message: /made where its source is/,
      })
    })

    test('a volume larger than the room of every aggregate is refused when it is to be reserved', async () => {
      const before = state()
      const asked = { size: '1t', spaceReserve: 'volume' }
      const { array } = svm.simulator
      const sizes = new Map([...array.aggregates].map(([found, aggregate]) => [found, aggregate.otherUsed]))
      await svm.simulator.change(() => {
        for (const one of array.aggregates.values()) array.aggregates.set(one.name, { ...one, otherUsed: one.size })
      })
      await assert.rejects(volumes.create(ctx, name('db2'), asked), { code: 'FULL' })
      await svm.simulator.change(() => {
        for (const one of array.aggregates.values()) {
          array.aggregates.set(one.name, { ...one, otherUsed: sizes.get(one.name) ?? 0 })
        }
      })
      assert.deepEqual(state(), before)
    })

    test('limitAggregateUsage refuses what would make every aggregate fuller, and needs a user of the cluster', async () => {
      await assert.rejects(svm.open({ limitAggregateUsage: '80%' }), { code: 'UNAUTHORIZED' })
      const cluster = await startSvm(ontapNas, { release, scope: 'cluster' })
      try {
        await cluster.simulator.change((array) => {
          for (const one of array.aggregates.values()) {
            array.aggregates.set(one.name, { ...one, otherUsed: Math.floor(one.size * 0.81) })
          }
        })
        const driver = await cluster.open({ svm: 'svm1', limitAggregateUsage: '80%' })
        const definition = ontapNas as unknown as AnyDriverDefinition
        const place = await mkdtemp(join(tmpdir(), 'requests-'))
        const limited = await partsIn(place, { definition, driver, host: new FakeHost() }, {})
        await assert.rejects(volumesOf(limited).create(ctx, name('db2'), { size: '1g' }), {
          code: 'FULL',
          message: /limitAggregateUsage 80%/,
        })
        await limited.known.saved()
        await rm(place, { recursive: true })
      } finally {
        await cluster.close()
      }
    })

    test('names of any length and beginning are taken', async () => {
      for (const long of ['x'.repeat(204), '9lives', 'a-b.c']) {
        await volumes.create(ctx, name(long), { size: '20m' })
        assert.ok(
          (await volumes.list(ctx)).some((volume) => volume.name === long),
          long.slice(0, 20),
        )
        await volumes.remove(ctx, name(long))
      }
    })
  })
}
