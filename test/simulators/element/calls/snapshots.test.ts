import assert from 'node:assert/strict'
import { test } from 'node:test'
import { wireWithVolumes } from '../wire.ts'

test('a snapshot without a name is called by the time, and names may repeat', async () => {
  const { ask } = await wireWithVolumes(['a'])
  const { snapshotID, snapshot, checksum } = await ask('CreateSnapshot', { volumeID: 1 })
  assert.deepEqual([snapshotID, checksum, snapshot.status], [1, '0x0', 'done'])
  assert.match(snapshot.name, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
  assert.deepEqual([snapshot.groupID, snapshot.expirationTime, snapshot.totalSize], [0, null, 1_000_341_504])
  for (const name of ['s', 's']) await ask('CreateSnapshot', { volumeID: 1, name })
  assert.equal((await ask('ListSnapshots', { volumeID: 1 })).snapshots.length, 3)
})

test('snapshots are listed by volume, by number, or all; a volume’s number may come as text', async () => {
  const { ask, refused } = await wireWithVolumes(['a', 'b'])
  for (const volumeID of [1, 2]) await ask('CreateSnapshot', { volumeID, name: `of-${volumeID}` })
  const names = async (params: object) =>
    (await ask('ListSnapshots', params)).snapshots.map(({ name }: { name: string }) => name)
  assert.deepEqual(await names({}), ['of-1', 'of-2'])
  assert.deepEqual(await names({ volumeID: '2' }), ['of-2'])
  assert.deepEqual(await names({ snapshotID: 1 }), ['of-1'])
  assert.equal(await refused('ListSnapshots', { volumeID: 3 }), 'xVolumeIDDoesNotExist')
  assert.equal(await refused('ListSnapshots', { snapshotID: 3 }), 'xSnapshotIDDoesNotExist')
})

test('a volume has 32 snapshots and no more', async () => {
  const { ask, refused } = await wireWithVolumes(['a'])
  for (let count = 0; count < 32; count += 1) await ask('CreateSnapshot', { volumeID: 1 })
  assert.equal(await refused('CreateSnapshot', { volumeID: 1 }), 'xMaxSnapshotsPerVolumeExceeded')
  assert.deepEqual(await ask('DeleteSnapshot', { snapshotID: 7 }), {})
  await ask('CreateSnapshot', { volumeID: 1 })
  assert.equal(await refused('DeleteSnapshot', { snapshotID: 7 }), 'xSnapshotIDDoesNotExist')
})

test('a snapshot goes away when its time is over', async () => {
  const { ask, refused, wait } = await wireWithVolumes(['a'])
  const { snapshot } = await ask('CreateSnapshot', { volumeID: 1, retention: '01:30:00' })
  assert.equal(Date.parse(snapshot.expirationTime) - Date.parse(snapshot.createTime), 90 * 60_000)
  wait(90 * 60_000)
  assert.deepEqual(await ask('ListSnapshots'), { snapshots: [] })
  assert.equal(await refused('CreateSnapshot', { volumeID: 1, retention: '90 min' }), 'xInvalidParameter')
})

test('a rollback keeps the state before it as a snapshot when that is asked for', async () => {
  const { ask, refused } = await wireWithVolumes(['a', 'b'])
  await ask('CreateSnapshot', { volumeID: 1, name: 'good' })
  const dropped = await ask('RollbackToSnapshot', { volumeID: 1, snapshotID: 1, saveCurrentState: false })
  assert.deepEqual([dropped.snapshotID, dropped.snapshot], [null, null])
  const kept = await ask('RollbackToSnapshot', { volumeID: 1, snapshotID: 1, saveCurrentState: true })
  assert.deepEqual([kept.snapshotID, kept.snapshot.name], [2, 'good - copy'])
  assert.equal(await refused('RollbackToSnapshot', { volumeID: 1, snapshotID: 1 }), 'xMissingParameter')
  const stranger = { volumeID: 2, snapshotID: 1, saveCurrentState: false }
  assert.equal(await refused('RollbackToSnapshot', stranger), 'xSnapshotIDDoesNotExist')
})
