import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TargetGate } from '../../../src/host/iscsi/target-gate.ts'

test('nobody leaves a target while somebody arrives at it', async () => {
  const gate = new TargetGate()
  const { promise, resolve } = Promise.withResolvers<void>()
  const left: string[] = []
  const arriving = gate.arrive('t', () => promise)
  await gate.leave('t', async () => void left.push('early'))
  await gate.leave('other', async () => void left.push('other'))
  resolve()
  await arriving
  await gate.leave('t', async () => void left.push('late'))
  assert.deepEqual(left, ['other', 'late'])
})

test('what is done at a target is done one after the other, even if one fails', async () => {
  const gate = new TargetGate()
  const order: number[] = []
  const first = gate.alone('t', async () => {
    await new Promise((resolve) => setImmediate(resolve))
    order.push(1)
    throw new Error('first')
  })
  const second = gate.alone('t', async () => void order.push(2))
  await assert.rejects(first, /first/)
  await second
  assert.deepEqual(order, [1, 2])
})
