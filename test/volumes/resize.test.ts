import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import type { ArrayName } from '../../src/names.ts'
import { type Bytes, GIB } from '../../src/units.ts'
import { block } from '../contract/block.ts'
import { asked, type Instance, instance, MOUNT_ROOT, name } from './instance.ts'

const db1 = name('db1')
const array = 'netappdvp_db1' as ArrayName
const ctx = asked().ctx

let one: Instance
beforeEach(async () => {
  one = await instance({ limitVolumeSize: (8 * GIB) as Bytes })
  await one.volumes.create(ctx, db1, { size: '2g' })
})
afterEach(() => one.end())

test('a volume in use grows with its filesystem', async () => {
  await one.volumes.mount(ctx, db1, 'x')
  await one.volumes.resize(ctx, db1, '3g')
  assert.equal(one.driver.volumes.get(array)?.size, 3 * GIB)
  assert.ok(one.host.calls.includes('grow'))
  assert.equal(block(one.parts.mounts.get(db1)!.publication).size, 3 * GIB)
  assert.deepEqual([...one.parts.mounts.claimsOf(db1)], [['x', 1]])
})

test('a volume of a file server grows, and stays on record as mounted from where it is', async () => {
  const at = (server: string) => async () => ({ kind: 'nfs', server, path: '/db1', options: [] }) as const
  one.driver.publish = at('192.0.2.1')
  await one.volumes.mount(ctx, db1, 'x')
  one.driver.publish = at('192.0.2.2')
  await one.volumes.resize(ctx, db1, '3g')
  assert.equal(one.driver.volumes.get(array)?.size, 3 * GIB)
  await one.volumes.mount(ctx, db1, 'y')
  assert.equal(one.host.calls.filter((call) => call === 'attach').length, 1)
})

test('a volume not in use grows on the array; its filesystem follows at the next mount', async () => {
  await one.volumes.resize(ctx, db1, '3g')
  assert.equal(one.driver.volumes.get(array)?.size, 3 * GIB)
  assert.ok(!one.host.calls.includes('grow'))
})

test('shrinking, exceeding the limit, and resizing what is not there are refused', async () => {
  await assert.rejects(one.volumes.resize(ctx, db1, '1g'), { code: 'SIZE_TOO_SMALL', message: /volumes only grow/ })
  await assert.rejects(one.volumes.resize(ctx, db1, '9g'), { code: 'SIZE_TOO_LARGE' })
  await assert.rejects(one.volumes.resize(ctx, name('none'), '3g'), { code: 'VOLUME_NOT_FOUND' })
  await assert.rejects(one.volumes.resize(ctx, db1, 'big'), { code: 'OPTION_INVALID' })
})

test('a snapshot of a volume in use is taken while its filesystem stands still', async () => {
  await one.volumes.mount(ctx, db1, 'x')
  one.host.calls.length = 0
  await one.volumes.createSnapshot(ctx, db1, 'monday')
  assert.deepEqual(one.host.calls, ['freeze', 'thaw'])
  assert.ok(!one.host.frozen.has(`${MOUNT_ROOT}/${array}`))
  await assert.rejects(one.volumes.createSnapshot(ctx, name('none'), 'monday'), { code: 'VOLUME_NOT_FOUND' })
  await assert.rejects(one.volumes.createSnapshot(ctx, db1, '../up'), { code: 'NAME_INVALID' })
})
