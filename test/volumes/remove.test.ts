import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { BackendError } from '../../src/errors.ts'
import { asked, type Instance, instance, name } from './instance.ts'

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

test('a mounted volume is not removed, and the error says for whom it is mounted', async () => {
  await one.volumes.mount(ctx, db1, '0123456789abcdef')
  await assert.rejects(one.volumes.remove(ctx, db1), { code: 'VOLUME_IN_USE', message: /mount IDs 0123456789ab\)/ })
  await one.volumes.unmount(ctx, db1, '0123456789abcdef')
  await one.volumes.remove(ctx, db1)
})

test('deletePolicy "retain" keeps the volume and says so, rather than lie', async () => {
  const keeping = await instance({ deletePolicy: 'retain' })
  await keeping.volumes.create(ctx, db1, {})
  await assert.rejects(keeping.volumes.remove(ctx, db1), { code: 'VOLUME_KEPT', message: /was kept, with its data/ })
  assert.equal(keeping.driver.volumes.size, 1)
  await keeping.end()
})

test('an array that cannot be asked is an error, not a removal', async () => {
  one.driver.faults.set('remove', new BackendError('UNREACHABLE', 'The array is away.'))
  await assert.rejects(one.volumes.remove(ctx, db1), { code: 'UNREACHABLE' })
  assert.equal(one.driver.volumes.size, 1)
})
