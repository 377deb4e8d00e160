/** Instances with one prefix inside the other, and other drivers on the same array: their volumes can have names of ours. */

import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import type { ArrayName } from '../../src/names.ts'
import { asked, type Instance, instance, name } from './instance.ts'

const [db1, db2] = [name('db1'), name('db2')]
const array = 'netappdvp_db1' as ArrayName
const theirs = 'the instance of prefix "netappdvp_db"'
const ctx = asked().ctx

let one: Instance
beforeEach(async () => {
  one = await instance()
  one.driver.volumes.set(array, { ...one.driver.newVolume(array, 'db1'), belongsTo: theirs })
})
afterEach(async () => {
  assert.deepEqual([...one.driver.volumes.keys()], [array], 'nothing of it was touched, and nothing made beside it')
  assert.equal(one.driver.published.size, 0)
  assert.deepEqual(one.parts.journal.intents(), [])
  await one.end()
})

test('a volume of another instance is not told of', async () => {
  await assert.rejects(one.volumes.get(ctx, db1), { code: 'VOLUME_NOT_FOUND' })
  assert.deepEqual(await one.volumes.list(ctx), [])
})

test('a volume of another instance is not removed, by whatever name', async () => {
  await one.volumes.remove(ctx, db1)
  assert.ok(!one.driver.calls.includes('remove'))
})

test('a volume of another instance keeps its name, and whoever asks for that is told whose it is', async () => {
  await assert.rejects(one.volumes.create(ctx, db1, {}), { code: 'VOLUME_EXISTS', message: new RegExp(theirs) })
})

test('a volume of another instance is not copied', async () => {
  await assert.rejects(one.volumes.create(ctx, db2, { from: 'db1' }), { code: 'VOLUME_NOT_FOUND' })
  assert.ok(!one.driver.calls.includes('clone'))
})

test('a volume of another instance is not grown', async () => {
  await assert.rejects(one.volumes.resize(ctx, db1, '2g'), { code: 'VOLUME_NOT_FOUND' })
  assert.ok(!one.driver.calls.includes('resize'))
})

test('a volume of another instance is not mounted', async () => {
  await assert.rejects(one.volumes.mount(ctx, db1, 'x'), { code: 'VOLUME_NOT_FOUND' })
  assert.equal(one.host.mounted.size, 0)
})
