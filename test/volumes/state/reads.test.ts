import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Reads } from '../../../src/volumes/state/reads.ts'

test('callers at the same time share one read, and one that has just come serves a moment longer', async () => {
  const reads = new Reads()
  let count = 0
  const read = async () => ++count
  assert.deepEqual(await Promise.all([reads.share('a', read), reads.share('a', read)]), [1, 1])
  assert.equal(await reads.share('a', read), 1)
  assert.equal(await reads.share('b', read), 2)
})

test('a change makes known answers void, and a read that began before it serves nobody who asks after it', async () => {
  const reads = new Reads()
  const slow = Promise.withResolvers<string>()
  const before = reads.share('a', () => slow.promise)
  reads.invalidate()
  assert.equal(await reads.share('a', async () => 'after'), 'after')
  slow.resolve('before')
  assert.equal(await before, 'before')
  assert.equal(await reads.share('a', async () => 'never'), 'after')
})

test('a read that fails fails for those who shared it, and is tried anew for the next', async () => {
  const reads = new Reads()
  const failing = () => Promise.reject(new Error('away'))
  await assert.rejects(Promise.all([reads.share('a', failing), reads.share('a', failing)]), /away/)
  assert.equal(await reads.share('a', async () => 'back'), 'back')
})

test('an answer not to be kept is shared by those at the same time only', async () => {
  const reads = new Reads()
  const none = async () => undefined
  const keep = (value: unknown) => value !== undefined
  await Promise.all([reads.share('a', none, keep), reads.share('a', none, keep)])
  assert.equal(await reads.share('a', async () => 'some', keep), 'some')
})
