import assert from 'node:assert/strict'
import { test } from 'node:test'
import { idsOf, wireWithVolumes } from '../wire.ts'

const HOUR_MS = 3_600_000

test('a deleted volume stays in the account’s list until it is purged, and says when that will be', async () => {
  const { ask } = await wireWithVolumes(['a', 'b'])
  const { volume } = await ask('DeleteVolume', { volumeID: 1 })
  assert.equal(volume.status, 'deleted')
  assert.equal(Date.parse(volume.purgeTime) - Date.parse(volume.deleteTime), 8 * HOUR_MS)

  assert.deepEqual(idsOf(await ask('ListVolumesForAccount', { accountID: 1 })), [1, 2])
  assert.deepEqual((await ask('GetAccountByID', { accountID: 1 })).account.volumes, [1, 2])
  assert.deepEqual(idsOf(await ask('ListDeletedVolumes')), [1])
  assert.deepEqual(idsOf(await ask('ListActiveVolumes')), [2])

  assert.deepEqual(await ask('PurgeDeletedVolume', { volumeID: 1 }), {})
  assert.deepEqual(idsOf(await ask('ListVolumesForAccount', { accountID: 1 })), [2])
})

test('a deleted volume is purged by itself after eight hours, and its snapshots with it', async () => {
  const { ask, wait } = await wireWithVolumes(['a'])
  await ask('CreateSnapshot', { volumeID: 1 })
  await ask('DeleteVolume', { volumeID: 1 })
  wait(8 * HOUR_MS - 60_000)
  assert.deepEqual(idsOf(await ask('ListDeletedVolumes')), [1])
  wait(60_000)
  assert.deepEqual(await ask('ListDeletedVolumes'), { volumes: [] })
  assert.deepEqual(await ask('ListSnapshots'), { snapshots: [] })
})

test('a restored volume is as it was', async () => {
  const { ask } = await wireWithVolumes(['a'])
  const before = (await ask('ListActiveVolumes')).volumes[0]
  await ask('DeleteVolume', { volumeID: 1 })
  assert.deepEqual(await ask('RestoreDeletedVolume', { volumeID: 1 }), {})
  assert.deepEqual((await ask('ListActiveVolumes')).volumes[0], before)
})

test('only a volume that is there is deleted, and only a deleted one is purged or restored', async () => {
  const { ask, refused } = await wireWithVolumes(['a', 'b'])
  await ask('DeleteVolume', { volumeID: 1 })
  assert.equal(await refused('DeleteVolume', { volumeID: 1 }), 'xVolumeIDDoesNotExist')
  assert.equal(await refused('ModifyVolume', { volumeID: 1 }), 'xVolumeIDDoesNotExist')
  assert.equal(await refused('PurgeDeletedVolume', { volumeID: 2 }), 'xVolumeIDDoesNotExist')
  assert.equal(await refused('RestoreDeletedVolume', { volumeID: 2 }), 'xVolumeIDDoesNotExist')
})
