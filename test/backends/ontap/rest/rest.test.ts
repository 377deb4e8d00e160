import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newVolume, type Subject, scene } from '../contract-scene.ts'
import { ontapContract } from '../ontap.contract.ts'

const rest: Omit<Subject, 'release'> = {
  dialect: 'rest',
  operations: {
    create: 'POST /storage/volumes',
    find: 'GET /storage/volumes',
    remove: 'DELETE /storage/volumes/{uuid}',
    change: 'PATCH /storage/volumes/{uuid}',
  },
  busy: '8',
  rightToCreate: /access "all" to \/api\/storage\/volumes/,
}

for (const [release, useREST] of [
  ['9.12.1', true],
  ['9.15.1', undefined],
] as const) {
  ontapContract({ ...rest, release, ...(useREST !== undefined && { useREST }) })
}

test('each verb costs no more calls than it has to', async (t) => {
  const { array, ontap, ctx } = await scene(t, { ...rest, release: '9.15.1' }, { volumes: 5_000 })
  const cost = async (work: Promise<unknown>) => {
    await work
    const counts = array.counts()
    array.resetCounts()
    return counts
  }
  const { create, find, change, remove } = rest.operations
  /** But for the look that is needed where the answer to POST shows no UUID. */
  const making = async (work: Promise<unknown>) => {
    const { [find]: looks = 0, ...others } = await cost(work)
    assert.ok(looks <= 1)
    return others
  }
  array.resetCounts()
  const shown = newVolume('v1', { snapshotDirectory: true })
  assert.deepEqual(await making(ontap.volumes.create(ctx, shown)), { [create]: 1 })
  assert.deepEqual(await making(ontap.volumes.create(ctx, newVolume('v2'))), { [create]: 1 })
  const found = await ontap.volumes.find(ctx, 'v1')
  assert.ok(found)
  assert.deepEqual(await cost(Promise.resolve()), { [find]: 1 })
  assert.deepEqual(await cost(ontap.volumes.withPrefix(ctx, 'netappdvp_')), { [find]: 3 }, '2,000 a page')
  const seen = 'GET /svm/svms/{uuid}'
  assert.deepEqual(await cost(ontap.volumes.withPrefix(ctx, 'none_')), { [find]: 1, [seen]: 1 })
  assert.deepEqual(await cost(ontap.volumes.withPrefix(ctx, 'none_')), { [find]: 1 }, 'but not each time')
  const clone = { name: 'c1', source: 'v1', junctionPath: '/c1', comment: 'm', style: 'flexvol', intent: 'i' } as const
  assert.deepEqual(await cost(ontap.volumes.clone(ctx, clone)), { [create]: 1, [find]: 1 })
  assert.deepEqual(await cost(ontap.volumes.change(ctx, found, { comment: 'x', size: found.size })), { [change]: 1 })
  const second = await ontap.volumes.find(ctx, 'v2')
  array.resetCounts()
  assert.ok(second)
  assert.deepEqual(await cost(ontap.volumes.remove(ctx, second, { purge: true })), { [remove]: 1 })
  assert.deepEqual(await cost(ontap.aggregates.assigned(ctx)), { [seen]: 1 })
  assert.deepEqual(await cost(ontap.network.nfsInterfaces(ctx)), { 'GET /network/ip/interfaces': 1 })
  const snapshots = 'GET /storage/volumes/{volume.uuid}/snapshots'
  assert.deepEqual(await cost(ontap.snapshots.ofVolume(ctx, found)), { [snapshots]: 1 })
})
