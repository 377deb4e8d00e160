import assert from 'node:assert/strict'
import { chmod, mkdir, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { ensureDirectory, ensurePrivateDirectory } from '../../src/daemon/paths.ts'
import { temporaryDirectory } from '../host/fakes.ts'

const modeOf = async (path: string) => ((await stat(path)).mode & 0o777).toString(8)

test('a state directory that lets others in is closed to them; one that is closed already stays as it is', async (t) => {
  for (const [found, left] of [
    [undefined, '700'],
    [0o755, '700'],
    [0o770, '700'],
    [0o500, '500'],
  ] as const) {
    const path = join(await temporaryDirectory(t), 'state')
    if (found !== undefined) {
      await mkdir(path)
      await chmod(path, found)
    }
    await ensurePrivateDirectory(path)
    assert.equal(await modeOf(path), left)
  }
})

test('a directory that others share keeps its mode', async (t) => {
  const path = join(await temporaryDirectory(t), 'plugins')
  await mkdir(path)
  await chmod(path, 0o775)
  await ensureDirectory(path, 0o755)
  assert.equal(await modeOf(path), '775')
})

test('what is no directory is left as it is, and named', async (t) => {
  const root = await temporaryDirectory(t)
  await mkdir(join(root, 'real'), { mode: 0o755 })
  await symlink(join(root, 'real'), join(root, 'link'))
  await writeFile(join(root, 'file'), '')
  for (const [name, kind] of [
    ['link', 'a symbolic link'],
    ['file', 'not a directory'],
    ['file/below', 'below something that is not a directory'],
  ] as const) {
    await assert.rejects(ensurePrivateDirectory(join(root, name)), {
      code: 'PATH_INVALID',
      message: new RegExp(`it is ${kind}\\.`),
    })
  }
  assert.equal(await modeOf(join(root, 'real')), '755')
})
