import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { appendFileSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { test } from 'node:test'

const root = resolve(import.meta.dirname, '../..')

test('two checkouts of a commit, in two places, give the same executable to the byte', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'netappdvp-reproducible-'))
  t.after(() => rmSync(directory, { recursive: true }))

  const [one, other] = ['one', 'in/another/place'].map((place) => {
    const checkout = join(directory, place)
    execFileSync('git', ['clone', '--quiet', root, checkout])
    appendFileSync(join(checkout, '.git/info/exclude'), 'node_modules\n')
    symlinkSync(join(root, 'node_modules'), join(checkout, 'node_modules'))
    execFileSync(join(checkout, 'scripts/build'), { stdio: ['ignore', 'ignore', 'inherit'] })
    return createHash('sha256')
      .update(readFileSync(join(checkout, 'dist/netappdvp')))
      .digest('hex')
  })
  assert.equal(one, other)
})
