import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { readStamps } from '../../scripts/executable/stamps.ts'

test('a build of a commit names the commit and when it was made, in UTC', (t) => {
  const { directory, git } = checkout(t)
  const { version, build, built } = readStamps(directory)
  assert.equal(version, '1.2.3')
  assert.equal(build, git('rev-parse', 'HEAD').slice(0, 12))
  assert.equal(built, '2026-02-03T02:05:06Z')
})

test('a build of a tree that differs from its commit is a custom build', (t) => {
  const { directory } = checkout(t)
  writeFileSync(join(directory, 'more.ts'), '')
  assert.equal(readStamps(directory).build, 'custom')
})

test('a build without git is a custom build', (t) => {
  const { directory } = checkout(t)
  rmSync(join(directory, '.git'), { recursive: true })
  assert.equal(readStamps(directory).build, 'custom')
})

function checkout(t: TestContext) {
  const directory = mkdtempSync(join(tmpdir(), 'netappdvp-stamps-'))
  t.after(() => rmSync(directory, { recursive: true }))
  const when = '2026-02-03T04:05:06+02:00'
  const env = { PATH: process.env['PATH'], HOME: directory, GIT_AUTHOR_DATE: when, GIT_COMMITTER_DATE: when }
  const git = (...args: string[]) => execFileSync('git', args, { cwd: directory, env, encoding: 'utf8', stdio: 'pipe' })

  writeFileSync(join(directory, 'package.json'), '{ "version": "1.2.3" }')
  git('init', '--quiet')
  git('add', '.')
  git('-c', 'user.name=t', '-c', 'user.email=t@example.com', 'commit', '--quiet', '-m', 'first')
  return { directory, git }
}
