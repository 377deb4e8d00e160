/** How lists are walked, page by page, against a server that answers as a test says. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RestClient } from '../../../../src/backends/ontap/rest/client.ts'
import { context } from '../../../host/fakes.ts'
import { array, dropped, list, page, type Reply, volume } from './arrays.ts'

test('a list is walked to its last page, whether a page is short, empty or pretty', async (t) => {
  const pretty: Reply = {
    http: (_request, response) =>
      void response.end(
        JSON.stringify(
          { records: [volume('v3')], _links: { next: { href: '/api/storage/volumes?start.uuid=3&x=%2A' } } },
          null,
          2,
        ),
      ),
  }
  const { ontap, calls } = await array(t, [
    page('/api/storage/volumes?start.uuid=1', volume('v1'), volume('v2')),
    page('/api/storage/volumes?start.uuid=2'),
    pretty,
    list(volume('v4')),
  ])
  const found = await ontap.volumes.withPrefix(context(), 'v')
  assert.deepEqual(
    found.map(({ name }) => name),
    ['v1', 'v2', 'v3', 'v4'],
  )
  assert.deepEqual(
    calls.slice(1).map(({ query }) => query),
    [{ 'start.uuid': '1' }, { 'start.uuid': '2' }, { 'start.uuid': '3', x: '*' }],
    'the next page is asked for in the words of the array',
  )
})

test('a page whose answer is lost is asked for again, and no other', async (t) => {
  const next = '/api/storage/volumes?start.uuid=1'
  const { ontap, calls } = await array(t, [page(next, volume('v1')), dropped, list(volume('v2'))])
  assert.equal((await ontap.volumes.withPrefix(context(), 'v')).length, 2)
  assert.deepEqual(
    calls.map(({ query }) => query['start.uuid']),
    [undefined, '1', '1'],
  )
})

for (const [what, rows] of [
  ['pages', 0],
  ['rows', 100_000],
] as const) {
  test(`a list of ever more ${what} is given up`, async () => {
    let asked = 0
    const records = `${'{"n":1},'.repeat(rows).slice(0, -1)}`
    const request = async () => {
      asked++
      const next = `{"next":{"href":"/api/x?start=${asked}"}}`
      return { status: 200, body: Buffer.from(`{"records":[${records}],"_links":${next}}`) }
    }
    const http = { address: 'array:443', request, close: async () => {} }
    const client = new RestClient({ http, tries: 1, firstPauseMs: 1 })
    const call = { method: 'GET', path: '/x' } as const
    await assert.rejects(
      client.records(context(), call, () => 1),
      { code: 'MALFORMED', message: /GET \/x: .*next.* the end of the list/ },
    )
    assert.ok(rows === 0 || asked < 10)
  })
}

test('pages that lead in a circle are told to', async (t) => {
  const { ontap } = await array(t, [page('/api/storage/volumes?start.uuid=1', volume('v1'))])
  await assert.rejects(ontap.volumes.withPrefix(context(), 'v'), { code: 'MALFORMED', message: /next/ })
})
