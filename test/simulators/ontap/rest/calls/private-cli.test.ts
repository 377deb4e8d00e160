import assert from 'node:assert/strict'
import { test } from 'node:test'
import { svmNamed } from '../../../../../src/simulators/ontap/operations/find.ts'
import { shownJunctions } from '../../../../../src/simulators/ontap/operations/junctions.ts'
import { addLoadSharing } from '../../../../../src/simulators/ontap/operations/mirrors.ts'
import { newVolume, openClient } from '../../client.ts'

const HOUR_MS = 3_600_000

test('whether .snapshot shows can be changed before the API proper could', async (t) => {
  const { ask, records, simulator } = await openClient(t, { release: '9.8' })
  await ask('POST /storage/volumes', newVolume('v'))
  const { status, body } = await (await openClient(t)).call('PATCH /private/cli/volume?vserver=svm1', { body: {} })
  assert.deepEqual([status, body.error.code], [400, '262177'])
  const reply = await ask('PATCH /private/cli/volume?vserver=svm1&volume=v', { 'snapdir-access': false })
  assert.equal(reply.num_records, 1)
  assert.equal(simulator.array.volumes.all().find(({ name }) => name === 'v')?.snapshotDirectory, false)
  const [row] = await records('/private/cli/volume?volume=v&fields=snapdir-access')
  assert.deepEqual([row.vserver, row.snapdir_access], ['svm1', false])
})

test('where the root volume is mirrored, a new junction shows only after an update, which takes its time', async (t) => {
  const { ask, records, refused, simulator } = await openClient(t)
  const svm = () => svmNamed(simulator.array, 'svm1')
  const shows = () => [...shownJunctions(simulator.array, svm().uuid).keys()]
  const update = { 'source-path': 'svm1:svm1_root' }
  assert.deepEqual(await refused('POST /private/cli/snapmirror/update-ls-set', update), [404, '4'])
  await simulator.change((array) => addLoadSharing(array, svm(), ['aggr1', 'aggr2']))
  await ask('POST /storage/volumes', newVolume('v', { nas: { path: '/v' } }))
  assert.deepEqual(shows(), ['/'])
  simulator.array.durations = { ...simulator.array.durations, job: HOUR_MS }
  const mirrors = await records('/private/cli/snapmirror?type=LS&fields=source-path,destination-path,status')
  assert.deepEqual(
    mirrors.map(({ destination_path, status }) => [destination_path, status]),
    [
      ['svm1:svm1_root_m1', 'idle'],
      ['svm1:svm1_root_m2', 'idle'],
    ],
  )
  await ask('POST /private/cli/snapmirror/update-ls-set', update)
  assert.equal((await records('/private/cli/snapmirror?fields=status'))[0].status, 'transferring')
  await simulator.advanceClock(HOUR_MS)
  assert.deepEqual(shows(), ['/', '/v'])
})

test('a deleted volume can be had back from the queue', async (t) => {
  const { ask, records } = await openClient(t)
  await ask('POST /storage/volumes', newVolume('v'))
  const [{ uuid }] = await records('/storage/volumes?name=v')
  await ask(`DELETE /storage/volumes/${uuid}`)
  const [{ volume }] = await records('/private/cli/volume/recovery-queue')
  await ask('POST /private/cli/volume/recovery-queue/recover', { volume })
  assert.equal((await records('/storage/volumes?name=v&fields=state'))[0].state, 'offline')
})
