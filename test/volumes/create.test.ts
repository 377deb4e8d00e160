import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { BackendError } from '../../src/errors.ts'
import type { ArrayName } from '../../src/names.ts'
import { type Bytes, GIB, MIB } from '../../src/units.ts'
import { volumesOf } from '../../src/volumes/volumes.ts'
import { asked, type Instance, instance, MOUNT_ROOT, name } from './instance.ts'

const [db1, db2] = [name('db1'), name('db2')]
const array = 'netappdvp_db1' as ArrayName
const ctx = asked().ctx

let one: Instance
beforeEach(async () => {
  one = await instance()
})
afterEach(() => one.end())

const made = (which = array) => one.driver.volumes.get(which)

test('a volume gets its size, its options, and what was not asked for by default', async () => {
  await one.volumes.create(ctx, db1, { size: '10g', FSTYPE: 'XFS' })
  assert.equal(made()?.size, 10 * GIB)
  assert.deepEqual(made()?.options, { fileSystemType: 'xfs' })
  await one.volumes.create(ctx, db2, {})
  assert.equal(made('netappdvp_db2' as ArrayName)?.size, GIB)
})

test('the config’s defaults stand in for options not given', async () => {
  const other = await instance({ defaults: { size: '5g', fileSystemType: 'ext3' } })
  await other.volumes.create(ctx, db1, {})
  assert.equal(other.driver.volumes.get(array)?.size, 5 * GIB)
  assert.equal(other.driver.volumes.get(array)?.options['fileSystemType'], 'ext3')
  await other.end()
})

test('creating a volume again succeeds when it is what was asked for, and makes no second one', async () => {
  await one.volumes.create(ctx, db1, { size: '10g', fstype: 'xfs' })
  await one.volumes.create(ctx, db1, { size: '10g', fstype: 'xfs' })
  await one.volumes.create(ctx, db1, { size: '10240m' })
  await one.volumes.create(ctx, db1, {})
  assert.equal(one.driver.calls.filter((call) => call === 'create').length, 1)
})

for (const [difference, options, message] of [
  ['size', { size: '11g' }, /its size is 10 GiB, not 11 GiB/],
  ['filesystem', { fstype: 'ext4' }, /its fileSystemType is xfs, not ext4/],
  ['source', { from: 'db2' }, /it is not a clone of "db2"/],
] as const) {
  test(`creating a volume again with another ${difference} is a conflict that says so`, async () => {
    await one.volumes.create(ctx, db1, { size: '10g', fstype: 'xfs' })
    await assert.rejects(one.volumes.create(ctx, db1, options), { code: 'VOLUME_EXISTS', message })
  })
}

test('of many creates at once one makes the volume and all succeed', async () => {
  await Promise.all(Array.from({ length: 20 }, () => one.volumes.create(ctx, db1, { size: '2g' })))
  assert.equal(one.driver.calls.filter((call) => call === 'create').length, 1)
})

test('a create that another host has won succeeds when the winner’s volume fits', async () => {
  one.driver.faults.set('create', new BackendError('ALREADY_EXISTS', 'It is there.'))
  const { create } = one.driver
  one.driver.create = async function (this: typeof one.driver, ...given) {
    await create.call(this, ...given).catch(() => {})
    this.volumes.set(array, { ...this.newVolume(array, 'db1'), size: given[1].size, intent: 'theirs' as never })
    throw new BackendError('ALREADY_EXISTS', 'It is there.')
  }
  await one.volumes.create(ctx, db1, {})
  assert.ok(made(), 'the winner’s volume is left alone')
  assert.equal(made()?.intent, undefined, 'and the winner’s recovery no longer takes it back')
})

test('Docker’s Get just before its Create spares the array a second look', async () => {
  await assert.rejects(one.volumes.get(ctx, db1), { code: 'VOLUME_NOT_FOUND' })
  one.driver.calls.length = 0
  await one.volumes.create(ctx, db1, {})
  assert.deepEqual(one.driver.calls, ['create'])
})

