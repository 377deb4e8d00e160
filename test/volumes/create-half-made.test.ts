/** Hosts of a Swarm are asked for one volume at the same time: some find it while another is still making it. */

import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, test } from 'node:test'
import type { IntentId } from '../../src/drivers/driver.ts'
import type { ArrayName } from '../../src/names.ts'
import { type Bytes, GIB } from '../../src/units.ts'
import { asked, type Instance, instance, name } from './instance.ts'

const db1 = name('db1')
const array = 'netappdvp_db1' as ArrayName
const ctx = asked().ctx

let one: Instance
beforeEach(async () => {
  one = await instance()
  const options = { fileSystemType: 'ext4' } as const
  const intent = randomUUID() as IntentId
  await one.driver.create(ctx, { name: array, dockerName: 'db1', size: GIB, options, intent })
})
afterEach(() => one.end())

test('a volume that does not fit yet is waited for while its maker is at it', async () => {
  setTimeout(() => void one.driver.resize(ctx, array, (2 * GIB) as Bytes), 300)
  await one.volumes.create(ctx, db1, { size: '2g' })
  assert.equal(one.driver.volumes.get(array)?.intent, undefined, 'and is nobody’s to take back then')
})

test('one whose maker is done and that does not fit is a conflict at once', async () => {
  await one.driver.keep(ctx, (await one.driver.find(ctx, array))!)
  await assert.rejects(one.volumes.create(ctx, db1, { size: '2g' }), { code: 'VOLUME_EXISTS' })
})

test('one whose maker gives up is to be asked for again', async () => {
  const { intent } = (await one.driver.find(ctx, array))!
  setTimeout(() => void one.driver.discard(ctx, array, intent!), 300)
  await assert.rejects(one.volumes.create(ctx, db1, { size: '2g' }), { code: 'BUSY', message: /gave up/ })
})
