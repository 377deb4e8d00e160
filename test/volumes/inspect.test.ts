import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { Turns } from '../../src/backends/turns.ts'
import type { Context } from '../../src/context.ts'
import { BackendError } from '../../src/errors.ts'
import type { ArrayName } from '../../src/names.ts'
import { asked, type Instance, instance, MOUNT_ROOT, name } from './instance.ts'

const db1 = name('db1')
const ctx = asked().ctx

let one: Instance
beforeEach(async () => {
  one = await instance()
  await one.volumes.create(ctx, db1, { size: '2g', tier: 'top' })
})
afterEach(() => one.end())

test('get says what the volume is, who has it mounted, and its snapshots in nDVP’s words', async () => {
  await one.volumes.createSnapshot(ctx, db1, 'monday')
  await one.volumes.mount(ctx, db1, 'x')
  const { status, mountpoint, createdAt } = await one.volumes.get(ctx, db1)
  assert.equal(mountpoint, `${MOUNT_ROOT}/netappdvp_db1`)
  assert.ok(createdAt instanceof Date)
  assert.equal(status?.['size'], '2 GiB')
  assert.equal(status['fileSystemType'], 'ext4')
  assert.equal(status['tier'], 'top')
  assert.equal(status['mountedBy'], 'fake-host')
  assert.deepEqual(status['mountedFor'], [{ mountId: 'x', count: 1 }])
  const [snapshot] = status['Snapshots'] as Record<string, string>[]
  assert.equal(snapshot?.['Name'], 'monday')
  assert.match(snapshot['Created'] ?? '', /^\d{4}-\d\d-\d\dT/)
})

test('a volume that is not mounted here has no mount point, and an empty path', async () => {
  assert.equal((await one.volumes.get(ctx, db1)).mountpoint, undefined)
  assert.equal(await one.volumes.path(ctx, db1), undefined)
})

test('"not found" is said only when the array said so', async () => {
  await assert.rejects(one.volumes.get(ctx, name('none')), { code: 'VOLUME_NOT_FOUND' })
  const { ctx: its, leave } = asked()
  one.driver.faults.set('find', new BackendError('UNREACHABLE', 'The array is away.'))
  const answer = one.volumes.get(its, name('other'))
  leave()
  await assert.rejects(answer, { code: 'UNREACHABLE' })
})

test('a volume that was there is told of while the array cannot be asked, and forgotten when the array has none', async () => {
  await one.volumes.get(ctx, db1)
  one.parts.reads.invalidate()
  one.driver.faults.set('find', new BackendError('CERTIFICATE_REFUSED', 'It is another.'))
  assert.deepEqual((await one.volumes.get(ctx, db1)).status, { unavailable: 'It is another' })

  one.parts.reads.invalidate()
  one.driver.volumes.clear()
  await assert.rejects(one.volumes.get(ctx, db1), { code: 'VOLUME_NOT_FOUND' })
  one.driver.faults.set('find', new BackendError('CERTIFICATE_REFUSED', 'It is another.'))
  await assert.rejects(one.volumes.get(ctx, db1), { code: 'CERTIFICATE_REFUSED' })
})

test('a volume that was there is told of also when the array says nothing at all', async () => {
  one.driver.holds.set('find', new Promise(() => {}))
  assert.deepEqual((await one.volumes.get(ctx, db1)).status, { unavailable: 'it has not answered for 3 s' })
})

test('what was there outlives a restart, whatever list, create and remove have changed', async () => {
  await one.volumes.create(ctx, name('db2'), {})
  await one.volumes.remove(ctx, db1)
  await one.volumes.list(ctx)
  const { known } = (await one.restarted()).parts
  assert.deepEqual([known.has(db1), known.has(name('db2'))], [false, true])
})

test('a list that the array answers late does not make a volume unknown that was made meanwhile', async () => {
  const asksArray = Promise.withResolvers<void>()
  const { list } = one.driver
  one.driver.list = async function (this: typeof one.driver) {
    const before = await list.call(this)
    await asksArray.promise
    return before
  }
  const listing = one.volumes.list(ctx)
  await one.volumes.create(ctx, name('db2'), {})
  one.driver.list = list
  await one.volumes.list(ctx)
  asksArray.resolve()
  await listing
  assert.ok(one.parts.known.has(name('db2')))

  one.driver.volumes.clear()
  one.parts.reads.invalidate()
  await one.volumes.list(ctx)
  assert.ok(!one.parts.known.has(name('db2')), 'the next list does, if the array has none')
})

