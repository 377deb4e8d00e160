import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { BackendError, HostError } from '../../src/errors.ts'
import type { ArrayName } from '../../src/names.ts'
import { releaseLost } from '../../src/volumes/release-lost.ts'
import type { MountIntent } from '../../src/volumes/state/journal.ts'
import { asked, type Instance, instance, MOUNT_ROOT, name } from './instance.ts'

const db1 = name('db1')
const array = 'netappdvp_db1' as ArrayName
const mountpoint = `${MOUNT_ROOT}/netappdvp_db1`
const ctx = asked().ctx

let one: Instance
beforeEach(async () => {
  one = await instance()
  await one.volumes.create(ctx, db1, {})
})
afterEach(() => one.end())

const isMounted = (of = one) => of.host.mounted.has(mountpoint)

/** Mounts as Docker does: and the answer arrives. */
async function mount(id: string, of = one) {
  const { ctx: its } = asked()
  const at = await of.volumes.mount(its, db1, id)
  await of.volumes.answered(its, db1, id)
  return at
}

test('the first mount formats once, records each stage before the next, and says where', async () => {
  assert.equal(await mount('x'), mountpoint)
  const stages = [...one.driver.calls, ...one.host.calls].filter((call) => /noteFormat|format|attach|prove/i.test(call))
  assert.deepEqual(stages, ['noteFormat formatting', 'noteFormat ready', 'proveFormattable', 'format', 'attach'])
  await one.volumes.unmount(ctx, db1, 'x')
  await mount('y')
  assert.equal(one.host.formatted.length, 1)
})

test('a second container joins the mount; the volume goes when the last one leaves', async () => {
  await mount('x')
  await mount('y')
  assert.equal(one.host.calls.filter((call) => call === 'attach').length, 1)
  await one.volumes.unmount(ctx, db1, 'x')
  assert.ok(isMounted())
  await one.volumes.unmount(ctx, db1, 'y')
  assert.ok(!isMounted())
  assert.ok(!one.driver.published.has(array))
})

test('docker cp: the container’s own ID mounts and unmounts again, and the container keeps its volume', async () => {
  await mount('x')
  one.host.heldElsewhere.add(mountpoint)
  await mount('x')
  await one.volumes.unmount(ctx, db1, 'x')
  assert.ok(isMounted())
  await one.volumes.unmount(ctx, db1, 'x')
  assert.ok(!isMounted())
})

test('an ID that comes again though no container has the volume has missed its unmount, and counts once', async () => {
  await mount('x')
  await mount('x')
  await one.volumes.unmount(ctx, db1, 'x')
  assert.ok(!isMounted())
})

test('a second unmount by the same container, or one of an unknown container, changes nothing', async () => {
  await mount('x')
  await one.volumes.unmount(ctx, db1, 'unknown')
  assert.ok(isMounted())
  await one.volumes.unmount(ctx, db1, 'x')
  await one.volumes.unmount(ctx, db1, 'x')
  assert.ok(!isMounted())
})

test('a volume nobody made cannot be mounted, and leaves nothing behind', async () => {
  await assert.rejects(one.volumes.mount(ctx, name('none'), 'x'), { code: 'VOLUME_NOT_FOUND' })
  assert.deepEqual(one.parts.journal.intents(), [])
})

for (const [where, step] of [
  ['driver', 'publish'],
  ['host', 'proveFormattable'],
  ['driver', 'noteFormat formatting'],
  ['host', 'format'],
  ['driver', 'noteFormat ready'],
  ['host', 'attach'],
] as const) {
  test(`a mount that fails at ${step} is taken back whole, and the next one succeeds`, async () => {
    one[where].faults.set(step, new HostError('COMMAND_FAILED', 'It broke.'))
    await assert.rejects(mount('x'), { code: 'COMMAND_FAILED' })
    assert.ok(!isMounted())
    assert.ok(!one.driver.published.has(array))
    assert.deepEqual(one.parts.journal.intents(), [])
    assert.deepEqual(one.parts.mounts.names(), [])
    assert.equal(await mount('x'), mountpoint)
  })
}

