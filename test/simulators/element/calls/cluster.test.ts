import assert from 'node:assert/strict'
import { test } from 'node:test'
import { wireWithVolumes } from '../wire.ts'

test('versions are texts, and each has its list of methods', async () => {
  const { ask } = await wireWithVolumes([], '10.0')
  const api = await ask('GetAPI')
  assert.equal(api.currentVersion, '10.0')
  assert.deepEqual(api.supportedVersions.slice(-2), ['9.6', '10.0'])
  assert.ok(api['10.0'].includes('CreateQoSPolicy') && !api['9.6'].includes('CreateQoSPolicy'))
  assert.ok(api['8.0'].includes('ListVolumes') && !api['7.4'].includes('ListVolumes'))
  const { clusterAPIVersion, softwareVersionInfo } = await ask('GetClusterVersionInfo')
  assert.deepEqual([clusterAPIVersion, softwareVersionInfo.packageName], ['10.0', ''])
})

test('the cluster names itself and its addresses, without ports', async () => {
  const { ask, array } = await wireWithVolumes([])
  const { clusterInfo } = await ask('GetClusterInfo')
  assert.deepEqual([clusterInfo.svip, clusterInfo.mvip], ['127.0.0.1', '127.0.0.1'])
  assert.match(clusterInfo.uniqueID, /^[a-z0-9]{4}$/)
  assert.equal(clusterInfo.uuid, array.identity.uuid)
  const { clusterHardwareInfo } = await ask('GetClusterHardwareInfo', { type: 'nodes' })
  assert.equal(typeof clusterHardwareInfo.nodes['1'].serial, 'string')
})

test('capacity and limits are told in bytes and numbers', async () => {
  const { ask } = await wireWithVolumes(['a', 'b'])
  const { clusterCapacity } = await ask('GetClusterCapacity')
  assert.equal(clusterCapacity.provisionedSpace, 2 * 1_000_341_504)
  const limits = await ask('GetLimits')
  assert.deepEqual([limits.volumeCountMax, limits.volumeSizeMin, limits.snapshotsPerVolumeMax], [4000, 1e9, 32])
})

test('nobody is logged in to an array without a data plane', async () => {
  const { ask } = await wireWithVolumes(['a'])
  assert.deepEqual(await ask('ListISCSISessions'), { sessions: [] })
  assert.equal((await ask('GetCurrentClusterAdmin')).clusterAdmin.username, 'admin')
})
