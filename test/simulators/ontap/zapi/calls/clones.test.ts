import assert from 'node:assert/strict'
import { test } from 'node:test'
import { JOB_MS, wire } from '../wire.ts'

const CLONE = { volume: 'c', 'parent-volume': 'a' }
const attributesOf = (name: string) => ({
  query: { 'volume-attributes': { 'volume-id-attributes': { name } } },
})

test('a clone without a snapshot makes one, is thin and unmounted, and tells of its parent', async () => {
  const { ask, list, volume } = await wire({ volumes: ['a'] })
  await ask('volume-clone-create', CLONE)
  const [{ name: snapshot }] = await list('snapshot-get-iter')
  assert.match(snapshot, /^clone_c\.\d{4}-\d\d-\d\d_\d{6}\.\d$/)
  const [clone] = await list('volume-get-iter', attributesOf('c'))
  assert.deepEqual(clone['volume-clone-attributes']['volume-clone-parent-attributes']['name'], 'a')
  assert.deepEqual(clone['volume-clone-attributes']['volume-clone-parent-attributes']['snapshot-name'], snapshot)
  assert.deepEqual([volume('c').guarantee, volume('c').junction], ['none', undefined])
  const [parent] = await list('volume-get-iter', attributesOf('a'))
  assert.deepEqual(parent['volume-clone-attributes'], { 'clone-child-count': '1' })
  const byParent = { 'volume-clone-attributes': { 'volume-clone-parent-attributes': { name: 'a' } } }
  assert.equal((await list('volume-get-iter', { query: { 'volume-attributes': byParent } })).length, 1)
  const [told] = await list('volume-clone-get-iter')
  assert.deepEqual([told['volume'], told['parent-volume'], told['parent-snapshot']], ['c', 'a', snapshot])
})

test('a clone of a snapshot needs the snapshot, a free name and a source', async () => {
  const { ask, refused } = await wire({ volumes: ['a', 'b'] })
  assert.equal(
    await refused('volume-clone-create', { ...CLONE, 'parent-snapshot': 'none' }),
    "15661 entry doesn't exist",
  )
  assert.match(await refused('volume-clone-create', { ...CLONE, volume: 'b' }), /^17 /)
  assert.match(await refused('volume-clone-create', { ...CLONE, 'parent-volume': 'none' }), /^15661 /)
  assert.match(await refused('volume-clone-create', { ...CLONE, 'parent-vserver': 'svm2' }), /^15661 /)
  assert.match(await refused('volume-clone-create', { ...CLONE, 'qos-policy-group-name': 'none' }), /^13001 .*QoS/)
  await ask('snapshot-create', { volume: 'a', snapshot: 's' })
  await ask('volume-clone-create', { ...CLONE, 'parent-snapshot': 's', 'space-reserve': 'volume' })
  await ask('volume-unmount', { 'volume-name': 'a' })
  await ask('volume-offline', { name: 'a' })
  assert.match(await refused('volume-clone-create', { ...CLONE, volume: 'd' }), /^13157 /)
})

test('older releases mount a clone by a call of its own only', async () => {
  const mounted = { ...CLONE, 'junction-path': '/c' }
  const old = await wire({ release: '9.2', volumes: ['a'] })
  assert.equal(await old.refused('volume-clone-create', mounted), '13115 Extra input: junction-path')
  const { ask, volume } = await wire({ release: '9.3', volumes: ['a'] })
  await ask('volume-clone-create', mounted)
  assert.equal(volume('c').junction, '/c')
})

const SPLIT_MS = 3_600_000

test('what has clones is not destroyed, nor is the snapshot they need, until they are split', async () => {
  const { ask, refused, wait, volume, array } = await wire({ volumes: ['a'] })
  // So long that the time this test takes itself is no percent of it.
  array.durations = { ...array.durations, split: SPLIT_MS }
  await ask('snapshot-create', { volume: 'a', snapshot: 's' })
  await ask('volume-clone-create', { ...CLONE, 'parent-snapshot': 's' })
  const destroy = { name: 'a', 'unmount-and-offline': true }
  assert.match(await refused('volume-destroy', destroy), /^15894 .*clones: c/)
  assert.match(await refused('snapshot-delete', { volume: 'a', snapshot: 's', 'ignore-owners': true }), /^13024 /)

  await ask('volume-mount', { 'volume-name': 'c', 'junction-path': '/c' })
  assert.match(await refused('volume-clone-split-status', { volume: 'c' }), /^13171 /)
  assert.match(await refused('volume-clone-split-start', { volume: 'a' }), /^13170 /)
  assert.equal((await ask('volume-clone-split-start', { volume: 'c' }))['result-status'], 'in_progress')
  assert.match(await refused('volume-unmount', { 'volume-name': 'c' }), /^13001 .*job ID/)
  wait(SPLIT_MS / 2)
  const { 'clone-split-details': details } = await ask('volume-clone-split-status', { volume: 'c' })
  assert.deepEqual(details['clone-split-detail-info'], [{ 'block-percentage-complete': '50', name: 'c' }])
  wait(SPLIT_MS)
  assert.equal(volume('c').clone, undefined)
  await ask('snapshot-delete', { volume: 'a', snapshot: 's' })
  await ask('volume-destroy', destroy)
})

test('a split can be stopped, and then the clone is one still', async () => {
  const { ask, refused, wait, volume } = await wire({ volumes: ['a'] })
  await ask('volume-clone-create', CLONE)
  assert.match(await refused('volume-clone-split-stop', { volume: 'c' }), /^13171 /)
  await ask('volume-clone-split-start', { volume: 'c' })
  await ask('volume-clone-split-stop', { volume: 'c' })
  wait(JOB_MS)
  assert.equal(volume('c').clone?.parent, volume('a').uuid)
})
