import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import {
  linkObject,
  makeObject,
  namesIn,
  removeObject,
  setAttribute,
  unlinkObject,
} from '../../../src/simulators/data-plane/configfs.ts'

function place(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'netappdvp-test-'))
  t.after(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

test('making and removing may be repeated', async (t) => {
  const path = join(place(t), 'object')
  for (const _ of [1, 2]) await makeObject(path)
  for (const _ of [1, 2]) await linkObject(path, `${path}-link`)
  assert.deepEqual(await namesIn(path), [])
  for (const _ of [1, 2]) await unlinkObject(`${path}-link`)
  for (const _ of [1, 2]) await removeObject(path)
  assert.ok(!existsSync(path))
  assert.deepEqual(await namesIn(path), [])
})

test('an attribute is written without a line’s end, and never made', async (t) => {
  const path = join(place(t), 'password')
  await assert.rejects(setAttribute(path, 'secretsecret'), (error: Error) => {
    assert.match(error.message, /^Cannot set .*password: ENOENT\. The kernel may be too old/)
    assert.doesNotMatch(error.message, /secretsecret/)
    return true
  })
  writeFileSync(path, '')
  await setAttribute(path, 'secretsecret')
  assert.equal(readFileSync(path, 'utf8'), 'secretsecret')
})

test('what the kernel refuses is told with the path', async (t) => {
  const directory = place(t)
  writeFileSync(join(directory, 'full'), '')
  await assert.rejects(removeObject(directory), /^Error: Cannot remove .*: ENOTEMPTY\. See "dmesg"\.$/)
})
