import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { generated, LIKE } from '../../scripts/docs/generated.ts'
import { FLAG_KINDS } from '../../src/cli/options.ts'
import { settingsOf } from '../../src/config/schema.ts'
import { drivers } from '../../src/drivers/registry.ts'
import { read, root } from './tree.ts'

for (const [path, text] of generated(root)) {
  test(`${path} says what the code says`, () => {
    assert.equal(read(path), text, `${path} is stale: run "npm run docs"`)
  })
}

test('a driver that the README likens to another takes all that the other has', () => {
  for (const [name, like] of Object.entries(LIKE)) {
    const [own, other] = [drivers[name]!, drivers[like]!]
    const taken = [settingsOf(name, own), own.options].flatMap(Object.keys)
    const had = [settingsOf(like, other), other.options].flatMap(Object.entries)
    for (const [word, { inert }] of had)
      assert.ok(inert !== undefined || taken.includes(word), `${name} has no ${word}`)
  }
})

test('the README’s links lead to files that are there', () => {
  for (const [, target = ''] of read('README.md').matchAll(/\]\((?!http|#)([^)#]+)/g)) {
    assert.ok(existsSync(join(root, target)), target)
  }
})

test('the README’s links to its own parts lead there', () => {
  const text = read('README.md')
  const anchors = [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchorOf(heading))
  for (const [, target = ''] of text.matchAll(/\]\(#([^)]+)\)/g)) assert.ok(anchors.includes(target), target)
})

/** As Git hosts make it of a heading. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-')
}

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
