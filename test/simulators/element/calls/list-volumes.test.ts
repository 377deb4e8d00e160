import assert from 'node:assert/strict'
import { test } from 'node:test'
import { idsOf, wireWithVolumes } from '../wire.ts'

test('a list of active volumes that is to begin at one that is gone begins at the next', async () => {
  const { ask } = await wireWithVolumes(['a', 'b', 'c'])
  await ask('DeleteVolume', { volumeID: 2 })
  assert.deepEqual(idsOf(await ask('ListActiveVolumes', { startVolumeID: 2, limit: 1 })), [3])
  assert.deepEqual(idsOf(await ask('ListActiveVolumes', { startVolumeID: 0, limit: 0 })), [1, 3])
})

test('ListVolumes finds by exact name, by account, by status and by number, deleted volumes too', async () => {
  const { ask } = await wireWithVolumes(['a', 'A', 'a', 'ab'])
  await ask('DeleteVolume', { volumeID: 3 })
  assert.deepEqual(idsOf(await ask('ListVolumes', { volumeName: 'a' })), [1, 3])
  assert.deepEqual(idsOf(await ask('ListVolumes', { volumeName: 'a', volumeStatus: 'active' })), [1])
  assert.deepEqual(idsOf(await ask('ListVolumes', { accounts: [1], startVolumeID: 2, limit: 2 })), [2, 3])
  assert.deepEqual(idsOf(await ask('ListVolumes', { accounts: [9] })), [])
  assert.deepEqual(idsOf(await ask('ListVolumes', { volumeIDs: null, accounts: [] })), [1, 2, 3, 4])
})

test('ListVolumes passes over numbers nobody has in silence', async () => {
  const { ask, refused } = await wireWithVolumes(['a', 'b'])
  assert.deepEqual(idsOf(await ask('ListVolumes', { volumeIDs: [99, 2] })), [2])
  assert.deepEqual(await ask('ListVolumes', { volumeIDs: [99] }), { volumes: [] })
  assert.equal(await refused('ListVolumes', { volumeIDs: [1], limit: 1 }), 'xInvalidParameter')
})

test('a renewed volume is shown as it is now', async () => {
  const { ask } = await wireWithVolumes(['a'])
  await ask('ListVolumes')
  await ask('ModifyVolume', { volumeID: 1, attributes: { new: true } })
  assert.deepEqual((await ask('ListVolumes')).volumes[0].attributes, { new: true })
})

test('older versions show fewer members of a volume', async () => {
  const { ask } = await wireWithVolumes(['a'])
  const members = async (version: string) => Object.keys((await ask('ListActiveVolumes', {}, version)).volumes[0])
  const [old, newer, newest] = [await members('7.0'), await members('10.0'), await members('12.0')]
  assert.ok(!old.includes('qosPolicyID') && newer.includes('qosPolicyID'))
  assert.ok(!newer.includes('volumeUUID') && newest.includes('volumeUUID'))
})

test('an account nobody has owns no list', async () => {
  const { refused } = await wireWithVolumes([])
  assert.equal(await refused('ListVolumesForAccount', { accountID: 2 }), 'xAccountIDDoesNotExist')
  assert.equal(await refused('ListVolumesForAccount'), 'xMissingParameter')
})

test('statistics are told for each volume, with its size', async () => {
  const { ask, refused } = await wireWithVolumes(['a', 'b'])
  const { volumeStats } = await ask('GetVolumeStats', { volumeID: 2 })
  assert.deepEqual([volumeStats.volumeID, volumeStats.volumeSize], [2, 1_000_341_504])
  assert.equal((await ask('ListVolumeStatsByVolume')).volumeStats.length, 2)
  assert.equal(await refused('GetVolumeStats', { volumeID: 3 }), 'xVolumeIDDoesNotExist')
  assert.deepEqual(await ask('GetVolumeCount'), { count: 2 })
})
