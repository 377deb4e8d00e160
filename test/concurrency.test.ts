import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mapAtMost } from '../src/concurrency.ts'

test('results come in the order of the items, and never more are under way than allowed', async () => {
  let underWay = 0
  let most = 0
  const results = await mapAtMost(3, [5, 1, 4, 2, 3], async (turns) => {
    underWay += 1
    most = Math.max(most, underWay)
    for (let turn = 0; turn < turns; turn += 1) await new Promise(setImmediate)
    underWay -= 1
    return turns * 10
  })
  assert.deepEqual(results, [50, 10, 40, 20, 30])
  assert.equal(most, 3)
})

test('the first that fails fails the whole, and nothing of nothing is nothing', async () => {
  const failing = async (n: number) => (n === 2 ? Promise.reject(new Error('two')) : n)
  await assert.rejects(mapAtMost(2, [1, 2, 3], failing), /two/)
  assert.deepEqual(await mapAtMost(2, [], failing), [])
})
