import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { generated } from '../../scripts/docs/generated.ts'
import { FLAG_KINDS } from '../../src/cli/options.ts'
import { read, root } from './tree.ts'

for (const [path, text] of generated(root)) {
  test(`${path} says what the code says`, () => {
    assert.equal(read(path), text, `${path} is stale: run "npm run docs"`)
  })
}

test('the README’s links lead to files that are there', () => {
  for (const [, target = ''] of read('README.md').matchAll(/\]\((?!http|#)([^)#]+)/g)) {
    assert.ok(existsSync(join(root, target)), target)
  }
})

test('the README gives the executable only flags that it has', () => {
  const lines = read('README.md')
    .split('\n')
    .filter((line) => /netappdvp .*--/.test(line) && !/systemctl|docker |journalctl|npm /.test(line))
  for (const line of lines) {
    for (const [, flag = ''] of line.matchAll(/(?<=\s|`)--([a-z-]+)/g)) assert.ok(FLAG_KINDS.has(flag), line)
  }
})

test('the change log has the version of package.json on top', () => {
  const { version } = JSON.parse(read('package.json')) as { readonly version: string }
  assert.equal(/^## \[(.+?)\]/m.exec(read('CHANGELOG.md'))?.[1], version)
})
