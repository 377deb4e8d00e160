import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Client, GIB, type Loose, newVolume, openClient } from '../client.ts'

const names = (records: readonly Loose[]) => records.map(({ name }) => name)

async function withVolumes(client: Client, ...volumes: readonly string[]): Promise<Client> {
  for (const name of volumes) await client.ask('POST /storage/volumes', newVolume(name))
  return client
}

test('without fields a list has what identifies its records, and links', async (t) => {
  const { call } = await openClient(t, { volumes: 1 })
  const { type, body } = await call('GET /storage/volumes?name=netappdvp_bench_0')
  assert.equal(type, 'application/hal+json')
  const [record] = body.records
  assert.deepEqual(Object.keys(record).sort(), ['_links', 'name', 'uuid'])
  assert.equal(record._links.self.href, `/api/storage/volumes/${record.uuid}`)
  assert.equal(body.num_records, 1)
  assert.equal(body._links.self.href, '/api/storage/volumes?name=netappdvp_bench_0')
})

test('plain JSON has no links but that to the next page', async (t) => {
  const { call } = await openClient(t, { volumes: 3 })
  const headers = { accept: 'application/json' }
  const { type, body } = await call('GET /storage/volumes?max_records=2', { headers })
  assert.equal(type, 'application/json')
  assert.deepEqual(Object.keys(body._links), ['next'])
  assert.deepEqual(Object.keys(body.records[0]).sort(), ['name', 'uuid'])
  const last = (await call(`GET ${body._links.next.href.replace('/api', '')}`, { headers })).body
  assert.equal(last._links, undefined)
})

test('a field that is filtered by is in the record, and so are name and UUID', async (t) => {
  const { records } = await openClient(t, { volumes: 1 })
  const [record] = await records('/storage/volumes?nas.path=/netappdvp_bench_0&state=online')
  assert.deepEqual([record.nas, record.state, record.size], [{ path: '/netappdvp_bench_0' }, 'online', undefined])
  assert.ok(record.uuid)
})

test('fields may be grouped in braces, and a group stands for all below it', async (t) => {
  const { records } = await openClient(t, { volumes: 1 })
  const [braces] = await records('/storage/volumes?name=n*&fields=svm{name,uuid},nas{path,export_policy{name}},size')
  assert.deepEqual(Object.keys(braces.svm), ['name', 'uuid'])
  assert.deepEqual(braces.nas, { path: '/netappdvp_bench_0', export_policy: { name: 'default' } })
  assert.equal(braces.size, GIB)
  const [group] = await records('/storage/volumes?name=n*&fields=space')
  assert.equal(group.space.snapshot.reserve_percent, 0)
})

test('one star is all but what is expensive, two are all, and none is the same as an empty list', async (t) => {
  const { records } = await openClient(t)
  const [star] = await records('/storage/volumes?fields=*')
  assert.deepEqual([star.is_svm_root, star.autosize], [true, undefined])
  const [stars] = await records('/storage/volumes?fields=**')
  assert.equal(stars.autosize.mode, 'off')
  const [none] = await records('/storage/volumes?fields=')
  assert.deepEqual(Object.keys(none).sort(), ['_links', 'name', 'uuid'])
})

test('one record comes with all that is not expensive, unless fields are asked for', async (t) => {
  const client = await withVolumes(await openClient(t), 'v')
  const [{ uuid }] = await client.records('/storage/volumes?name=v')
  assert.equal((await client.ask(`GET /storage/volumes/${uuid}`)).nas.unix_permissions, 755)
  const one = await client.ask(`GET /storage/volumes/${uuid}?fields=quota.state`)
  assert.deepEqual(Object.keys(one).sort(), ['_links', 'name', 'quota', 'uuid'])
})

test('a name that is no field is refused, as a filter and as a field', async (t) => {
  const { refused } = await openClient(t)
  assert.deepEqual(await refused('GET /storage/volumes?colour=red'), [400, '262179'])
  assert.deepEqual(await refused('GET /storage/volumes?fields=name,colour'), [400, '262197'])
  assert.deepEqual(await refused('GET /storage/volumes?size=big'), [400, '262197'])
  assert.deepEqual(await refused('GET /storage/volumes?max_records=0'), [400, '262197'])
  assert.deepEqual(await refused('GET /storage/volumes?order_by=colour'), [400, '262197'])
})

