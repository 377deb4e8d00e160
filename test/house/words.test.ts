/** What must not stand in a tracked file: words of the place it was written in rather than of the product. */

import assert from 'node:assert/strict'
import { homedir } from 'node:os'
import { test } from 'node:test'
import { read, root, trackedFiles } from './tree.ts'

/** The only hosts anything here may name: documentation, examples of addresses, and names used on a socket. */
const HOSTS =
  /^(?:docs\.docker\.com|json-schema\.org|keepachangelog\.com|semver\.org|www\.netapp\.com|127\.0\.0\.1|localhost|10\.\d+\.\d+\.\d+|[a-z]+|MVIP)$/

const files = trackedFiles()
const texts = (files ?? []).filter((path) => path !== 'package-lock.json').map((path) => ({ path, text: read(path) }))

test('no file names a host but those of documentation and examples', { skip: noRepository() }, () => {
  for (const { path, text } of texts) {
    for (const [, host = ''] of text.matchAll(/\b(?:https?|git|ssh):\/\/(?:[^\s/@'"`]*@)?([A-Za-z0-9.-]+)/g)) {
      assert.match(host.replace(/\.$/, ''), HOSTS, path)
    }
  }
})

test('package-lock.json does not say where its packages were fetched', { skip: noRepository() }, () => {
  assert.doesNotMatch(read('package-lock.json'), /"resolved"/)
})

test('no file has a path of the machine it was written on', { skip: noRepository() }, () => {
  const own = [root, homedir()].filter((path) => path.length > '/root'.length)
  for (const { path, text } of texts) {
    assert.doesNotMatch(text, /(?<![\w.])\/(?:work|home|Users)\/\w/, path)
    for (const place of own) assert.ok(!text.includes(place), `${path} has ${place}`)
  }
})

test('nothing is left to do later without saying what it waits for', { skip: noRepository() }, () => {
  for (const { path, text } of texts) assert.doesNotMatch(text, /\b(?:TO[D]O|FIX[M]E|HA[C]K)\b/, path)
})

function noRepository(): string | false {
  return files === undefined && 'this is no git repository, so nobody knows which files are tracked'
}
