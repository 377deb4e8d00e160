import assert from 'node:assert/strict'
import { test } from 'node:test'
import { settledOf } from '../../scripts/executable/warm.ts'

test('a byte that is zero in any run is zero; another is the one most runs have; of equally many, the least', () => {
  const runs = [
    [1, 0, 7, 9],
    [1, 5, 8, 2],
    [1, 5, 8, 4],
  ].map((bytes) => Buffer.from(bytes))
  assert.deepEqual([...settledOf(runs)], [1, 0, 8, 2])
})

test('runs that differ in more than stray bytes are refused', () => {
  assert.throws(() => settledOf([Buffer.alloc(3), Buffer.alloc(4), Buffer.alloc(3)]), /differ in length: 3,4,3/)
})
