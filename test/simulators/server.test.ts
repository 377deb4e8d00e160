import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openClient } from './element/client.ts'

const CREATE = { name: 'v', accountID: 1, totalSize: 1e9, enable512e: true }

test('a wrong password is a page with status 401, and is not counted as a call', async (t) => {
  const { call, simulator } = await openClient(t, { password: 'secret' })
  const { status, type, text } = await call('GetLimits', {}, { password: 'other' })
  assert.deepEqual([status, type], [401, 'text/html'])
  assert.match(text, /^<!DOCTYPE HTML>/)
  assert.equal((await call('GetLimits', {}, { password: 'secret' })).status, 200)
  assert.deepEqual(simulator.counts(), { GetLimits: 1 })
})

test('calls are counted by method, those that met a fault too, and the count can start anew', async (t) => {
  const { call, simulator } = await openClient(t, { faults: ['xNotPrimary:GetLimits:1'], report: () => {} })
  for (const method of ['GetLimits', 'GetLimits', 'Nonsense']) await call(method)
  assert.deepEqual(simulator.counts(), { GetLimits: 2, Nonsense: 1 })
  simulator.resetCounts()
  assert.deepEqual(simulator.counts(), {})
})

test('an error of the array’s that is asked for comes as often as was said, and the call is not done', async (t) => {
  const { call, ask } = await openClient(t, { account: 'a', faults: ['xDBConnectionLoss:CreateVolume:2'] })
  for (const _ of [1, 2]) {
    assert.equal(JSON.parse((await call('CreateVolume', CREATE)).text).error.name, 'xDBConnectionLoss')
  }
  assert.equal((await ask('CreateVolume', CREATE)).volumeID, 1)
})

test('a status that is asked for comes with a page', async (t) => {
  const { call } = await openClient(t, { faults: ['503:GetLimits:1', '404:GetLimits:1'] })
  assert.deepEqual([(await call('GetLimits')).status, (await call('GetLimits')).status], [503, 404])
})

test('answers with status 200 can be a page, nothing, or null', async (t) => {
  const { call } = await openClient(t, { faults: ['html', 'empty', 'null'].map((kind) => `${kind}:GetLimits:1`) })
  const answers = [await call('GetLimits'), await call('GetLimits'), await call('GetLimits')]
  assert.deepEqual(
    answers.map(({ status }) => status),
    [200, 200, 200],
  )
  assert.match(answers[0]!.text, /<html>/)
  assert.deepEqual([answers[1]!.text, answers[2]!.text], ['', 'null'])
})

test('an answer can be for another request, or cut short', async (t) => {
  const { call } = await openClient(t, { faults: ['wrong-id:GetLimits:1', 'truncated:GetLimits:1'] })
  assert.equal(JSON.parse((await call('GetLimits')).text).id, 987_654_321)
  const { status, text } = await call('GetLimits')
  assert.equal(status, 200)
  assert.throws(() => JSON.parse(text), SyntaxError)
})

test('a reset connection leaves the call undone; a lost answer does not', async (t) => {
  const { call, simulator } = await openClient(t, { account: 'a', faults: ['reset:CreateVolume:1'] })
  await assert.rejects(call('CreateVolume', CREATE), { code: 'ECONNRESET' })
  assert.equal(simulator.array.volumes.size, 0)
  simulator.addFault('lost:CreateVolume:1')
  await assert.rejects(call('CreateVolume', CREATE), { code: 'ECONNRESET' })
  assert.equal(simulator.array.volumes.size, 1)
})

test('half an answer ends with the connection, after the call was done', async (t) => {
  const { call, simulator } = await openClient(t, { account: 'a', faults: ['half:CreateVolume:1'] })
  await assert.rejects(call('CreateVolume', CREATE))
  assert.equal(simulator.array.volumes.size, 1)
})

test('a call that is held is done once the faults are cleared', async (t) => {
  const { call, ask, simulator } = await openClient(t, { account: 'a', faults: ['hold:CreateVolume'] })
  const held = call('CreateVolume', CREATE)
  while (simulator.counts()['CreateVolume'] === undefined) await ask('GetLimits')
  assert.equal(simulator.array.volumes.size, 0)
  simulator.clearFaults()
  assert.equal((await held).status, 200)
  assert.equal(simulator.array.volumes.size, 1)
})

test('an array that goes away does not wait for calls that hang', async (t) => {
  const { call, ask, simulator } = await openClient(t, { faults: ['hang:GetLimits'] })
  const hanging = call('GetLimits')
  while (simulator.counts()['GetLimits'] === undefined) await ask('GetDefaultQoS')
  await Promise.all([assert.rejects(hanging), simulator.close()])
})