test('a mount that fails after the volume is there is taken from its path, too', async () => {
  const { attach } = one.host
  one.host.attach = async function (this: typeof one.host, ...given) {
    await attach.call(this, ...given)
    throw new HostError('COMMAND_FAILED', 'It broke half-way.')
  }
  await assert.rejects(mount('x'), { code: 'COMMAND_FAILED' })
  assert.ok(!isMounted())
  assert.ok(!one.driver.published.has(array))
})

test('a crash just after a mount was complete leaves it as it is', async () => {
  await mount('x')
  const { publication } = one.parts.mounts.get(db1)!
  await one.parts.journal.begin<MountIntent>({ verb: 'mount', name: db1, array, mountpoint, publication })
  const again = await one.restarted()
  assert.ok(isMounted(again))
  assert.ok(again.driver.published.has(array))
  assert.deepEqual(again.parts.journal.intents(), [])
})

test('a volume that cannot be unmounted stays within reach: what was written to it still has to get there', async () => {
  await mount('x')
  one.host.faults.set('detach', new HostError('MOUNT_BUSY', 'It is busy.'))
  await assert.rejects(one.volumes.unmount(ctx, db1, 'x'), { code: 'MOUNT_BUSY' })
  assert.ok(one.driver.published.has(array))
})

test('an unmount that is not the last one asks nothing of the array, which may be away', async () => {
  await mount('x')
  await mount('y')
  const away = new BackendError('UNREACHABLE', 'The array is away.')
  one.driver.faults.set('snapshots.create', away)
  one.driver.faults.set('discard', away)
  await assert.rejects(one.volumes.createSnapshot(ctx, db1, 'monday'), { code: 'UNREACHABLE' })
  one.driver.faults.set('discard', away)
  await one.volumes.unmount(ctx, db1, 'x')
  assert.ok(isMounted())
})

test('what cannot be taken back at once is taken back by the volume’s next verb', async () => {
  one.host.faults.set('attach', new HostError('COMMAND_FAILED', 'It broke.'))
  one.driver.faults.set('unpublish', new BackendError('UNREACHABLE', 'The array is away.'))
  await assert.rejects(mount('x'), { code: 'COMMAND_FAILED' })
  assert.equal(one.parts.journal.intents().length, 1)
  await mount('x')
  assert.deepEqual(one.parts.journal.intents(), [])
})

test('an unmount that fails is reported, and finished when Docker asks again', async () => {
  await mount('x')
  one.host.faults.set('detach', new HostError('MOUNT_BUSY', 'It is busy.'))
  await assert.rejects(one.volumes.unmount(ctx, db1, 'x'), { code: 'MOUNT_BUSY' })
  await one.volumes.unmount(ctx, db1, 'x')
  assert.ok(!isMounted())
  assert.deepEqual(one.parts.journal.intents(), [])
})

test('a container may join a mount whose unmount fails, which is void from then on, also after a crash', async () => {
  await mount('x')
  one.host.faults.set('detach', new HostError('MOUNT_BUSY', 'It is busy.'))
  await assert.rejects(one.volumes.unmount(ctx, db1, 'x'), { code: 'MOUNT_BUSY' })
  one.host.faults.set('detach', new HostError('MOUNT_BUSY', 'It is busy still.'))
  await mount('y')
  const again = await one.restarted()
  assert.ok(isMounted(again))
  await again.volumes.unmount(ctx, db1, 'y')
  assert.ok(!isMounted(again))
})

test('what is left of an unmount that failed goes before the volume is mounted anew, for it may have been replaced', async () => {
  await mount('x')
  one.host.faults.set('detach', new HostError('MOUNT_BUSY', 'It is busy.'))
  await assert.rejects(one.volumes.unmount(ctx, db1, 'x'), { code: 'MOUNT_BUSY' })
  await mount('y')
  assert.deepEqual(
    one.host.calls.filter((call) => /tach$/.test(call)),
    ['attach', 'detach', 'detach', 'attach'],
  )
  assert.deepEqual(one.parts.journal.intents(), [])
})

