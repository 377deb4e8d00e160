import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HostError, hasCode } from '../../src/errors.ts'
import { run } from '../../src/host/command.ts'
import { mounter } from '../../src/host/mount.ts'
import { parseMounts } from '../../src/host/mountinfo.ts'
import type { Run } from '../../src/run.ts'
import { context, fakePrograms, temporaryDirectory } from './fakes.ts'

const DEVICE = { path: '/dev/loop7', number: '7:7', label: '/dev/loop7 (/srv/db1)' }
/** Surely mounted, and busy, wherever the tests run. */
const MOUNTED = '/proc'

test('a device is mounted by its type and options, which cannot be taken for flags', async (t) => {
  const calls = await fakePrograms(t, { mount: {} })
  await mounter(run).mount(context(), DEVICE, '/mnt/db1', { type: 'xfs', options: ['nouuid', 'discard'] })
  await mounter(run).mount(context(), DEVICE, '/mnt/db1', { type: 'ext4', options: [] })
  assert.deepEqual(await calls('mount'), [
    '-t xfs -o nouuid,discard -- /dev/loop7 /mnt/db1',
    '-t ext4 -- /dev/loop7 /mnt/db1',
  ])
})

test('a refused mount is an error that quotes the reason', async (t) => {
  await fakePrograms(t, { mount: { exitCode: 32, stderr: 'mount: /mnt/db1: wrong fs type.' } })
  await assert.rejects(
    mounter(run).mount(context(), DEVICE, '/mnt/db1', { type: 'ext4', options: [] }),
    (error) => hasCode(error, 'MOUNT_FAILED') && /\/srv\/db1\) as ext4 .*32\): .*wrong fs type\. /.test(error.message),
  )
})

test('what is not mounted needs no unmount', async (t) => {
  const calls = await fakePrograms(t, { umount: {} })
  await mounter(run).unmount(context(), await temporaryDirectory(t))
  assert.deepEqual(await calls('umount'), [])
})

test('an unmount leaves the mount point itself alone and, when it fails, says who is in the way', async (t) => {
  const calls = await fakePrograms(t, { umount: { exitCode: 32, stderr: 'umount: /proc: target is busy.' } })
  await assert.rejects(mounter(run).unmount(context(), MOUNTED), (error) => {
    return (
      hasCode(error, 'MOUNT_BUSY') && /^Cannot unmount \/proc: umount: \/proc: target is busy\. \S/.test(error.message)
    )
  })
  assert.deepEqual(await calls('umount'), ['--no-canonicalize -- /proc'])
})

test('where nothing is mounted, nothing is frozen or thawed: it would be the filesystem around it', async (t) => {
  const calls = await fakePrograms(t, { fsfreeze: {} })
  const directory = await temporaryDirectory(t)
  await mounter(run).freeze(context(), directory)
  await mounter(run).thaw(context(), directory)
  assert.deepEqual(await calls('fsfreeze'), [])
})

test('freezing what is frozen is fine', async (t) => {
  const stderr = 'fsfreeze: /proc: freeze failed: Device or resource busy'
  const calls = await fakePrograms(t, { fsfreeze: { exitCode: 1, stderr } })
  await mounter(run).freeze(context(), MOUNTED)
  assert.deepEqual(await calls('fsfreeze'), ['--freeze /proc'])
})

test('a freeze that fails leaves nothing frozen', async (t) => {
  const stderr = 'fsfreeze: /proc: freeze failed: Operation not supported'
  const calls = await fakePrograms(t, { fsfreeze: { exitCode: 1, stderr } })
  await assert.rejects(mounter(run).freeze(context(), MOUNTED), (error) => {
    return hasCode(error, 'COMMAND_FAILED') && /Cannot freeze .*Operation not supported\.$/.test(error.message)
  })
  assert.deepEqual(await calls('fsfreeze'), ['--freeze /proc', '--unfreeze /proc'])
})

test('thawing what is not frozen is fine; any other fault is told', async (t) => {
  await fakePrograms(t, { fsfreeze: { exitCode: 1, stderr: 'fsfreeze: /proc: unfreeze failed: Invalid argument' } })
  await mounter(run).thaw(context(), MOUNTED)
  await fakePrograms(t, { fsfreeze: { exitCode: 1, stderr: 'fsfreeze: /proc: unfreeze failed: Not a tty' } })
  await assert.rejects(mounter(run).thaw(context(), MOUNTED), (error) => hasCode(error, 'COMMAND_FAILED'))
})

test('what a file server gives is flushed, but cannot be frozen: nothing is tried', async (t) => {
  const calls = await fakePrograms(t, { sync: {}, fsfreeze: {} })
  const { flush, freeze, thaw } = mounter(run, served)
  await flush(context(), '/volumes/db1')
  await freeze(context(), '/volumes/db1')
  await thaw(context(), '/volumes/db1')
  assert.deepEqual([await calls('sync'), await calls('fsfreeze')], [['--file-system -- /volumes/db1'], []])
})

test('a server that does not take what was written is named', async () => {
  const slow: Run = async () => {
    throw new HostError('COMMAND_TIMEOUT', '"sync" did not end in 30 s and was killed.')
  }
  await assert.rejects(
    mounter(slow, served).flush(context(), '/volumes/db1'),
    (error) =>
      hasCode(error, 'COMMAND_TIMEOUT') &&
      /to \/volumes\/db1: "sync" .* was killed\. 192\.0\.2\.5:\/db1 does not answer; /.test(error.message),
  )
})

async function served() {
  return parseMounts('30 20 0:37 / /volumes/db1 rw shared:9 - nfs4 192.0.2.5:/db1 rw,addr=192.0.2.5')
}
