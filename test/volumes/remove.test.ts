import assert from 'node:assert/strict'
import { mkdir, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { BackendError, HostError } from '../../src/errors.ts'
import type { ArrayName } from '../../src/names.ts'
import { asked, type Instance, instance, MOUNT_ROOT, name } from './instance.ts'

const db1 = name('db1')
const ctx = asked().ctx

let one: Instance
beforeEach(async () => {
  one = await instance()
  await one.volumes.create(ctx, db1, {})
})
afterEach(() => one.end())

test('removing takes the volume away; removing it again is fine, for Docker repeats calls', async () => {
  await one.volumes.remove(ctx, db1)
  await one.volumes.remove(ctx, db1)
  assert.equal(one.driver.volumes.size, 0)
})

const mountpoint = `${MOUNT_ROOT}/netappdvp_db1`

test('a volume a container has is not removed, and the error says which', async () => {
  await one.volumes.mount(ctx, db1, '0123456789abcdef')
  one.host.heldElsewhere.add(mountpoint)
  await assert.rejects(one.volumes.remove(ctx, db1), { code: 'VOLUME_IN_USE', message: /mount IDs 0123456789ab\)/ })
  assert.ok(one.host.mounted.has(mountpoint))
  one.host.heldElsewhere.clear()
  await one.volumes.unmount(ctx, db1, '0123456789abcdef')
  await one.volumes.remove(ctx, db1)
})

test('claims that missed their unmount do not keep a volume for ever: it is unmounted, then removed', async () => {
  await one.volumes.mount(ctx, db1, 'x')
  await one.volumes.remove(ctx, db1)
  assert.equal(one.host.mounted.size, 0)
  assert.equal(one.driver.volumes.size, 0)
})

test('a volume that cannot be unmounted is not removed', async () => {
  await one.volumes.mount(ctx, db1, 'x')
  one.host.faults.set('detach', new HostError('MOUNT_BUSY', 'In use by bash (process 7).'))
  await assert.rejects(one.volumes.remove(ctx, db1), { code: 'MOUNT_BUSY' })
  assert.equal(one.driver.volumes.size, 1)
})

test('a volume left mounted because the disk was full is unmounted before it is removed', async () => {
  await one.volumes.mount(ctx, db1, 'x')
  await mkdir(join(one.directory, 'journal.json.new'))
  await assert.rejects(one.volumes.unmount(ctx, db1, 'x'), { code: 'STATE_UNWRITABLE' })
  await assert.rejects(one.volumes.remove(ctx, db1), { code: 'STATE_UNWRITABLE' })
  assert.equal(one.driver.volumes.size, 1)
  await rmdir(join(one.directory, 'journal.json.new'))
  await one.volumes.remove(ctx, db1)
  assert.equal(one.host.mounted.size, 0)
})

test('another volume that has the array’s name is not removed in its stead', async () => {
  const volume = one.driver.volumes.get('netappdvp_db1' as ArrayName)!
  one.driver.volumes.set(volume.name, { ...volume, dockerName: 'DB1', name: 'netappdvp_DB1' as ArrayName })
  await one.volumes.remove(ctx, db1)
  assert.ok(!one.driver.calls.includes('remove'))
})

test('deletePolicy "retain" keeps the volume and says so, rather than lie', async () => {
  const keeping = await instance({ deletePolicy: 'retain' })
  await keeping.volumes.create(ctx, db1, {})
  await assert.rejects(keeping.volumes.remove(ctx, db1), { code: 'VOLUME_KEPT', message: /was kept, with its data/ })
  assert.equal(keeping.driver.volumes.size, 1)
  await keeping.end()
})

test('a volume that carries no mark of ours is kept, unless the config lets it go', async () => {
  const volume = one.driver.volumes.get('netappdvp_db1' as ArrayName)!
  one.driver.volumes.set(volume.name, { ...volume, foreign: true })
  await assert.rejects(one.volumes.remove(ctx, db1), { code: 'VOLUME_FOREIGN', message: /"allowForeignDelete": true/ })
  assert.equal(one.driver.volumes.size, 1)

  const bold = await instance({ allowForeignDelete: true })
  bold.driver.volumes.set(volume.name, { ...volume, foreign: true })
  await bold.volumes.remove(ctx, db1)
  assert.equal(bold.driver.volumes.size, 0)
  await bold.end()
})

test('an array that cannot be asked is an error, not a removal', async () => {
  one.driver.faults.set('remove', new BackendError('UNREACHABLE', 'The array is away.'))
  await assert.rejects(one.volumes.remove(ctx, db1), { code: 'UNREACHABLE' })
  assert.equal(one.driver.volumes.size, 1)
})