test('a volume that another host made between Docker’s Get and its Create is found, not made twice', async () => {
  await assert.rejects(one.volumes.get(ctx, db1), { code: 'VOLUME_NOT_FOUND' })
  const theirs = { ...one.driver.newVolume(array, 'db1'), intent: 'theirs' as never }
  one.driver.volumes.set(array, theirs)
  one.driver.calls.length = 0
  const refused = one.volumes.create(ctx, db1, { size: '7g' })
  while (!one.driver.calls.includes('find')) await new Promise(setImmediate)
  await one.driver.keep(ctx, theirs)
  await assert.rejects(refused, { code: 'VOLUME_EXISTS' })
  await one.volumes.create(ctx, db1, {})
  assert.equal(one.driver.volumes.size, 1)
})

test('a create that fails leaves nothing on the array and nothing in the journal', async () => {
  one.driver.faults.set('create', new BackendError('FULL', 'No room.'))
  await assert.rejects(one.volumes.create(ctx, db1, {}), { code: 'FULL' })
  assert.equal(one.driver.volumes.size, 0)
  assert.deepEqual(one.parts.journal.intents(), [])
})

test('what a create could not take back is taken back before the name is asked for again', async () => {
  const { create } = one.driver
  one.driver.create = async function (this: typeof one.driver, ...given) {
    await create.call(this, ...given)
    throw new BackendError('FULL', 'No room.')
  }
  one.driver.faults.set('discard', new BackendError('UNREACHABLE', 'The array is away.'))
  await assert.rejects(one.volumes.create(ctx, db1, {}), { code: 'FULL' })
  assert.equal(one.parts.journal.intents().length, 1)

  one.driver.create = create
  await one.volumes.create(ctx, db1, { size: '2g' })
  assert.equal(made()?.size, 2 * GIB)
  assert.deepEqual(one.parts.journal.intents(), [])
})

test('a create cut short by a crash is discarded at start; one that somebody mounted since is kept', async () => {
  for (const mountedSince of [false, true]) {
    const crashed = await instance()
    const never = Promise.withResolvers<void>()
    crashed.driver.holds.set('discard', never.promise)
    crashed.driver.faults.set('create', undefined)
    const { create } = crashed.driver
    crashed.driver.create = async function (this: typeof crashed.driver, ...given) {
      await create.call(this, ...given)
      await never.promise
    }
    void crashed.volumes.create(ctx, db1, {})
    while (!crashed.driver.volumes.has(array)) await new Promise(setImmediate)
    if (mountedSince) await crashed.driver.publish(ctx, array)
    crashed.driver.holds.clear()

    const again = await crashed.restarted()
    assert.equal(again.driver.volumes.has(array), mountedSince)
    assert.deepEqual(again.parts.journal.intents(), [])
    await again.end()
  }
})

for (const [why, options, code] of [
  ['an unknown option', { sise: '1g' }, 'OPTION_UNKNOWN'],
  ['an option given twice', { size: '1g', SIZE: '2g' }, 'OPTION_INVALID'],
  ['an unknown filesystem', { fstype: 'ntfs' }, 'OPTION_INVALID'],
  ['a size below the least', { size: '19m' }, 'SIZE_TOO_SMALL'],
  ['a size that is no size', { size: '1.5G' }, 'OPTION_INVALID'],
  ['a snapshot without its volume', { fromSnapshot: 'monday' }, 'OPTION_INVALID'],
  ['a clone of nothing', { from: '' }, 'OPTION_INVALID'],
  ['a clone of itself', { from: 'db1' }, 'OPTION_INVALID'],
  ['a clone of a name no volume has', { from: '../x' }, 'NAME_INVALID'],
  ['help', { help: '' }, 'OPTION_HELP'],
] as const) {
  test(`${why} is refused and the array is not even asked`, async () => {
    await assert.rejects(one.volumes.create(ctx, db1, options), { code })
    assert.deepEqual(one.driver.calls, [])
  })
}

test('an unknown option names the nearest one and all there are', async () => {
  await assert.rejects(one.volumes.create(ctx, db1, { sise: '1g' }), {
    message:
      /Unknown option "sise" for fake\. Did you mean "size"\? Known: size, from, fromSnapshot, fileSystemType, tier/,
  })
})

