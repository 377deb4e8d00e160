import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Inputs, JOB_MS, type Loose, wire } from '../wire.ts'

const change = (name: string, attributes: Inputs, more: object = {}) => ({
  query: { 'volume-attributes': { 'volume-id-attributes': { name } } },
  attributes: { 'volume-attributes': attributes },
  ...more,
})
const keyOf = (info: Loose) => info['volume-key']['volume-attributes']['volume-id-attributes']

test('what is changed of a volume is told by counts and by its key', async () => {
  const { ask, volume } = await wire({ volumes: ['a', 'b'] })
  const answer = await ask(
    'volume-modify-iter',
    change('a', {
      'volume-snapshot-attributes': { 'snapdir-access-enabled': false, 'snapshot-policy': 'none' },
      'volume-id-attributes': { comment: 'x & y' },
      'volume-security-attributes': { 'volume-security-unix-attributes': { permissions: '0770' } },
      'volume-space-attributes': { size: 2 * 1024 ** 3, 'percentage-snapshot-reserve': 10 },
      'volume-qos-attributes': { 'policy-group-name': 'svm1_extreme' },
    }),
  )
  assert.deepEqual([answer['num-succeeded'], answer['num-failed']], ['1', '0'])
  assert.deepEqual(answer['success-list']['volume-modify-iter-info'].map(keyOf), [
    { name: 'a', 'owning-vserver-name': 'svm1' },
  ])
  assert.equal(answer['failure-list'], '')
  const { snapshotDirectory, snapshotPolicy, comment, mode, size, snapshotReserve, qosPolicy } = volume('a')
  assert.deepEqual([snapshotDirectory, snapshotPolicy, comment, mode], [false, 'none', 'x & y', 0o770])
  assert.deepEqual([size, snapshotReserve, qosPolicy], [2 * 1024 ** 3, 10, 'svm1_extreme'])
  assert.equal(volume('b').snapshotDirectory, true)
})

test('a call passes even when every volume refused, and says why each did', async () => {
  const { ask } = await wire({ volumes: ['a', 'b'] })
  const answer = await ask('volume-modify-iter', change('a|b', { 'volume-export-attributes': { policy: 'none' } }))
  assert.deepEqual([answer['num-succeeded'], answer['num-failed']], ['0', '2'])
  const [first, second] = answer['failure-list']['volume-modify-iter-info']
  assert.deepEqual([first['error-code'], keyOf(first).name, keyOf(second).name], ['13001', 'a', 'b'])
  assert.match(first['error-message'], /Export policy "none" does not exist/)
  const more = { 'return-failure-list': false, 'return-success-list': false, 'continue-on-failure': false }
  const quiet = await ask('volume-modify-iter', change('*', { 'volume-space-attributes': { size: '1m' } }, more))
  assert.deepEqual(quiet, { 'num-failed': '1', 'num-succeeded': '0', '@status': 'passed' })
})

test('when no volume is found the call passes with both counts nothing', async () => {
  const { ask } = await wire({ volumes: ['a'] })
  const answer = await ask('volume-modify-iter', change('c', { 'volume-id-attributes': { comment: '' } }))
  assert.deepEqual([answer['num-succeeded'], answer['num-failed'], answer['failure-list']], ['0', '0', ''])
})

test('what cannot be changed so, or to that, is refused before anything is done', async () => {
  const { refused } = await wire({ release: '8.3', volumes: ['a'] })
  const tier = { 'volume-comp-aggr-attributes': { 'tiering-policy': 'none' } }
  assert.equal(await refused('volume-modify-iter', change('a', tier)), '13115 Extra input: tiering-policy')
  const name = { 'volume-id-attributes': { name: 'b' } }
  assert.equal(await refused('volume-modify-iter', change('a', name)), '13115 Extra input: name')
  const flag = { 'volume-snapshot-attributes': { 'snapdir-access-enabled': 'perhaps' } }
  assert.match(await refused('volume-modify-iter', change('a', flag)), /^13115 .*"perhaps"/)
  assert.equal(await refused('volume-modify-iter', { query: '' }), '13115 Missing input: attributes')
})

test('asynchronously each volume has a job of its own', async () => {
  const { ask, wait, volume } = await wire({ volumes: ['a'] })
  const comment = { 'volume-id-attributes': { comment: 'later' } }
  const answer = await ask('volume-modify-iter-async', change('a', comment))
  const [info] = answer['success-list']['volume-modify-iter-async-info']
  assert.deepEqual([info['status'], keyOf(info).name], ['in_progress', 'a'])
  assert.match(info['jobid'], /^\d+$/)
  assert.equal(volume('a').comment, '')
  wait(JOB_MS)
  assert.equal(volume('a').comment, 'later')
})
