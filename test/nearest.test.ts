import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { suggest } from '../src/nearest.ts'

const KNOWN = ['size', 'snapshotDir', 'snapshotPolicy', 'fileSystemType', 'qos', 'ontap-nas', 'ontap-nas-economy']

test('case and joining marks are no difference', () => {
  assert.equal(suggest('SNAPSHOT_DIR', KNOWN), 'snapshotDir')
  assert.equal(suggest('OntapNas', KNOWN), 'ontap-nas')
})

test('a slip or two is forgiven, more in longer words', () => {
  assert.equal(suggest('szie', KNOWN), 'size')
  assert.equal(suggest('snapshotPolcy', KNOWN), 'snapshotPolicy')
  assert.equal(suggest('filesytemtyp', KNOWN), 'fileSystemType')
})

test('nothing is suggested for what resembles nothing', () => {
  assert.equal(suggest('colour', KNOWN), undefined)
  assert.equal(suggest('', KNOWN), undefined)
  assert.equal(suggest('x', []), undefined)
})

test('a known word suggests itself, and any answer is a known word', () => {
  fc.assert(
    fc.property(fc.array(fc.string()), fc.string(), (known, word) => {
      const answer = suggest(word, known)
      return answer === undefined || known.includes(answer)
    }),
  )
  for (const word of KNOWN) assert.equal(suggest(word, KNOWN), word)
})

test('a very long word costs little', () => {
  assert.equal(suggest('x'.repeat(1_000_000), KNOWN), undefined)
})