test('reads that nobody waits for any more make room for those that somebody does', async () => {
  const turns = new Turns(1)
  const hung = Promise.withResolvers<void>()
  const busy = turns.take(ctx.signal, 'quick', () => hung.promise)
  one.driver.find = (its: Context) =>
    turns.take(its.signal, 'quick', async () => one.driver.newVolume('netappdvp_x' as ArrayName, 'x'))
  one.driver.list = (its: Context) => turns.take(its.signal, 'quick', async () => assert.fail('nobody waits for it'))
  const { ctx: its, leave } = asked()
  const left = Promise.allSettled([
    one.volumes.list(its),
    ...['u', 'v', 'w'].map((text) => one.volumes.get(its, name(`db-${text}`))),
  ])
  const waited = one.volumes.get(ctx, name('x1'))
  const joined = asked()
  const joins = one.volumes.get(joined.ctx, name('x1'))
  leave()
  joined.leave()
  const ended = await left
  assert.deepEqual(
    ended.map((one) => one.status),
    ['rejected', 'rejected', 'rejected', 'rejected'],
  )
  hung.resolve()
  await busy
  await assert.rejects(
    Promise.all([waited, joins]),
    { code: 'VOLUME_NOT_FOUND' },
    'one who waits still gets the answer',
  )
})

test('list shows this instance’s volumes by their Docker names, and no others', async () => {
  const volume = one.driver.volumes.get('netappdvp_db1' as ArrayName)!
  const { dockerName, ...unnamed } = volume
  one.driver.volumes.set('netappdvp_old' as ArrayName, { ...unnamed, name: 'netappdvp_old' as ArrayName })
  one.driver.volumes.set('foreign_x' as ArrayName, { ...unnamed, name: 'foreign_x' as ArrayName })
  one.driver.volumes.set('netappdvp_-bad' as ArrayName, { ...unnamed, name: 'netappdvp_-bad' as ArrayName })
  assert.deepEqual(
    (await one.volumes.list(ctx)).map((view) => view.name),
    ['db1', 'old'],
  )
})

test('a volume renamed on the array is listed by the name that leads to it, and is found by it', async () => {
  const volume = one.driver.volumes.get('netappdvp_db1' as ArrayName)!
  one.driver.volumes.clear()
  one.driver.volumes.set('netappdvp_db9' as ArrayName, { ...volume, name: 'netappdvp_db9' as ArrayName })
  assert.deepEqual(
    (await one.volumes.list(ctx)).map((view) => view.name),
    ['db9'],
  )
  assert.equal((await one.volumes.get(ctx, name('db9'))).name, 'db9')
  await assert.rejects(one.volumes.get(ctx, db1), { code: 'VOLUME_NOT_FOUND' })
})

test('a name too long for the array is cut, kept apart by a hash, and listed in full', async () => {
  const [long, longer] = [name('a'.repeat(200)), name(`${'a'.repeat(200)}b`)]
  await one.volumes.create(ctx, long, {})
  await one.volumes.create(ctx, longer, {})
  assert.equal((await one.volumes.get(ctx, longer)).name, longer)
  const listed = (await one.volumes.list(ctx)).map((view) => view.name)
  assert.deepEqual(new Set(listed), new Set([db1, long, longer]))
})

test('reads at the same time ask the array once, and what this host changes shows at once', async () => {
  await Promise.all(Array.from({ length: 50 }, () => one.volumes.list(ctx)))
  assert.equal(one.driver.calls.filter((call) => call === 'list').length, 1)
  await one.volumes.create(ctx, name('db2'), {})
  assert.equal((await one.volumes.list(ctx)).length, 2)
  await one.volumes.remove(ctx, db1)
  await assert.rejects(one.volumes.get(ctx, db1), { code: 'VOLUME_NOT_FOUND' })
})

test('an answer of "there is none" serves nobody else', async () => {
  await assert.rejects(one.volumes.get(ctx, name('db2')), { code: 'VOLUME_NOT_FOUND' })
  const volume = one.driver.volumes.get('netappdvp_db1' as ArrayName)!
  const made = { ...volume, name: 'netappdvp_db2' as ArrayName, dockerName: 'db2' }
  one.driver.volumes.set(made.name, made)
  assert.equal((await one.volumes.get(ctx, name('db2'))).name, 'db2')
})