test('limitVolumeSize bounds new volumes and clones', async () => {
  const limited = await instance({ limitVolumeSize: (2 * GIB) as Bytes })
  await assert.rejects(limited.volumes.create(ctx, db1, { size: '3g' }), { code: 'SIZE_TOO_LARGE', message: /2 GiB/ })
  await limited.volumes.create(ctx, db1, { size: '2g' })
  await assert.rejects(limited.volumes.create(ctx, db2, { from: 'db1', size: '3g' }), { code: 'SIZE_TOO_LARGE' })
  await limited.end()
})

test('a size is rounded up to what the array makes', async () => {
  await one.volumes.create(ctx, db1, { size: `${20 * MIB + 1}b` })
  assert.equal(made()?.size, 20 * MIB + 4096)
  await one.volumes.create(ctx, db1, { size: `${20 * MIB + 1}b` })
})

test('a clone takes its source’s size unless it asks for more', async () => {
  await one.volumes.create(ctx, db1, { size: '3g', fstype: 'xfs' })
  await one.volumes.create(ctx, db2, { from: 'db1' })
  assert.equal(made('netappdvp_db2' as ArrayName)?.size, 3 * GIB)
  await one.volumes.create(ctx, name('db3'), { from: 'db1', size: '4g' })
  assert.equal(made('netappdvp_db3' as ArrayName)?.size, 4 * GIB)
  await assert.rejects(one.volumes.create(ctx, name('db4'), { from: 'db1', size: '2g' }), { code: 'SIZE_TOO_SMALL' })
  await assert.rejects(one.volumes.create(ctx, name('db4'), { from: 'db1', fstype: 'ext4' }), {
    code: 'OPTION_INVALID',
  })
})

test('a clone of a missing volume or snapshot names what is missing', async () => {
  await assert.rejects(one.volumes.create(ctx, db2, { from: 'db1' }), { code: 'VOLUME_NOT_FOUND', message: /"db1"/ })
  await one.volumes.create(ctx, db1, {})
  await one.volumes.createSnapshot(ctx, db1, 'monday')
  await assert.rejects(one.volumes.create(ctx, db2, { from: 'db1', fromSnapshot: 'sunday' }), {
    code: 'SNAPSHOT_NOT_FOUND',
    message: /It has: monday/,
  })
  await one.volumes.create(ctx, db2, { from: 'db1', fromSnapshot: 'monday' })
})

test('a source in use stands still while it is copied, and only then', async () => {
  await one.volumes.create(ctx, db1, {})
  await one.volumes.create(ctx, name('before'), { from: 'db1' })
  assert.ok(!one.host.calls.includes('freeze'))

  await one.volumes.mount(ctx, db1, 'x')
  one.host.calls.length = 0
  await one.volumes.create(ctx, db2, { from: 'db1' })
  assert.deepEqual(one.host.calls, ['freeze', 'thaw'])

  one.driver.faults.set('clone', new BackendError('FULL', 'No room.'))
  await assert.rejects(one.volumes.create(ctx, name('db3'), { from: 'db1' }), { code: 'FULL' })
  assert.equal(one.host.frozen.size, 0)
})

test('a crash while a source stands still is mended at start: containers write again', async () => {
  await one.volumes.create(ctx, db1, {})
  await one.volumes.mount(ctx, db1, 'x')
  one.driver.holds.set('clone', new Promise(() => {}))
  void one.volumes.create(ctx, db2, { from: 'db1' })
  while (!one.driver.calls.includes('clone')) await new Promise(setImmediate)
  assert.ok(one.host.frozen.has(`${MOUNT_ROOT}/netappdvp_db1`))

  one.driver.holds.clear()
  const again = await one.restarted()
  assert.equal(again.host.frozen.size, 0)
  await again.volumes.create(ctx, db2, { from: 'db1' })
})

test('an array that copies at an instant is asked once the source’s writes have been flushed; nothing stands still', async () => {
  const definition = { ...one.parts.definition, copiesNeedQuiet: false }
  const volumes = volumesOf({ ...one.parts, definition })
  await volumes.create(ctx, db2, {})
  await volumes.mount(ctx, db2, 'x')
  one.host.calls.length = 0
  await volumes.create(ctx, db1, { from: 'db2' })
  await volumes.createSnapshot(ctx, db2, 'monday')
  assert.deepEqual(one.host.calls, ['flush', 'flush'])
})
