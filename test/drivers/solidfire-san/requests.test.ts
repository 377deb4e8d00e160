/** What users ask wrongly: each is told what is wrong, and nothing has changed on the array. */

import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { AnyDriverDefinition, Driver, OptionValues } from '../../../src/drivers/driver.ts'
import { solidfireSan } from '../../../src/drivers/solidfire-san/definition.ts'
import { type Parts, volumesOf } from '../../../src/volumes/volumes.ts'
import { FakeHost } from '../../contract/fake-host.ts'
import { asked, name, partsIn } from '../../volumes/instance.ts'
import { type Cluster, startCluster } from './cluster.ts'

const { ctx } = asked()
const types = [{ Type: 'Gold', Qos: { minIOPS: 6000, maxIOPS: 8000, burstIOPS: 10_000 } }]

let cluster: Cluster
let directory: string
let parts: Parts

before(async () => {
  cluster = await startCluster()
  directory = await mkdtemp(join(tmpdir(), 'requests-'))
  const driver = (await cluster.open({ Types: types })) as unknown as Driver<OptionValues>
  const definition = solidfireSan as unknown as AnyDriverDefinition
  parts = await partsIn(
    directory,
    { definition, driver, host: new FakeHost() },
    { driverName: 'solidfire-san', prefix: '' },
  )
  await volumesOf(parts).create(ctx, name('db1'), { size: '2', type: 'gold' })
})
after(async () => {
  await cluster.close()
  await parts.known.saved()
  await rm(directory, { recursive: true })
})

for (const [what, options, code, message] of [
  [
    'a size below a decimal gigabyte',
    { size: '999999999b' },
    'SIZE_TOO_SMALL',
    /minimum volume size is 1000000000 bytes/,
  ],
  ['a size above the array’s largest', { size: '17t' }, 'SIZE_TOO_LARGE', /above the array's limit of 16 TiB/],
  ['a type there is none of', { type: 'Platinum' }, 'OPTION_INVALID', /specified type not found/],
  ['a type of no name', { type: '' }, 'OPTION_INVALID', /"type" cannot be ""/],
  ['a qos of two numbers', { qos: '1,2' }, 'OPTION_INVALID', /minIOPS,maxIOPS,burstIOPS/],
  ['a qos of letters', { qos: 'a,b,c' }, 'OPTION_INVALID', /minIOPS,maxIOPS,burstIOPS/],
  ['a qos and a type', { qos: '100,200,300', type: 'Gold' }, 'OPTION_INVALID', /both given/],
  ['a block size of 1000', { blocksize: '1000' }, 'OPTION_INVALID', /one of 512, 4096/],
  ['a filesystem there is none of', { fstype: 'btrfs' }, 'OPTION_INVALID', /one of ext4, ext3, xfs/],
  ['a clone of a volume that is missing', { from: 'nobody' }, 'VOLUME_NOT_FOUND', /"nobody": it does not exist/],
  ['a clone of itself', { from: 'new' }, 'OPTION_INVALID', /onto itself/],
  ['a clone of a snapshot that is missing', { from: 'db1', fromSnapshot: 'x' }, 'SNAPSHOT_NOT_FOUND', /It has none/],
  ['a clone smaller than its source', { from: 'db1', size: '1' }, 'SIZE_TOO_SMALL', /volumes only grow/],
  [
    'a clone with other blocks',
    { from: 'db1', blocksize: '4096' },
    'OPTION_INVALID',
    /the blocksize of its source, which is 512/,
  ],
  [
    'a clone with another filesystem',
    { from: 'db1', fstype: 'xfs' },
    'OPTION_INVALID',
    /the fileSystemType of its source/,
  ],
] as const) {
  test(`${what} is refused, and nothing is made`, async () => {
    await assert.rejects(volumesOf(parts).create(ctx, name('new'), options), { code, message })
    const { volumes } = await cluster.api<{ volumes: unknown[] }>('ListVolumes')
    assert.equal(volumes.length, 1)
  })
}

test('a volume that exists is no new one: the same wishes are fine, others are a conflict that names each', async () => {
  await volumesOf(parts).create(ctx, name('db1'), { size: '2', type: 'GOLD' })
  await assert.rejects(volumesOf(parts).create(ctx, name('db1'), { size: '3', qos: '100,200,300' }), {
    code: 'VOLUME_EXISTS',
    message: /its size is 2 GiB, not 3 GiB; its qos is 6000,8000,10000, not 100,200,300/,
  })
})

test('-o help names the options, and makes nothing', async () => {
  await assert.rejects(volumesOf(parts).create(ctx, name('new'), { help: '' }), {
    code: 'OPTION_HELP',
    message: /Options of solidfire-san[\s\S]*qos +Quality of service as/,
  })
})
