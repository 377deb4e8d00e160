import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mapInSlices } from '../src/slices.ts'

test('everything else has its turn while a long list is worked on', async () => {
  const seen: string[] = []
  setImmediate(() => seen.push('another'))
  await mapInSlices(['first', 'second'], (item) => {
    seen.push(item)
    for (const end = performance.now() + 20; performance.now() < end; );
  })
  assert.deepEqual(seen, ['first', 'another', 'second'])
})

test('a list that is worked on in slices keeps its order, and one that is short is done at once', async () => {
  const items = Array.from({ length: 1_000 }, (_, index) => index)
  assert.deepEqual(
    await mapInSlices(items, (item) => item * 2),
    items.map((item) => item * 2),
  )
  assert.deepEqual(await mapInSlices([], () => 1), [])
})

test('what a row of a long list throws ends the work', async () => {
  const work = mapInSlices([1, 2], () => {
    throw new Error('a row')
  })
  await assert.rejects(work, /a row/)
})