test('after a crash the mounts are still counted; after a reboot none is', async () => {
  await mount('x')
  await mount('y')
  const crashed = await one.restarted()
  await crashed.volumes.unmount(ctx, db1, 'x')
  assert.ok(isMounted(crashed))

  crashed.host.mounted.clear()
  const rebooted = await crashed.restarted('boot-2')
  assert.deepEqual(rebooted.parts.mounts.names(), [])
  assert.ok(!rebooted.driver.published.has(array), 'what the earlier boot published is taken back')
})

test('claims of an earlier boot hold nothing, even if the volume has been mounted by others since', async () => {
  await mount('x')
  const rebooted = await one.restarted('boot-2')
  assert.deepEqual(rebooted.parts.mounts.names(), [])
})

test('a mount that is gone from the kernel’s table is dropped from ours at start', async () => {
  await mount('x')
  one.host.mounted.clear()
  const again = await one.restarted()
  assert.deepEqual(again.parts.mounts.names(), [])
  assert.ok(!again.driver.published.has(array))
})

test('a mount somebody unmounted by hand is mounted again for the next container, which joins the others', async () => {
  await mount('x')
  one.host.mounted.clear()
  await mount('y')
  assert.ok(isMounted())
  await one.volumes.unmount(ctx, db1, 'y')
  assert.ok(isMounted())
  await one.volumes.unmount(ctx, db1, 'x')
  assert.ok(!isMounted())
})

test('a mount whose answer was lost is taken over by Docker’s repeat, and counted once', async () => {
  const first = asked()
  await one.volumes.mount(first.ctx, db1, 'x')
  first.leave()
  await mount('x')
  await one.volumes.unmount(ctx, db1, 'x')
  assert.ok(!isMounted())
})

test('two mounts under way for one ID are two: only a lost answer is taken over', async () => {
  one.host.heldElsewhere.add(mountpoint)
  const [first, second] = [asked(), asked()]
  await Promise.all([one.volumes.mount(first.ctx, db1, 'x'), one.volumes.mount(second.ctx, db1, 'x')])
  await one.volumes.unmount(ctx, db1, 'x')
  assert.ok(isMounted())
})

test('a mount whose answer was lost and never asked for again is released after a while', async () => {
  const first = asked()
  await one.volumes.mount(first.ctx, db1, 'x')
  first.leave()
  await releaseLost(one.parts, ctx)
  assert.ok(isMounted(), 'not at once')
  await releaseLost(one.parts, ctx, -1)
  assert.ok(!isMounted())
})

test('a mount that was answered is never released by itself', async () => {
  await mount('x')
  await releaseLost(one.parts, ctx, -1)
  assert.ok(isMounted())
})

test('after a crash between mount and answer, a container that runs keeps its volume, also through a docker cp', async () => {
  await one.volumes.mount(asked().ctx, db1, 'x')
  const again = await one.restarted()
  again.host.heldElsewhere.add(mountpoint)
  await releaseLost(again.parts, ctx, -1)
  await mount('x', again)
  await again.volumes.unmount(ctx, db1, 'x')
  await releaseLost(again.parts, ctx, -1)
  assert.ok(isMounted(again))

  again.host.heldElsewhere.clear()
  await again.volumes.unmount(ctx, db1, 'x')
  assert.ok(!isMounted(again))
})

test('after a crash between mount and answer, a volume no container holds is released', async () => {
  await one.volumes.mount(asked().ctx, db1, 'x')
  const again = await one.restarted()
  await releaseLost(again.parts, ctx, -1)
  assert.ok(!isMounted(again))
})

test('after a crash between mount and answer, the repeated mount and one unmount leave nothing', async () => {
  await one.volumes.mount(asked().ctx, db1, 'x')
  const again = await one.restarted()
  await mount('x', again)
  await again.volumes.unmount(ctx, db1, 'x')
  assert.ok(!isMounted(again))
})

