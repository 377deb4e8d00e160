import assert from 'node:assert/strict'
import { test } from 'node:test'
import { wire } from '../wire.ts'

const of = (volume: string, name = '') => ({ query: { 'snapshot-info': { volume, name } } })

test('a snapshot tells its time in seconds and its size in kilobytes', async () => {
  const { ask, list } = await wire({ volumes: ['a', 'b'] })
  const before = Math.floor(Date.now() / 1000)
  await ask('snapshot-create', { volume: 'a', snapshot: 's', comment: 'why', 'snapmirror-label': 'daily' })
  await ask('snapshot-create', { volume: 'b', snapshot: 't' })
  const [snapshot, ...others] = await list('snapshot-get-iter', of('a'))
  assert.deepEqual(others, [])
  const { 'access-time': time, 'cumulative-total': kilobytes } = snapshot
  assert.ok(Number(time) >= before && Number(time) <= before + 60)
  assert.ok(Number(kilobytes) > 0 && Number(kilobytes) < 1024)
  assert.deepEqual([snapshot['name'], snapshot['volume'], snapshot['vserver']], ['s', 'a', 'svm1'])
  assert.deepEqual([snapshot['busy'], snapshot['snapshot-owners-list']], ['false', undefined])
  assert.deepEqual([snapshot['comment'], snapshot['snapmirror-label'], snapshot['state']], ['why', 'daily', undefined])
})

test('snapshots are listed oldest first, whatever they are called', async () => {
  const { ask, list, wait } = await wire({ volumes: ['a'] })
  for (const snapshot of ['z', 'y', 'x']) {
    await ask('snapshot-create', { volume: 'a', snapshot })
    wait(1000)
  }
  const names = (await list('snapshot-get-iter', { 'max-records': 1 })).map(({ name }) => name)
  assert.deepEqual(names, ['z', 'y', 'x'])
})

test('a snapshot that a clone needs is busy, and names its owner', async () => {
  const { ask, list } = await wire({ volumes: ['a'] })
  await ask('snapshot-create', { volume: 'a', snapshot: 's' })
  await ask('volume-clone-create', { volume: 'c', 'parent-volume': 'a', 'parent-snapshot': 's' })
  const [snapshot] = await list('snapshot-get-iter', of('a', 's'))
  assert.deepEqual([snapshot['busy'], snapshot['dependency']], ['true', 'volume clone'])
  assert.deepEqual(snapshot['snapshot-owners-list'], { 'snapshot-owner': [{ owner: 'volume clone' }] })
})

test('of a volume that is offline an answer that has passed tells an error', async () => {
  const { ask, refused } = await wire({ volumes: ['a', 'b'] })
  await ask('volume-unmount', { 'volume-name': 'a' })
  await ask('volume-offline', { name: 'a' })
  const answer = await ask('snapshot-get-iter', of('a'))
  assert.deepEqual([answer['num-records'], answer['attributes-list']], ['0', undefined])
  const [error, ...others] = answer['volume-errors']['volume-error']
  assert.deepEqual([error['errno'], error['name'], error['vserver'], others.length], ['13023', 'a', 'svm1', 0])
  assert.match(error['reason'], /Volume not online\.$/)
  assert.equal((await ask('snapshot-get-iter', of('b')))['volume-errors'], undefined)
  assert.match(await refused('snapshot-create', { volume: 'a', snapshot: 's' }), /^13023 /)
})

test('a snapshot that is there, or not, is told by its number', async () => {
  const { ask, refused } = await wire({ volumes: ['a'] })
  await ask('snapshot-create', { volume: 'a', snapshot: 's' })
  assert.match(await refused('snapshot-create', { volume: 'a', snapshot: 's' }), /^17 /)
  assert.match(await refused('snapshot-create', { volume: 'none', snapshot: 's' }), /^15661 /)
  assert.match(await refused('snapshot-create', { volume: 'a', snapshot: 'a b' }), /^13001 /)
  await ask('snapshot-rename', { volume: 'a', 'current-name': 's', 'new-name': 't' })
  assert.match(await refused('snapshot-delete', { volume: 'a', snapshot: 's' }), /^15661 /)
  await ask('snapshot-delete', { volume: 'a', snapshot: 't' })
})

test('going back to a snapshot loses the newer ones', async () => {
  const { ask, list, refused } = await wire({ volumes: ['a'] })
  for (const snapshot of ['s', 't']) await ask('snapshot-create', { volume: 'a', snapshot })
  await ask('snapshot-restore-volume', { volume: 'a', snapshot: 's', 'preserve-lun-ids': true })
  assert.deepEqual(
    (await list('snapshot-get-iter')).map(({ name }) => name),
    ['s'],
  )
  assert.match(await refused('snapshot-restore-volume', { volume: 'a', snapshot: 't' }), /^15661 /)
})

test('a volume has 255 snapshots before 9.4', async () => {
  const { ask, refused } = await wire({ release: '9.3', volumes: ['a'] })
  for (let count = 0; count < 255; count += 1) await ask('snapshot-create', { volume: 'a', snapshot: `s${count}` })
  assert.match(await refused('snapshot-create', { volume: 'a', snapshot: 'more' }), /^13001 /)
})
