import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { backoffMs, sleep, unlessAborted } from '../src/retry.ts'

const forever = new AbortController().signal

test('sleep ends by itself', async () => {
  await sleep(1, forever)
})

test('sleep ends at once with the signal’s reason', async () => {
  const stop = new AbortController()
  const reason = new Error('going down')
  const sleeping = sleep(60_000, stop.signal)
  stop.abort(reason)
  await assert.rejects(sleeping, (error) => error === reason)
  await assert.rejects(sleep(60_000, stop.signal), (error) => error === reason)
})

test('pauses double from 100 ms to the most allowed, however many there were', () => {
  assert.deepEqual(
    [0, 1, 2, 3, 10, 5000].map((attempt) => backoffMs(attempt, 1_000)),
    [100, 200, 400, 800, 1_000, 1_000],
  )
})

test('what settles before the signal settles as it would', async () => {
  assert.equal(await unlessAborted(Promise.resolve(7), forever), 7)
  const fault = new Error('no')
  await assert.rejects(unlessAborted(Promise.reject(fault), forever), (error) => error === fault)
})

test('an abort wins over what has not settled, whose late failure hurts nobody', async () => {
  const stop = new AbortController()
  const reason = new Error('too long')
  const late = delay(10).then(() => {
    throw new Error('late')
  })
  const waiting = unlessAborted(late, stop.signal)
  stop.abort(reason)
  await assert.rejects(waiting, (error) => error === reason)
  await assert.rejects(unlessAborted(late, stop.signal), (error) => error === reason)
  await delay(20)
})

test('a signal that never comes is left without listeners', async () => {
  const stop = new AbortController()
  let listeners = 0
  const { addEventListener, removeEventListener } = stop.signal
  stop.signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
    listeners++
    addEventListener.apply(stop.signal, args)
  }
  stop.signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
    listeners--
    removeEventListener.apply(stop.signal, args)
  }
  await unlessAborted(Promise.resolve(), stop.signal)
  assert.equal(listeners, 0)
})
