import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { startElementSimulator } from '../../../src/simulators/element/simulator.ts'

/** Memory, which cannot share blocks between files. */
const MEMORY = '/dev/shm'

test('a directory whose filesystem cannot share blocks is refused with the sentence that says what can', async (t) => {
  const directory = mkdtempSync(join(MEMORY, 'netappdvp-test-'))
  t.after(() => rmSync(directory, { recursive: true, force: true }))
  await assert.rejects(startElementSimulator({ dataPlane: directory }), (error: Error) => {
    assert.match(error.message, /cannot hold volumes: its filesystem does not copy files by sharing their blocks/)
    assert.match(error.message, /Put it on XFS or btrfs\.$/)
    return true
  })
  assert.deepEqual(readdirSync(directory), [])
})
