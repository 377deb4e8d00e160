import assert from 'node:assert/strict'
import { stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { hasCode } from '../../src/errors.ts'
import { run } from '../../src/host/command.ts'
import { loopDevices, parseLoopList } from '../../src/host/loop.ts'
import { context, fakePrograms, temporaryDirectory } from './fakes.ts'

const DEVICE = { path: '/dev/loop7', number: '7:7', label: '/dev/loop7 (/srv/db1)' }

test('what losetup lists is read with its padding and escapes undone', () => {
  const line = String.raw`/dev/loop0 \x20\x207:0\x20\x20 \x20\x20\x20\x20\x20254:0\x20\x20 18446744073709551615 /tmp/caf\xc3\xa9\x5c/a\x20(deleted)`
  assert.deepEqual(parseLoopList(`${line}\n`), [
    {
      path: '/dev/loop0',
      number: '7:0',
      fileDevice: '254:0',
      inode: '18446744073709551615',
      file: '/tmp/café\\/a (deleted)',
    },
  ])
})

test('whatever losetup says, nothing is thrown', () => {
  fc.assert(fc.property(fc.string(), (text) => Array.isArray(parseLoopList(text))))
})

test('a file is told by inode and device, not by the name the kernel keeps', async (t) => {
  const path = join(await temporaryDirectory(t), 'db1')
  await writeFile(path, '')
  const { ino, dev } = await stat(path)
  const device = `${(dev >> 8) & 0xfff}:${dev & 0xff}`
  await fakePrograms(t, {
    losetup: {
      stdout: [
        `/dev/loop1 7:1 ${device} ${ino} /renamed/meanwhile`,
        `/dev/loop2 7:2 ${device} ${ino + 1} ${path}`,
        `/dev/loop3 7:3 0:99 ${ino} ${path}`,
        String.raw`/dev/loop4 7:4 0:99 1 ${path}\x20(deleted)`,
      ].join('\n'),
    },
  })
  const found = await loopDevices(run).find(context(), path)
  assert.deepEqual(
    found.map(({ path, deleted }) => ({ path, deleted })),
    [
      { path: '/dev/loop1', deleted: false },
      { path: '/dev/loop4', deleted: true },
    ],
  )
  assert.equal(found[0]!.label, `/dev/loop1 (${path})`)
})

test('a device that is not attached any more counts as let go', async (t) => {
  const stderr = 'losetup: /dev/loop7: detach failed: No such device or address'
  const calls = await fakePrograms(t, { losetup: { exitCode: 1, stderr } })
  await loopDevices(run).letGo(context(), DEVICE)
  assert.deepEqual(await calls('losetup'), ['--detach /dev/loop7'])
})

test('any other fault of letting go is an error with its reason', async (t) => {
  await fakePrograms(t, { losetup: { exitCode: 1, stderr: 'losetup: /dev/loop7: detach failed: Permission denied' } })
  await assert.rejects(loopDevices(run).letGo(context(), DEVICE), (error) => {
    return hasCode(error, 'COMMAND_FAILED') && /let go of .*\/srv\/db1\).*Permission denied/.test(error.message)
  })
})

test('losing the race for the first free device is tried again, and then told', async (t) => {
  const stderr = 'losetup: /srv/db1: failed to set up loop device: Device or resource busy'
  const calls = await fakePrograms(t, { losetup: { exitCode: 1, stderr } })
  await assert.rejects(loopDevices(run).attach(context(), '/srv/db1'), (error) => hasCode(error, 'COMMAND_FAILED'))
  assert.equal((await calls('losetup')).length, 8)
})

test('a fault that trying again does not mend is told at once', async (t) => {
  const stderr = 'losetup: /srv/db1: failed to set up loop device: No such file or directory'
  const calls = await fakePrograms(t, { losetup: { exitCode: 1, stderr } })
  await assert.rejects(loopDevices(run).attach(context(), '/srv/db1'), (error) => {
    return hasCode(error, 'COMMAND_FAILED') && /loop device of \/srv\/db1: .*No such file/.test(error.message)
  })
  assert.deepEqual(await calls('losetup'), ['--find --show --nooverlap -- /srv/db1'])
})
