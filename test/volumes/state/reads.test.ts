import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Context } from '../../../src/context.ts'
import { unlessAborted } from '../../../src/retry.ts'
import { Reads } from '../../../src/volumes/state/reads.ts'
import { asked } from '../instance.ts'

const { ctx } = asked()

test('callers at the same time share one read, and one that has just come serves a moment longer', async () => {
  const reads = new Reads()
  let count = 0
  const read = async () => ++count
  assert.deepEqual(await Promise.all([reads.share('a', ctx, read), reads.share('a', ctx, read)]), [1, 1])
  assert.equal(await reads.share('a', ctx, read), 1)
  assert.equal(await reads.share('b', ctx, read), 2)
})

test('a change makes known answers void, and a read that began before it serves nobody who asks after it', async () => {
  const reads = new Reads()
  const slow = Promise.withResolvers<string>()
  const before = reads.share('a', ctx, () => slow.promise)
  reads.invalidate()
  assert.equal(await reads.share('a', ctx, async () => 'after'), 'after')
  slow.resolve('before')
  assert.equal(await before, 'before')
  assert.equal(await reads.share('a', ctx, async () => 'never'), 'after')
})

test('a read that fails fails for those who shared it, and is tried anew for the next', async () => {
  const reads = new Reads()
  const failing = () => Promise.reject(new Error('away'))
  await assert.rejects(Promise.all([reads.share('a', ctx, failing), reads.share('a', ctx, failing)]), /away/)
  assert.equal(await reads.share('a', ctx, async () => 'back'), 'back')
})

test('an answer not to be kept is shared by those at the same time only', async () => {
  const reads = new Reads()
  const none = async () => undefined
  const keep = (value: unknown) => value !== undefined
  await Promise.all([reads.share('a', ctx, none, keep), reads.share('a', ctx, none, keep)])
  assert.equal(await reads.share('a', ctx, async () => 'some', keep), 'some')
})

test('a read is stopped when the last who waits is gone, and whoever comes then gets one of his own', async () => {
  const reads = new Reads()
  const [first, second] = [asked(), asked()]
  const signals: AbortSignal[] = []
  const hangs = ({ signal }: Context) => {
    signals.push(signal)
    return unlessAborted(new Promise<never>(() => {}), signal)
  }
  const both = Promise.allSettled([reads.share('a', first.ctx, hangs), reads.share('a', second.ctx, hangs)])
  first.leave()
  await new Promise(setImmediate)
  assert.equal(signals[0]?.aborted, false, 'one still waits')
  second.leave()
  assert.equal(await reads.share('a', ctx, async () => 'of his own'), 'of his own')
  assert.deepEqual(
    (await both).map(({ status }) => status),
    ['rejected', 'rejected'],
  )
  assert.equal(signals.length, 1)
})

test('whoever repeats a read is told that nobody waits before it is stopped, so that it can say why it failed', async () => {
  const reads = new Reads()
  const { ctx: its, leave } = asked()
  const answer = reads.share('a', its, async (shared) => {
    await unlessAborted(new Promise(() => {}), shared.gone).catch(() => {})
    assert.equal(shared.signal.aborted, false)
    throw new Error('it was away')
  })
  leave()
  await assert.rejects(answer, /it was away/)
})
