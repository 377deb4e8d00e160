import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Turns } from '../../src/backends/turns.ts'

const never = new AbortController().signal

test('no more run at a time than may, and the rest in the order they came', async () => {
  const turns = new Turns(2)
  const ends: (() => void)[] = []
  const begun: number[] = []
  const all = [1, 2, 3, 4].map((number) =>
    turns.take(never, async () => {
      begun.push(number)
      await new Promise<void>((resolve) => ends.push(resolve))
      return number
    }),
  )
  await soon()
  assert.deepEqual(begun, [1, 2])
  ends[1]?.()
  await all[1]
  await soon()
  assert.deepEqual(begun, [1, 2, 3])
  ends[0]?.()
  ends[2]?.()
  await soon()
  ends[3]?.()
  assert.deepEqual(await Promise.all(all), [1, 2, 3, 4])
})

test('one that is told to stop leaves the queue, and the one behind it comes up', async () => {
  const turns = new Turns(1)
  const { promise, resolve } = Promise.withResolvers<void>()
  const first = turns.take(never, () => promise)
  const patience = new AbortController()
  const second = turns.take(patience.signal, async () => assert.fail('it ran'))
  const third = turns.take(never, async () => 'third')
  patience.abort(new Error('enough'))
  await assert.rejects(second, /enough/)
  resolve()
  await first
  assert.equal(await third, 'third')
})

test('a turn given to one that leaves in the same moment is not lost', async () => {
  const turns = new Turns(1)
  const { promise, resolve } = Promise.withResolvers<void>()
  const first = turns.take(never, () => promise)
  const patience = new AbortController()
  const second = turns.take(patience.signal, async () => 'second')
  resolve()
  await first
  patience.abort(new Error('enough'))
  await Promise.allSettled([second])
  assert.equal(await turns.take(never, async () => 'third'), 'third')
})

test('work that fails gives its turn to the next', async () => {
  const turns = new Turns(1)
  await assert.rejects(
    turns.take(never, async () => {
      throw new Error('no')
    }),
  )
  assert.equal(await turns.take(never, async () => 'next'), 'next')
})

function soon(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
