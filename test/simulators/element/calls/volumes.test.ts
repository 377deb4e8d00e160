import assert from 'node:assert/strict'
import { test } from 'node:test'
import { wire, wireWithVolumes } from '../wire.ts'

const GB = 1_000_000_000
const volume = { name: 'Data-1', accountID: 1, totalSize: GB, enable512e: true }

test('a new volume is active at once, and its names are made of its number, its name and the array’s', async () => {
  const { ask, array } = await wireWithVolumes([])
  Object.assign(array, { identity: { ...array.identity, uniqueID: 'jyay' } })
  array.last.volume = 4

  const { volumeID, volume: made, curve } = await ask('CreateVolume', volume)
  assert.equal(volumeID, 5)
  assert.deepEqual(Object.keys(curve).slice(0, 2), ['4096', '8192'])
  assert.deepEqual([made.status, made.name, made.iqn], ['active', 'Data-1', 'iqn.2010-01.com.solidfire:jyay.data-1.5'])
  assert.equal(made.scsiNAADeviceID, '6f47acc1000000006a79617900000005')
  assert.equal(made.scsiEUIDeviceID, '6a79617900000005f47acc0100000000')
  assert.deepEqual([made.deleteTime, made.purgeTime, made.volumeAccessGroups], ['', '', []])
  assert.match(made.createTime, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
})

test('a block is 4096 bytes with 512-byte emulation too, and a slice is there after the first reply', async () => {
  const { ask } = await wireWithVolumes([])
  const { volume: made } = await ask('CreateVolume', volume)
  const { volumes } = await ask('ListActiveVolumes')
  assert.deepEqual([made.blockSize, made.enable512e, made.sliceCount], [4096, true, 0])
  assert.equal(volumes[0].sliceCount, 1)
})

test('sizes are rounded up to a MiB, and are from 1 GB to 16 TiB', async () => {
  const { ask, refused } = await wireWithVolumes([])
  const sizeOf = async (totalSize: number) => (await ask('CreateVolume', { ...volume, totalSize })).volume.totalSize
  assert.equal(await sizeOf(GB), 1_000_341_504)
  assert.equal(await sizeOf(2 * GB), 2_000_683_008)
  assert.equal(await sizeOf(1_000_341_504), 1_000_341_504)
  assert.equal(await sizeOf(17_592_186_044_416), 17_592_186_044_416)
  for (const totalSize of [GB - 1, 17_592_186_044_417]) {
    assert.equal(await refused('CreateVolume', { ...volume, totalSize }), 'xInvalidParameter')
  }
})

test('two volumes may have one name, but a name has only letters, digits and hyphens', async () => {
  const { ask, refused } = await wireWithVolumes([])
  await ask('CreateVolume', volume)
  assert.equal((await ask('CreateVolume', volume)).volumeID, 2)
  for (const name of ['', 'a_b', 'a.b', 'a b', 'x'.repeat(65)]) {
    assert.equal(await refused('CreateVolume', { ...volume, name }), 'xInvalidParameter', name)
  }
  await ask('CreateVolume', { ...volume, name: 'x'.repeat(64) })
})

test('what a volume must be told, and what it cannot be, is refused by name', async () => {
  const { refused } = await wireWithVolumes([])
  for (const name of Object.keys(volume)) {
    assert.equal(await refused('CreateVolume', { ...volume, [name]: undefined }), 'xMissingParameter', name)
  }
  assert.equal(await refused('CreateVolume', { ...volume, accountID: 7 }), 'xAccountIDDoesNotExist')
  assert.equal(await refused('CreateVolume', { ...volume, totalSize: 'big' }), 'xInvalidParameterType')
  assert.equal(await refused('CreateVolume', { ...volume, access: 'mine' }), 'xUnrecognizedEnumString')
  assert.equal(await refused('CreateVolume', { ...volume, sise: 5 }), 'xInvalidAPIParameter')
  const attributes = { text: 'x'.repeat(1000) }
  assert.equal(await refused('CreateVolume', { ...volume, attributes }), 'xInvalidParameter')
})

test('quality of service is within its ranges, and least is not above most', async () => {
  const { ask, refused } = await wireWithVolumes([])
  const made = await ask('CreateVolume', { ...volume, qos: { minIOPS: 100, maxIOPS: 200, burstIOPS: 300 } })
  const { curve, ...values } = made.volume.qos
  assert.deepEqual(values, { minIOPS: 100, maxIOPS: 200, burstIOPS: 300, burstTime: 60 })
  assert.equal(curve['1048576'], 15_000)
  for (const qos of [
    { minIOPS: 300, maxIOPS: 200 },
    { maxIOPS: 500, burstIOPS: 400 },
    { minIOPS: 49 },
    { minIOPS: 15_001, maxIOPS: 20_000, burstIOPS: 20_000 },
    { maxIOPS: 200_001, burstIOPS: 200_001 },
  ]) {
    assert.equal(await refused('CreateVolume', { ...volume, qos }), 'xInvalidParameter', JSON.stringify(qos))
  }
})

test('zero values, as clients written in Go send them, are as good as nothing', async () => {
  const { ask } = await wireWithVolumes([])
  const made = await ask('CreateVolume', { ...volume, access: '', qos: {}, qosPolicyID: 0, attributes: null })
  assert.deepEqual([made.volume.access, made.volume.qos.maxIOPS, made.volume.attributes], ['readWrite', 15_000, {}])
  const modified = await ask('ModifyVolume', { volumeID: 1, accountID: 0, access: '', totalSize: 0 })
  assert.equal(modified.volume.totalSize, 1_000_341_504)
})

test('a volume grows and never shrinks; new attributes take the place of all the old', async () => {
  const { ask, refused } = await wireWithVolumes(['a'])
  await ask('ModifyVolume', { volumeID: 1, attributes: { one: 1, two: 2 } })
  const { volume: grown } = await ask('ModifyVolume', { volumeID: 1, totalSize: 2 * GB, attributes: { three: 3 } })
  assert.deepEqual([grown.totalSize, grown.attributes], [2_000_683_008, { three: 3 }])
  assert.equal(await refused('ModifyVolume', { volumeID: 1, totalSize: GB }), 'xVolumeShrinkProhibited')
  assert.equal(await refused('ModifyVolume', { volumeID: 9, totalSize: GB }), 'xVolumeIDDoesNotExist')
})

test('an array takes only so many volumes', async () => {
  const { ask, refused, array } = await wireWithVolumes(['a'])
  array.limits = { ...array.limits, volumesPerAccountCountMax: 2 }
  await ask('CreateVolume', volume)
  assert.equal(await refused('CreateVolume', volume), 'xExceededLimit')
})

test('an account’s number is asked for before anything is made', async () => {
  const { refused, ask } = wire()
  assert.equal(await refused('CreateVolume', volume), 'xAccountIDDoesNotExist')
  assert.deepEqual(await ask('ListActiveVolumes'), { volumes: [] })
})
