import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { drivers } from '../../src/drivers/registry.ts'
import { root } from './tree.ts'

const names = Object.keys(drivers).sort()

test('each driver’s folder has a line in the registry, and the other way round', () => {
  const folders = readdirSync(join(root, 'src/drivers')).filter((name) =>
    existsSync(join(root, 'src/drivers', name, 'driver.ts')),
  )
  assert.deepEqual(folders.sort(), names)
})

test('each driver has an example config and a published schema', () => {
  assert.deepEqual(named(/^(.+)\.example\.json$/), names)
  assert.deepEqual(named(/^(.+)\.schema\.json$/), names)
})

test('each driver has tests that hold it to the contract', () => {
  for (const name of names) assert.ok(existsSync(join(root, 'test/drivers', name, 'driver.test.ts')), name)
})

function named(pattern: RegExp): readonly string[] {
  const files = readdirSync(join(root, 'etc-netappdvp'))
  return files.flatMap((file) => pattern.exec(file)?.[1] ?? []).sort()
}
