import assert from 'node:assert/strict'
import { test } from 'node:test'
import { wireWithVolumes } from '../wire.ts'

const HOST = 'iqn.1993-08.org.debian:01:abc'

test('an access group makes initiators it is told by name, in lower case, and shows its volumes', async () => {
  const { ask } = await wireWithVolumes(['a', 'b'])
  const { volumeAccessGroupID, volumeAccessGroup } = await ask('CreateVolumeAccessGroup', {
    name: 'hosts',
    initiators: ['iqn.1993-08.org.debian:01:ABC'],
    volumes: [1],
  })
  assert.equal(volumeAccessGroupID, 1)
  assert.deepEqual([volumeAccessGroup.initiators, volumeAccessGroup.initiatorIDs], [[HOST], [1]])
  assert.deepEqual(volumeAccessGroup.volumes, [1])
  assert.deepEqual((await ask('ListActiveVolumes')).volumes[0].volumeAccessGroups, [1])
})

test('a deleted volume moves to the group’s deleted ones until it is purged', async () => {
  const { ask } = await wireWithVolumes(['a'])
  await ask('CreateVolumeAccessGroup', { name: 'hosts', volumes: [1] })
  await ask('DeleteVolume', { volumeID: 1 })
  const group = async () => (await ask('ListVolumeAccessGroups')).volumeAccessGroups[0]
  assert.deepEqual([(await group()).volumes, (await group()).deletedVolumes], [[], [1]])
  await ask('PurgeDeletedVolume', { volumeID: 1 })
  assert.deepEqual((await group()).deletedVolumes, [])
})

test('members come and go, and a stranger’s going is refused', async () => {
  const { ask, refused } = await wireWithVolumes(['a', 'b'])
  await ask('CreateVolumeAccessGroup', { name: 'hosts' })
  const id = { volumeAccessGroupID: 1 }
  assert.deepEqual(
    (await ask('AddVolumesToVolumeAccessGroup', { ...id, volumes: [1, 2] })).volumeAccessGroup.volumes,
    [1, 2],
  )
  await ask('AddVolumesToVolumeAccessGroup', { ...id, volumes: [2] })
  await ask('RemoveVolumesFromVolumeAccessGroup', { ...id, volumes: [1] })
  assert.equal(await refused('RemoveVolumesFromVolumeAccessGroup', { ...id, volumes: [1] }), 'xNotInVolumeAccessGroup')
  await ask('AddInitiatorsToVolumeAccessGroup', { ...id, initiators: [HOST] })
  const { volumeAccessGroup } = await ask('RemoveInitiatorsFromVolumeAccessGroup', { ...id, initiators: [1] })
  assert.deepEqual(volumeAccessGroup.initiators, [])
  assert.equal(
    await refused('RemoveInitiatorsFromVolumeAccessGroup', { ...id, initiators: [1] }),
    'xNotInVolumeAccessGroup',
  )
})

test('an initiator is in one group only', async () => {
  const { ask, refused } = await wireWithVolumes([])
  await ask('CreateVolumeAccessGroup', { name: 'one', initiators: [HOST] })
  const second = { name: 'two', initiators: [HOST] }
  assert.equal(await refused('CreateVolumeAccessGroup', second), 'xAlreadyInVolumeAccessGroup')
})

test('a group’s lists are replaced, and a group that ends leaves volumes and initiators behind', async () => {
  const { ask, refused } = await wireWithVolumes(['a', 'b'])
  await ask('CreateVolumeAccessGroup', { name: 'hosts', volumes: [1], initiators: [HOST] })
  const id = { volumeAccessGroupID: 1 }
  const { volumeAccessGroup } = await ask('ModifyVolumeAccessGroup', { ...id, name: 'new', volumes: [2] })
  assert.deepEqual([volumeAccessGroup.name, volumeAccessGroup.volumes], ['new', [2]])
  assert.deepEqual(volumeAccessGroup.initiators, [HOST])
  await ask('DeleteVolumeAccessGroup', id)
  assert.deepEqual((await ask('ListActiveVolumes')).volumes[1].volumeAccessGroups, [])
  assert.equal((await ask('ListInitiators')).initiators[0].initiatorName, HOST)
  assert.equal(await refused('ModifyVolumeAccessGroup', id), 'xVolumeAccessGroupIDDoesNotExist')
  assert.deepEqual((await ask('ListVolumeAccessGroups', { volumeAccessGroups: [1] })).volumeAccessGroupsNotFound, [1])
})

test('initiators are made all or none, renamed by alias, and deleted out of their groups', async () => {
  const { ask, refused } = await wireWithVolumes([])
  await ask('CreateVolumeAccessGroup', { name: 'hosts' })
  const { initiators } = await ask('CreateInitiators', {
    initiators: [{ name: HOST, alias: 'first', volumeAccessGroupID: 1 }],
  })
  assert.deepEqual([initiators[0].alias, initiators[0].volumeAccessGroups], ['first', [1]])
  const both = { initiators: [{ name: 'iqn.2000-01.a.b:new' }, { name: HOST }] }
  assert.equal(await refused('CreateInitiators', both), 'xInitiatorExists')
  assert.equal((await ask('ListInitiators')).initiators.length, 1)
  await ask('ModifyInitiators', { initiators: [{ initiatorID: 1, alias: 'second' }] })
  assert.equal((await ask('ListInitiators', { initiators: [1] })).initiators[0].alias, 'second')
  await ask('DeleteInitiators', { initiators: [1] })
  assert.deepEqual((await ask('ListVolumeAccessGroups')).volumeAccessGroups[0].initiators, [])
  assert.equal(await refused('DeleteInitiators', { initiators: [1] }), 'xInitiatorDoesNotExist')
  assert.equal(await refused('CreateInitiators', { initiators: [{ name: 'host' }] }), 'xInvalidParameter')
})
