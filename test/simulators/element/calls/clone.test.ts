import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CLONE_MS, wireWithVolumes } from '../wire.ts'

const ZEROS = { newAccountID: 0, newSize: 0, access: '', snapshotID: 0 }

test('a clone is init until its job is done, and has what its source has but for access groups', async () => {
  const { ask, wait } = await wireWithVolumes(['a'])
  await ask('ModifyVolume', { volumeID: 1, attributes: { fstype: 'xfs' }, qos: { minIOPS: 60 } })
  await ask('CreateVolumeAccessGroup', { name: 'group', volumes: [1] })

  const { volumeID, asyncHandle, volume } = await ask('CloneVolume', { volumeID: 1, name: 'b', ...ZEROS })
  assert.deepEqual([volume.status, volume.sliceCount, volume.totalSize], ['init', 0, 1_000_341_504])
  assert.deepEqual([volume.attributes, volume.qos.minIOPS], [{ fstype: 'xfs' }, 60])
  assert.deepEqual(volume.volumeAccessGroups, [])
  assert.equal((await ask('GetAsyncResult', { asyncHandle })).status, 'running')

  wait(CLONE_MS)
  const { volumes } = await ask('ListVolumes', { volumeIDs: [volumeID] })
  assert.deepEqual([volumes[0].status, volumes[0].sliceCount], ['active', 1])
})

test('the result of a clone is told once, unless it is to be kept', async () => {
  const { ask, refused, wait } = await wireWithVolumes(['a'])
  const { asyncHandle, cloneID, volumeID } = await ask('CloneVolume', { volumeID: 1, name: 'b' })
  wait(CLONE_MS)
  const kept = await ask('GetAsyncResult', { asyncHandle, keepResult: true })
  assert.deepEqual(kept.result, { cloneID, volumeID, message: 'Clone complete.' })
  const { asyncHandles } = await ask('ListAsyncResults')
  assert.deepEqual([asyncHandles[0].asyncResultID, asyncHandles[0].completed], [asyncHandle, true])
  const told = await ask('GetAsyncResult', { asyncHandle })
  assert.deepEqual([told.status, told.resultType], ['complete', 'Clone'])
  assert.equal(await refused('GetAsyncResult', { asyncHandle }), 'xAsyncHandleDoesNotExist')
  assert.equal(await refused('GetAsyncResult', { asyncHandle }, '7.0'), 'xDBNoSuchPath')
})

test('a clone that was deleted meanwhile has failed', async () => {
  const { ask, wait } = await wireWithVolumes(['a'])
  const { asyncHandle, volumeID } = await ask('CloneVolume', { volumeID: 1, name: 'b' })
  await ask('DeleteVolume', { volumeID })
  wait(CLONE_MS)
  const { status, error } = await ask('GetAsyncResult', { asyncHandle })
  assert.deepEqual([status, error.name], ['complete', 'xVolumeIDDoesNotExist'])
})

test('a volume is cloned twice at once and not three times', async () => {
  const { ask, refused, wait } = await wireWithVolumes(['a'])
  for (const name of ['b', 'c']) await ask('CloneVolume', { volumeID: 1, name })
  assert.equal(await refused('CloneVolume', { volumeID: 1, name: 'd' }), 'xMaxClonesPerVolumeExceeded')
  wait(CLONE_MS)
  await ask('CloneVolume', { volumeID: 1, name: 'd' })
})

test('a clone can be of a snapshot of that volume, and of another size', async () => {
  const { ask, refused } = await wireWithVolumes(['a', 'b'])
  const { snapshotID } = await ask('CreateSnapshot', { volumeID: 1 })
  await ask('ModifyVolume', { volumeID: 1, totalSize: 3_000_000_000 })
  const ofSnapshot = await ask('CloneVolume', { volumeID: 1, name: 'c', snapshotID })
  assert.equal(ofSnapshot.volume.totalSize, 1_000_341_504)
  const larger = await ask('CloneVolume', { volumeID: 1, name: 'd', snapshotID, newSize: 2_000_000_000 })
  assert.equal(larger.volume.totalSize, 2_000_683_008)
  assert.equal(await refused('CloneVolume', { volumeID: 2, name: 'e', snapshotID }), 'xSnapshotIDDoesNotExist')
})

test('a clone in the making cannot be cloned yet', async () => {
  const { ask, refused, wait } = await wireWithVolumes(['a'])
  const { volumeID } = await ask('CloneVolume', { volumeID: 1, name: 'b' })
  assert.equal(await refused('CloneVolume', { volumeID, name: 'c' }), 'xSliceNotRegistered')
  wait(CLONE_MS)
  await ask('CloneVolume', { volumeID, name: 'c' })
})
