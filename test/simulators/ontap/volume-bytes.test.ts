import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { NfsVolumes } from '../../../src/simulators/data-plane/nfs-volumes.ts'
import { nfsView } from '../../../src/simulators/ontap/nfs-view.ts'
import { deleteVolume, recoverFromQueue, recoveryQueue } from '../../../src/simulators/ontap/operations/deletion.ts'
import { changeVolume } from '../../../src/simulators/ontap/operations/volume-changes.ts'
import { createVolume } from '../../../src/simulators/ontap/operations/volumes.ts'
import { addSvm, prepareCluster } from '../../../src/simulators/ontap/preload.ts'
import { parseRelease } from '../../../src/simulators/ontap/releases.ts'
import { newArray } from '../../../src/simulators/ontap/state.ts'
import { VolumeBytes } from '../../../src/simulators/ontap/volume-bytes.ts'

test('the bytes of a deleted volume outlive a restart for as long as it can be recovered', async () => {
  const durations = { job: 0, split: 0, quota: 0 }
  const array = newArray({ release: parseRelease('9.15.1'), durations, lif: { scope: 'svm', svm: 'svm1' } })
  prepareCluster(array)
  const svm = addSvm(array, { name: 'svm1', dataLifs: [], managementLif: '127.0.0.1', nfsVersions: ['3'] })
  const place = { svm: svm.uuid, style: 'flexvol', aggregates: ['aggr1'], snapshotPolicy: 'none' } as const
  const { uuid } = createVolume(array, { ...place, name: 'v', junction: '/v' })
  deleteVolume(array, uuid, { unmountAndOffline: true, purge: false })

  const kept: string[] = []
  const bytes = new VolumeBytes(array, keeping(kept))
  await bytes.begin()
  assert.deepEqual(kept, [uuid])
  assert.deepEqual(nfsView(array).mounts, [])
  recoverFromQueue(array, svm.uuid, recoveryQueue(array, svm.uuid)[0]!.name)
  changeVolume(array, uuid, { state: 'online', junction: '/v' })
  assert.ok(bytes.has(uuid))
  assert.deepEqual(nfsView(array).mounts, [{ path: '/v', volume: uuid }])
})

/** Volumes of which only those count that a start keeps. */
function keeping(kept: string[]): NfsVolumes {
  const nothing = async () => {}
  return {
    keepOnly: async (volumes) => void kept.push(...volumes),
    ensure: async () => true,
    pathOf: (volume) => `/${volume}`,
    usedBy: async () => 0,
    ...{ clone: nothing, grow: nothing, remove: nothing, restore: nothing, setOwner: nothing, limitTree: nothing },
    ...{ makeTree: nothing, renameTree: nothing, removeTree: nothing, close: nothing, unused: nothing },
    ...{ takeSnapshot: nothing, keepSnapshots: nothing, mountSnapshot: nothing },
  }
}
