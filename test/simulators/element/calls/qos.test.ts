import assert from 'node:assert/strict'
import { test } from 'node:test'
import { wireWithVolumes } from '../wire.ts'

const volume = { name: 'v', accountID: 1, totalSize: 1e9, enable512e: true }

test('a volume follows its policy, until it gets values of its own', async () => {
  const { ask } = await wireWithVolumes([])
  await ask('CreateQoSPolicy', { name: 'gold', qos: { minIOPS: 1000, maxIOPS: 2000, burstIOPS: 3000 } })
  const made = await ask('CreateVolume', { ...volume, qosPolicyID: 1 })
  assert.deepEqual([made.volume.qosPolicyID, made.volume.qos.minIOPS], [1, 1000])

  await ask('ModifyQoSPolicy', { qosPolicyID: 1, qos: { minIOPS: 1500 } })
  assert.equal((await ask('ListVolumes')).volumes[0].qos.minIOPS, 1500)
  assert.deepEqual((await ask('GetQoSPolicy', { qosPolicyID: 1 })).qosPolicy.volumeIDs, [1])

  const own = await ask('ModifyVolume', { volumeID: 1, qos: { minIOPS: 60 } })
  assert.deepEqual([own.volume.qosPolicyID, own.volume.qos.minIOPS, own.volume.qos.maxIOPS], [null, 60, 2000])
})

test('a policy that ends leaves its values behind', async () => {
  const { ask, refused } = await wireWithVolumes([])
  await ask('CreateQoSPolicy', { name: 'gold', qos: { minIOPS: 1000, maxIOPS: 2000, burstIOPS: 3000 } })
  await ask('CreateVolume', { ...volume, qosPolicyID: 1 })
  await ask('DeleteQoSPolicy', { qosPolicyID: 1 })
  const { volumes } = await ask('ListVolumes')
  assert.deepEqual([volumes[0].qosPolicyID, volumes[0].qos.minIOPS], [null, 1000])
  assert.deepEqual(await ask('ListQoSPolicies'), { qosPolicies: [] })
  assert.equal(await refused('CreateVolume', { ...volume, qosPolicyID: 1 }), 'xQoSPolicyDoesNotExist')
})

test('policies came with version 10, and the default is older', async () => {
  const { ask, refused } = await wireWithVolumes([])
  assert.equal(await refused('ListQoSPolicies', {}, '9.6'), 'xUnknownAPIMethod')
  const { minIOPS, maxIOPS, burstIOPS, burstTime } = await ask('GetDefaultQoS', {}, '7.0')
  assert.deepEqual([minIOPS, maxIOPS, burstIOPS, burstTime], [50, 15_000, 15_000, 60])
})
