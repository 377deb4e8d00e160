import assert from 'node:assert/strict'
import { test } from 'node:test'
import { GIB } from '../../../src/units.ts'
import { context } from '../../host/fakes.ts'
import { cluster, dropped, fault, volume } from './clusters.ts'

const clone = { sourceId: 1, name: 'copy', attributes: { intent: 'x' } }
const begun = { result: { volumeID: 7, asyncHandle: 42, cloneID: 5, volume: volume(7, { status: 'init' }) } }
const running = { result: { status: 'running', resultType: 'Clone' } }
const complete = { result: { status: 'complete', result: { volumeID: 7, message: 'Clone complete.' } } }
const listed = (...volumes: readonly unknown[]) => ({ result: { volumes } })

test('a clone is answered once the array has made it', async (t) => {
  const replies = [begun, running, complete, listed(volume(7, { status: 'init' })), listed(volume(7))]
  const { element, calls } = await cluster(t, replies)
  const made = await element.volumes.clone(context(), clone)
  assert.deepEqual([made.id, made.status], [7, 'active'])
  assert.deepEqual(
    calls.map(({ method }) => method),
    ['CloneVolume', 'GetAsyncResult', 'GetAsyncResult', 'ListVolumes', 'ListVolumes'],
  )
  assert.deepEqual(calls[0]?.params, { volumeID: 1, name: 'copy', attributes: { intent: 'x' } })
})

for (const gone of ['xAsyncHandleDoesNotExist', 'xDBNoSuchPath']) {
  test(`a clone whose end was told to nobody (${gone}) is judged by the volume`, async (t) => {
    const { element } = await cluster(t, [begun, dropped, fault(gone), listed(volume(7))])
    assert.equal((await element.volumes.clone(context(), clone)).id, 7)
  })
}

test('a clone that fails in the end is told in the words of the array, whatever they are', async (t) => {
  for (const [name, code] of [
    ['xSnapshotIDDoesNotExist', 'NOT_FOUND'],
    ['xSliceNotRegistered', 'BUSY'],
  ] as const) {
    const failed = { result: { status: 'complete', error: { name, message: 'it went wrong' } } }
    const { element, calls } = await cluster(t, [begun, failed])
    await assert.rejects(element.volumes.clone(context(), clone), { code, message: new RegExp(`${name}: "it went`) })
    assert.equal(calls.length, 2)
  }
})

test('a clone whose volume is gone or deleted when the job is over has failed', async (t) => {
  for (const rest of [listed(), listed(volume(7, { status: 'deleted' }))]) {
    const { element } = await cluster(t, [begun, complete, rest])
    await assert.rejects(element.volumes.clone(context(), clone), { code: 'REFUSED', message: /"copy"/ })
  }
})

test('the clone of a volume that was only just made waits for its source', async (t) => {
  const { element } = await cluster(t, [
    fault('xSliceNotRegistered'),
    fault('xInvalidParameter'),
    begun,
    complete,
    listed(volume(7)),
  ])
  assert.equal((await element.volumes.clone(context(), clone)).id, 7)
})

test('a clone that has begun is waited for though nobody asks any more', async (t) => {
  const gone = new AbortController()
  const { element, server } = await cluster(t, [begun, fault('xDBConnectionLoss'), complete, listed(volume(7))])
  const { answer } = server
  server.answer = (seen, response, socket) => {
    gone.abort()
    answer(seen, response, socket)
  }
  assert.equal((await element.volumes.clone({ ...context(), gone: gone.signal }, clone)).id, 7)
})

test('volumes of another name or account, and deleted ones, are left out whatever the array lists', async (t) => {
  const { element, calls } = await cluster(t, [
    listed(
      volume(1),
      volume(2, { name: 'v1', status: 'deleted' }),
      volume(3),
      volume(4, { name: 'v1', status: 'init' }),
    ),
  ])
  const found = await element.volumes.named(context(), 3, 'v1')
  assert.deepEqual(
    found.map(({ id }) => id),
    [1, 4],
  )
  assert.deepEqual(calls[0]?.params, { accounts: [3], volumeName: 'v1' })
})

test('looking for no ID at all asks nobody', async (t) => {
  const { element, calls } = await cluster(t, [listed(volume(1))])
  assert.deepEqual(await element.volumes.withIds(context(), []), [])
  assert.equal(calls.length, 0)
})

test('an account with more than 10,000 volumes is listed page by page', async (t) => {
  const page = Array.from({ length: 10_000 }, (_, index) => volume(2 * index + 1))
  const { element, calls } = await cluster(t, [listed(...page), listed(volume(30_000))])
  const found = await element.volumes.ofAccount(context(), 3)
  assert.equal(found.length, 10_001)
  assert.deepEqual(
    calls.map(({ params }) => params['startVolumeID']),
    [0, 20_000],
  )
})

test('only what is to change is sent', async (t) => {
  const { element, calls } = await cluster(t, [{ result: { volume: volume(7) } }])
  await element.volumes.rewrite(context(), 7, { a: 1 })
  await element.volumes.modify(context(), 7, { size: GIB, qos: { minIOPS: 50, maxIOPS: 100, burstIOPS: 100 } })
  assert.deepEqual(
    calls.map(({ params }) => params),
    [
      { volumeID: 7, attributes: { a: 1 } },
      { volumeID: 7, totalSize: GIB, qos: { minIOPS: 50, maxIOPS: 100, burstIOPS: 100 } },
    ],
  )
})

test('volumes that are in the access group already are fine, and the others still get in', async (t) => {
  const { element, calls } = await cluster(t, [
    fault('xAlreadyInVolumeAccessGroup'),
    fault('xAlreadyInVolumeAccessGroup'),
    { result: { volumeAccessGroup: {} } },
  ])
  await element.accessGroups.addVolumes(context(), 5, [1, 2])
  assert.deepEqual(
    calls.map(({ params }) => params['volumes']),
    [[1, 2], [1], [2]],
  )
})
