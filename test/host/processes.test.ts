import assert from 'node:assert/strict'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { processesUsing } from '../../src/host/processes.ts'
import { temporaryDirectory } from './fakes.ts'

test('a process with a file open below a directory is found by number and name', async (t) => {
  const directory = await temporaryDirectory(t)
  await using _file = await open(join(directory, 'data'), 'w')
  const found = await processesUsing(directory)
  assert.deepEqual(
    found.map(({ pid }) => pid),
    [process.pid],
  )
  assert.match(found[0]!.name, /\S/)
})

test('a directory whose name only begins alike is not used', async (t) => {
  const directory = await temporaryDirectory(t)
  await using _file = await open(`${directory}/data`, 'w')
  assert.deepEqual(await processesUsing(directory.slice(0, -1)), [])
})

test('no more processes are named than asked for', async () => {
  assert.ok((await processesUsing('/', 1)).length <= 1)
})
