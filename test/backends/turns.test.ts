import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Turns } from '../../src/backends/turns.ts'

const never = new AbortController().signal

test('no more run at a time than may, and the rest in the order they came', async () => {
  const turns = new Turns(2)
  const ends: (() => void)[] = []
  const begun: number[] = []
  const all = [1, 2, 3, 4].map((number) =>
    turns.take(never, 'quick', async () => {
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
  const first = turns.take(never, 'quick', () => promise)
  const patience = new AbortController()
  const second = turns.take(patience.signal, 'quick', async () => assert.fail('it ran'))
  const third = turns.take(never, 'quick', async () => 'third')
  patience.abort(new Error('enough'))
  await assert.rejects(second, /enough/)
  resolve()
  await first
  assert.equal(await third, 'third')
})

test('a turn given to one that leaves in the same moment is not lost', async () => {
  const turns = new Turns(1)
  const { promise, resolve } = Promise.withResolvers<void>()
  const first = turns.take(never, 'quick', () => promise)
  const patience = new AbortController()
  const second = turns.take(patience.signal, 'quick', async () => 'second')
  resolve()
  await first
  patience.abort(new Error('enough'))
  await Promise.allSettled([second])
  assert.equal(await turns.take(never, 'quick', async () => 'third'), 'third')
})

test('work that fails gives its turn to the next', async () => {
  const turns = new Turns(1)
  await assert.rejects(
    turns.take(never, 'quick', async () => {
      throw new Error('no')
    }),
  )
  assert.equal(await turns.take(never, 'quick', async () => 'next'), 'next')
})

test('slow work leaves turns to what is quick, and takes them as its own come free', async () => {
  for (const [width, most] of [
    [1, 1],
    [2, 1],
    [4, 3],
    [10, 8],
    [20, 16],
  ] as const) {
    const turns = new Turns(width)
    const ends: (() => void)[] = []
    const slow = Array.from({ length: 40 }, () =>
      turns.take(never, 'slow', () => new Promise<void>((resolve) => ends.push(resolve))),
    )
    await soon()
    assert.equal(ends.length, most, `of ${width}`)
    if (width > most) assert.equal(await turns.take(never, 'quick', async () => 'quick'), 'quick')
    for (let ended = 0; ended < 40; ended++) {
      assert.equal(ends.length, Math.min(40, ended + most))
      ends[ended]?.()
      await soon()
    }
    await Promise.all(slow)
  }
})

test('what is quick may have every turn', async () => {
  const turns = new Turns(5)
  const ends: (() => void)[] = []
  const quick = Array.from({ length: 6 }, () =>
    turns.take(never, 'quick', () => new Promise<void>((resolve) => ends.push(resolve))),
  )
  const slow = turns.take(never, 'slow', async () => 'slow')
  await soon()
  assert.equal(ends.length, 5)
  for (let ended = 0; ended < 6; ended++) {
    ends[ended]?.()
    await soon()
  }
  await Promise.all(quick)
  assert.equal(await slow, 'slow')
})

function soon(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
