import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Client, newVolume, openClient, uuidOf } from '../../client.ts'

async function withSnapshots(client: Client, ...names: readonly string[]): Promise<string> {
  await client.ask('POST /storage/volumes', newVolume('v'))
  const uuid = await uuidOf(client, 'v')
  for (const name of names) {
    await client.simulator.advanceClock(1000)
    await client.ask(`POST /storage/volumes/${uuid}/snapshots`, { name, comment: `of ${name}` })
  }
  return `/storage/volumes/${uuid}/snapshots`
}

test('snapshots are listed oldest first, with what was said of them', async (t) => {
  const client = await openClient(t)
  const path = await withSnapshots(client, 'b', 'a')
  const rows = await client.records(`${path}?fields=create_time,comment,size,state,owners`)
  assert.deepEqual(
    rows.map(({ name, comment, owners, state }) => [name, comment, owners, state]),
    [
      ['b', 'of b', undefined, 'valid'],
      ['a', 'of a', undefined, 'valid'],
    ],
  )
  assert.equal((await client.records('/storage/volumes?name=v&fields=snapshot_count'))[0].snapshot_count, 2)
})

test('a snapshot that is there already, has a bad name or none, or is one too many is refused', async (t) => {
  const client = await openClient(t)
  const path = await withSnapshots(client, 'a')
  assert.deepEqual(await client.refused(`POST ${path}`, { name: 'a' }), [409, '525059'])
  assert.deepEqual(await client.refused(`POST ${path}`, { name: 'a/b' }), [400, '1638518'])
  assert.deepEqual(await client.refused(`POST ${path}`, {}), [400, '262177'])
  const { array, change } = client.simulator
  const [first] = [...array.snapshots.values()][0]!
  const many = Array.from({ length: 1023 }, (_, index) => ({ ...first!, name: `s${index}`, uuid: `${index}` }))
  await change(() => array.snapshots.set(first!.volume, many))
  assert.deepEqual(await client.refused(`POST ${path}`, { name: 'more' }), [400, '525062'])
})

test('a snapshot that a clone needs is busy: its job fails', async (t) => {
  const client = await openClient(t)
  const path = await withSnapshots(client, 'a')
  const clone = { is_flexclone: true, parent_volume: { name: 'v' }, parent_snapshot: { name: 'a' } }
  await client.ask('POST /storage/volumes', { name: 'c', svm: { name: 'svm1' }, clone })
  const [{ uuid }] = await client.records(`${path}?name=a`)
  const { status, body } = await client.call(`DELETE ${path}/${uuid}`)
  assert.equal(status, 202)
  await client.simulator.advanceClock(1000)
  const job = await client.ask(`GET /cluster/jobs/${body.job.uuid}`)
  assert.deepEqual([job.state, job.code], ['failure', 1_638_555])
})

test('restoring a snapshot loses the newer ones', async (t) => {
  const client = await openClient(t)
  const path = await withSnapshots(client, 'a', 'b', 'c')
  await client.ask(`PATCH ${path.replace('/snapshots', '')}?restore_to.snapshot.name=a`, {})
  assert.deepEqual(
    (await client.records(path)).map(({ name }) => name),
    ['a'],
  )
  assert.deepEqual(await client.refused(`PATCH ${path.replace('/snapshots', '')}?restore_to.snapshot.name=never`, {}), [
    404,
    '1638600',
  ])
})

test('a snapshot is renamed and deleted', async (t) => {
  const client = await openClient(t)
  const path = await withSnapshots(client, 'a')
  const [{ uuid }] = await client.records(path)
  await client.ask(`PATCH ${path}/${uuid}`, { name: 'b' })
  assert.equal((await client.ask(`GET ${path}/${uuid}`)).name, 'b')
  await client.ask(`DELETE ${path}/${uuid}`)
  assert.deepEqual(await client.refused(`GET ${path}/${uuid}`), [404, '4'])
})