test('a claim in doubt since a crash does not outlive the other containers', async () => {
  await one.volumes.mount(asked().ctx, db1, 'never-ran')
  const again = await one.restarted()
  await mount('a', again)
  again.host.heldElsewhere.add(mountpoint)
  await releaseLost(again.parts, ctx, -1)
  again.host.heldElsewhere.clear()
  await again.volumes.unmount(ctx, db1, 'a')
  assert.ok(!isMounted(again))
})

test('a docker cp whose answer was lost does not cost its container the volume, with or without an unmount for it', async () => {
  for (const unmounts of [false, true]) {
    await mount('x')
    one.host.heldElsewhere.add(mountpoint)
    const cp = asked()
    await one.volumes.mount(cp.ctx, db1, 'x')
    cp.leave()
    if (unmounts) await one.volumes.unmount(ctx, db1, 'x')
    await releaseLost(one.parts, ctx, -1)
    assert.ok(isMounted())
    one.host.heldElsewhere.clear()
    await one.volumes.unmount(ctx, db1, 'x')
    assert.ok(!isMounted())
  }
})

test('an unmount is done even if Docker stopped waiting before its turn came', async () => {
  await mount('x')
  const copying = Promise.withResolvers<void>()
  one.driver.holds.set('clone', copying.promise)
  const clone = one.volumes.create(ctx, name('db2'), { from: 'db1' })
  while (!one.driver.calls.includes('clone')) await new Promise(setImmediate)
  const { ctx: its, leave } = asked()
  const unmounting = one.volumes.unmount(its, db1, 'x')
  leave()
  copying.resolve()
  await Promise.all([clone, unmounting])
  assert.ok(!isMounted())
})

test('a mount that is not on record, as when the record was lost, goes with the unmount of its last container', async () => {
  await mount('x')
  await one.parts.mounts.end(db1)
  one.host.heldElsewhere.add(mountpoint)
  await one.volumes.unmount(ctx, db1, 'x')
  assert.ok(isMounted())
  await assert.rejects(one.volumes.remove(ctx, db1), { code: 'VOLUME_IN_USE', message: /not on record/ })
  one.host.heldElsewhere.clear()
  await one.volumes.unmount(ctx, db1, 'x')
  assert.ok(!isMounted())
})

test('what is mounted in the place of a volume that is not on record stays when that is unmounted', async () => {
  await mount('x')
  await one.parts.mounts.end(db1)
  one.host.mounted.set(mountpoint, { ...one.host.mounted.get(mountpoint)!, path: '/fake/other' } as never)
  await one.volumes.unmount(ctx, db1, 'x')
  assert.ok(isMounted())
})

test('what is mounted in the volume’s place is not taken for the volume', async () => {
  await mount('x')
  const other = { ...one.host.mounted.get(mountpoint)!, path: '/fake/other' }
  one.host.mounted.set(mountpoint, other)
  one.host.faults.set('attach', new HostError('STALE_MOUNT', 'Something else is mounted there.'))
  await assert.rejects(mount('y'), { code: 'STALE_MOUNT' })
})

test('a lost mount does not keep its volume from being removed', async () => {
  const first = asked()
  await one.volumes.mount(first.ctx, db1, 'x')
  first.leave()
  await one.volumes.remove(ctx, db1)
  assert.equal(one.driver.volumes.size, 0)
})

test('a device that something else kept after an unmount is no hindrance to the next mount', async () => {
  await one.volumes.mount(ctx, db1, 'x')
  one.host.faults.set('detach', new HostError('DEVICE_IN_USE', 'Another namespace has it.'))
  await assert.rejects(one.volumes.unmount(ctx, db1, 'x'), { code: 'DEVICE_IN_USE' })
  one.host.faults.set('detach', new HostError('DEVICE_IN_USE', 'Another namespace has it.'))
  one.host.mounted.clear()
  await one.volumes.mount(ctx, db1, 'y')
  assert.equal(one.host.mounted.size, 1)
  assert.deepEqual(one.parts.journal.intents(), [])
  await one.volumes.unmount(ctx, db1, 'y')
  assert.equal(one.host.mounted.size, 0)
})
