import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { ARCHITECTURES, NODE_VERSION } from '../../scripts/executable/node-binary.ts'

const root = new URL('../../', import.meta.url)
const manifest = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as {
  optionalDependencies: Record<string, string>
}
const lock = readFileSync(new URL('package-lock.json', root), 'utf8')

for (const arch of ARCHITECTURES)
  test(`the Node of ${arch} that is shipped is the one that is developed and tested with`, () => {
    assert.equal(manifest.optionalDependencies[`node-linux-${arch}`], NODE_VERSION)
    assert.match(
      lock,
      new RegExp(`"node_modules/node-linux-${arch}": {\\s+"version": "${NODE_VERSION}",\\s+"integrity"`),
    )
  })

test('the lock file names no registry', () => {
  assert.doesNotMatch(lock, /"resolved"/)
})

test('tests run on the Node that is shipped', () => {
  assert.equal(process.version, `v${NODE_VERSION}`)
})
