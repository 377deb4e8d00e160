import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BackendError, DeadlineError } from '../../../src/errors.ts'
import { Gate } from '../../../src/volumes/state/gate.ts'
import type { Volumes } from '../../../src/volumes/volumes.ts'
import { asked } from '../instance.ts'

const volumes = {} as Volumes

test('calls wait for the gate and pass once it opens, late ones at once', async () => {
  const gate = new Gate()
  const waiting = gate.pass(asked().ctx)
  gate.open(volumes)
  assert.equal(await waiting, volumes)
  assert.equal(await gate.pass(asked().ctx), volumes)
})

test('whoever waited in vain is told what the array said', async () => {
  const gate = new Gate()
  const { ctx, leave } = asked()
  const waiting = gate.pass(ctx)
  gate.explain(new BackendError('UNAUTHORIZED', 'The array refuses the password.'))
  leave()
  await assert.rejects(waiting, { code: 'UNAUTHORIZED' })
})

test('whoever waited in vain while nothing was known is told that the plugin is starting', async () => {
  const { ctx, leave } = asked()
  const waiting = new Gate().pass(ctx)
  leave()
  await assert.rejects(waiting, { code: 'DEADLINE', message: /still starting/ })
})

test('a fault that is none of ours is told with its words', async () => {
  const gate = new Gate()
  const { ctx, leave } = asked()
  gate.explain(new TypeError('x is not a function'))
  leave()
  await assert.rejects(gate.pass(ctx), { code: 'DEADLINE', message: /x is not a function/ })
})

test('a gate that is shut for good tells everybody at once', async () => {
  const gate = new Gate()
  const waiting = gate.pass(asked().ctx)
  gate.shut(new DeadlineError('The plugin is stopping.'))
  await assert.rejects(waiting, { message: 'The plugin is stopping.' })
  await assert.rejects(gate.pass(asked().ctx), { message: 'The plugin is stopping.' })
})
