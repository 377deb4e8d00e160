import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { hasCode } from '../../src/errors.ts'
import { run } from '../../src/host/command.ts'
import { filesystems, parseBlkid } from '../../src/host/filesystem.ts'
import { context, fakePrograms, rememberingLog } from './fakes.ts'

const tool = filesystems(run)
const DEVICE = { path: '/dev/loop7', number: '7:7', label: '/dev/loop7 (/srv/db1)' }
const UUID = '0f1e2d3c-4b5a-4697-8877-665544332211'

test('blkid is asked to look at the device itself, not into its cache', async (t) => {
  const calls = await fakePrograms(t, { blkid: { stdout: `DEVNAME=/dev/loop7\nUUID=${UUID}\nTYPE=ext4\n` } })
  assert.deepEqual(await tool.identify(context(), DEVICE), { type: 'ext4', uuid: UUID, ambivalent: false })
  assert.deepEqual(await calls('blkid'), ['-p -o export -- /dev/loop7'])
})

test('exit code 2 of blkid means that it knows nothing there', async (t) => {
  await fakePrograms(t, { blkid: { exitCode: 2 } })
  assert.equal(await tool.identify(context(), DEVICE), undefined)
})

test('exit code 8 of blkid means that something is there, though not what', async (t) => {
  await fakePrograms(t, { blkid: { exitCode: 8, stderr: 'blkid: ambivalent result detected on /dev/loop7' } })
  assert.deepEqual(await tool.identify(context(), DEVICE), { ambivalent: true })
})

for (const exitCode of [1, 4, 64]) {
  test(`exit code ${exitCode} of blkid is a fault, not an answer`, async (t) => {
    await fakePrograms(t, { blkid: { exitCode, stderr: 'usage' } })
    await assert.rejects(tool.identify(context(), DEVICE), (error) => hasCode(error, 'COMMAND_FAILED'))
  })
}

test('a partition table alone is something, and its name is not taken for a filesystem', () => {
  assert.deepEqual(parseBlkid('DEVNAME=/dev/sdb\nPTUUID=1\nPTTYPE=gpt\n'), { partitionTable: 'gpt' })
  assert.deepEqual(parseBlkid('SEC_TYPE=ext2\nTYPE=ext3\nUUID_SUB=x\n'), { type: 'ext3' })
})

test('whatever blkid says, nothing is thrown', () => {
  fc.assert(fc.property(fc.string(), (text) => typeof parseBlkid(text) === 'object'))
})

test('no filesystem is ever forced or discarded as it is made', async (t) => {
  const calls = await fakePrograms(t, { 'mkfs.ext3': {}, 'mkfs.ext4': {}, 'mkfs.xfs': {} })
  for (const type of ['ext3', 'ext4', 'xfs'] as const) await tool.make(context(), DEVICE, type, UUID)
  assert.deepEqual(await calls('mkfs.ext3'), [`-q -E nodiscard -U ${UUID} /dev/loop7`])
  assert.deepEqual(await calls('mkfs.ext4'), [`-q -E nodiscard -U ${UUID} /dev/loop7`])
  assert.deepEqual(await calls('mkfs.xfs'), [`-q -K -m uuid=${UUID} /dev/loop7`])
})

test('erasing takes the signature of one kind of filesystem only', async (t) => {
  const calls = await fakePrograms(t, { wipefs: {} })
  await tool.erase(context(), DEVICE, 'xfs')
  assert.deepEqual(await calls('wipefs'), ['--all --types xfs -- /dev/loop7'])
})

test('a check that finds nothing says nothing', async (t) => {
  const { log, lines } = rememberingLog()
  const calls = await fakePrograms(t, { e2fsck: {} })
  await tool.check(context(log), DEVICE, 'ext4')
  assert.deepEqual(await calls('e2fsck'), ['-p /dev/loop7'])
  assert.deepEqual(
    lines.filter(({ level }) => level !== 'debug'),
    [],
  )
})

for (const exitCode of [1, 2, 3]) {
  test(`a check that mended the filesystem (${exitCode}) is a warning with its words`, async (t) => {
    const { log, lines } = rememberingLog()
    await fakePrograms(t, { e2fsck: { exitCode, stdout: '/dev/loop7: Inode 12 fixed.' } })
    await tool.check(context(log), DEVICE, 'ext3')
    const warnings = lines.filter(({ level }) => level === 'warn')
    assert.deepEqual(warnings[0]!.fields, { device: DEVICE.label, words: '/dev/loop7: Inode 12 fixed' })
  })
}

for (const exitCode of [4, 8, 12, 32]) {
  test(`a check that leaves faults (${exitCode}) refuses the filesystem, with words and advice`, async (t) => {
    await fakePrograms(t, { e2fsck: { exitCode, stdout: 'UNEXPECTED INCONSISTENCY; RUN fsck MANUALLY.' } })
    await assert.rejects(tool.check(context(), DEVICE, 'ext4'), (error) => {
      assert.ok(hasCode(error, 'FILESYSTEM_DAMAGED'))
      assert.match(error.message, /\/srv\/db1.*exit code \d+.*RUN fsck MANUALLY\. .*by hand with "e2fsck -f"\.$/)
      return true
    })
  })
}

test('xfs is left to replay its own log', async (t) => {
  const calls = await fakePrograms(t, { e2fsck: {}, xfs_repair: {} })
  await tool.check(context(), DEVICE, 'xfs')
  assert.deepEqual([...(await calls('e2fsck')), ...(await calls('xfs_repair'))], [])
})

test('a filesystem is sound only when its checker says so', async (t) => {
  await fakePrograms(t, { e2fsck: { exitCode: 4 }, xfs_repair: {} })
  assert.equal(await tool.isSound(context(), DEVICE, 'ext4'), false)
  assert.equal(await tool.isSound(context(), DEVICE, 'xfs'), true)
})

test('ext grows by its device, xfs by its mount point', async (t) => {
  const calls = await fakePrograms(t, { resize2fs: {}, xfs_growfs: {} })
  await tool.grow(context(), DEVICE, 'ext3', '/mnt/db1')
  await tool.grow(context(), DEVICE, 'xfs', '/mnt/db1')
  assert.deepEqual(await calls('resize2fs'), ['/dev/loop7'])
  assert.deepEqual(await calls('xfs_growfs'), ['-d /mnt/db1'])
})
