import assert from 'node:assert/strict'
import { mkdir, readdir, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { hasCode } from '../../src/errors.ts'
import { ensureMountPoint, removeMountPoint } from '../../src/host/mount-point.ts'
import { context, rememberingLog, temporaryDirectory } from './fakes.ts'

test('a mount point is made with the directories above it, all of mode 0755', async (t) => {
  const root = await temporaryDirectory(t)
  await ensureMountPoint(join(root, 'a/b/db1'))
  for (const path of ['a', 'a/b', 'a/b/db1']) {
    assert.equal((await stat(join(root, path))).mode & 0o777, 0o755 & ~process.umask())
  }
})

test('one that exists is fine, whatever it holds', async (t) => {
  const root = await temporaryDirectory(t)
  await writeFile(join(root, 'file'), '')
  await ensureMountPoint(root)
  assert.deepEqual(await readdir(root), ['file'])
})

test('many volumes may make the directories they share at once', async (t) => {
  const root = await temporaryDirectory(t)
  const names = Array.from({ length: 20 }, (_, index) => `db${index}`)
  await Promise.all(names.map((name) => ensureMountPoint(join(root, 'a/b/c', name))))
  assert.equal((await readdir(join(root, 'a/b/c'))).length, 20)
})

test('a symbolic link is refused, at the mount point and above it, and nothing is made behind it', async (t) => {
  const root = await temporaryDirectory(t)
  await mkdir(join(root, 'real'))
  await symlink(join(root, 'real'), join(root, 'link'))
  for (const path of ['link', 'link/db1']) {
    await assert.rejects(ensureMountPoint(join(root, path)), (error) => {
      return hasCode(error, 'PATH_INVALID') && error.message.includes(`${join(root, 'link')} is a symbolic link`)
    })
  }
  assert.deepEqual(await readdir(join(root, 'real')), [])
})

test('a dangling link and a file are refused', async (t) => {
  const root = await temporaryDirectory(t)
  await symlink(join(root, 'nowhere'), join(root, 'dangling'))
  await writeFile(join(root, 'file'), '')
  for (const path of ['dangling', 'file', 'file/db1']) {
    await assert.rejects(ensureMountPoint(join(root, path)), (error) => hasCode(error, 'PATH_INVALID'))
  }
})

test('a path that is relative, roundabout or too long is refused', async () => {
  for (const path of ['db1', '/tmp/../tmp/db1', '/tmp//db1', '/tmp/db1/', `/tmp/${'x'.repeat(256)}`]) {
    await assert.rejects(ensureMountPoint(path), (error) => hasCode(error, 'PATH_INVALID'))
  }
})

test('where nothing can be written, that is said', async () => {
  await assert.rejects(ensureMountPoint('/proc/netappdvp/db1'), (error) => hasCode(error, 'STATE_UNWRITABLE'))
})

test('a mount point is removed once, and removing it again is fine', async (t) => {
  const path = join(await temporaryDirectory(t), 'db1')
  await mkdir(path)
  await removeMountPoint(context(), path)
  await removeMountPoint(context(), path)
  await assert.rejects(stat(path), /ENOENT/)
})

test('what somebody put into an unused mount point stays, with a warning', async (t) => {
  const path = await temporaryDirectory(t)
  await writeFile(join(path, 'precious'), 'x')
  const { log, lines } = rememberingLog()
  await removeMountPoint(context(log), path)
  assert.deepEqual(await readdir(path), ['precious'])
  assert.deepEqual(
    lines.map(({ level, fields }) => [level, fields['path']]),
    [['warn', path]],
  )
})