test('values have operators: wildcards, alternatives, negation, comparison, ranges and null', async (t) => {
  const client = await withVolumes(await openClient(t), 'a_1', 'a_2', 'b_1')
  const { records, simulator } = client
  await simulator.change((array) => array.volumes.put({ ...array.volumes.all()[2]!, size: 3 * GIB }))
  const found = async (query: string) => names(await records(`/storage/volumes?is_svm_root=false&${query}`))
  assert.deepEqual(await found('name=a_*'), ['a_1', 'a_2'])
  assert.deepEqual(await found('name=a_1|b_*'), ['a_1', 'b_1'])
  assert.deepEqual(await found('name=!a_*'), ['b_1'])
  assert.deepEqual(await found(`size=>${GIB}`), [simulator.array.volumes.all()[2]!.name])
  assert.deepEqual((await found(`size=${GIB}..${2 * GIB}`)).length, 2)
  assert.deepEqual(await found('nas.path=null'), ['a_1', 'a_2', 'b_1'])
  assert.deepEqual(await found('nas.path=!null'), [])
  assert.deepEqual(await found('aggregates.name=aggr1'), ['a_1', 'a_2', 'b_1'])
  assert.deepEqual(await found('state=offline'), [])
})

test('what is quoted or escaped is meant as it stands', async (t) => {
  const { ask, records } = await openClient(t)
  const comments = ['a*b', 'axb', 'c|d', 'c']
  for (const [index, comment] of comments.entries()) {
    await ask('POST /storage/volumes', newVolume(`v${index}`, { comment }))
  }
  const found = async (value: string) => {
    const rows = await records(`/storage/volumes?fields=comment&comment=${encodeURIComponent(value)}`)
    return rows.map(({ comment }) => comment)
  }
  assert.deepEqual(await found('a*b'), ['a*b', 'axb'])
  assert.deepEqual(await found('"a*b"'), ['a*b'])
  assert.deepEqual(await found('a\\*b'), ['a*b'])
  assert.deepEqual(await found('"c|d"'), ['c|d'])
  assert.deepEqual(await found('c|d'), ['c'])
})

/** Follows `next` to the end. */
async function walk({ call }: Client, first: string): Promise<readonly (readonly string[])[]> {
  const pages: string[][] = []
  let path: string | undefined = first
  while (path !== undefined) {
    const { body }: Loose = await call(`GET ${path}`)
    assert.equal(body.num_records, body.records.length)
    pages.push([...names(body.records)])
    path = body._links.next?.href.replace('/api', '')
  }
  return pages
}

test('pages lead on by an opaque link that has the query in it, until one has no link', async (t) => {
  const client = await openClient(t, { volumes: 5 })
  const pages = await walk(client, '/storage/volumes?name=netappdvp_*&max_records=2&fields=size')
  assert.deepEqual(
    pages.map((page) => page.length),
    [2, 2, 1],
  )
  assert.deepEqual([...new Set(pages.flat())].length, 5)
})

test('an array may make pages smaller than asked, and empty ones that lead on', async (t) => {
  const client = await openClient(t, { volumes: 5, maxRecords: 2, emptyPages: true })
  const pages = await walk(client, '/storage/volumes?name=netappdvp_*&max_records=100')
  assert.deepEqual(
    pages.map((page) => page.length),
    [2, 0, 2, 0, 1],
  )
})

test('what is deleted while somebody pages shifts nothing', async (t) => {
  const client = await withVolumes(await openClient(t), 'a', 'b', 'c', 'd')
  const { body } = await client.call('GET /storage/volumes?is_svm_root=false&max_records=2')
  const [{ uuid }] = body.records
  await client.ask(`DELETE /storage/volumes/${uuid}?force=true`)
  const next = await client.call(`GET ${body._links.next.href.replace('/api', '')}`)
  assert.deepEqual([...names(body.records), ...names(next.body.records)], ['a', 'b', 'c', 'd'])
})

test('records come in the order that is asked for', async (t) => {
  const { records } = await withVolumes(await openClient(t), 'a', 'b')
  assert.deepEqual(names(await records('/storage/volumes?order_by=name desc&is_svm_root=false'.replace(' ', '%20'))), [
    'b',
    'a',
  ])
})

test('a list can be counted without its records', async (t) => {
  const { ask } = await openClient(t, { volumes: 3 })
  const body = await ask('GET /storage/volumes?name=netappdvp_*&return_records=false')
  assert.deepEqual([body.num_records, body.records], [3, undefined])
})

test('an empty list is a list', async (t) => {
  const { ask } = await openClient(t)
  const { records, num_records } = await ask('GET /storage/volumes?name=nobody')
  assert.deepEqual([records, num_records], [[], 0])
})
