import assert from 'node:assert/strict'
import { test } from 'node:test'
import { majorityOf } from '../../scripts/executable/warm.ts'

test('each byte is the one most runs have; of equally many, the least', () => {
  const runs = [
    [1, 0, 7, 9],
    [1, 0, 8, 2],
    [1, 5, 8, 4],
  ].map((bytes) => Buffer.from(bytes))
  assert.deepEqual([...majorityOf(runs)], [1, 0, 8, 2])
})

test('runs that differ in more than stray bytes are refused', () => {
  assert.throws(() => majorityOf([Buffer.alloc(3), Buffer.alloc(4), Buffer.alloc(3)]), /differ in length: 3,4,3/)
})
