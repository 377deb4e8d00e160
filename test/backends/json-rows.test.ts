import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { readRows } from '../../src/backends/json-rows.ts'

/** The value, its rows put back in place. */
async function whole(json: string): Promise<unknown> {
  const rows: unknown[] = []
  const frame = (await readRows(Buffer.from(json), (row, index) => {
    assert.equal(index, rows.length)
    rows.push(row)
  })) as { result: Record<string, unknown[]> }
  const left = [...rows]
  for (const [name, list] of Object.entries(frame.result)) {
    if (Array.isArray(list)) frame.result[name] = list.map((item) => (item === 0 ? left.shift() : item))
  }
  assert.deepEqual(left, [])
  return frame
}

test('read row by row, a list is what it is read at once', async () => {
  const row = fc.dictionary(fc.string(), fc.jsonValue())
  const member = fc.oneof(fc.array(row), fc.record({ inner: fc.array(row) }), fc.string(), fc.constant(null))
  const value = fc.record({ id: fc.integer(), result: fc.dictionary(fc.stringMatching(/^[a-z]+$/), member) })
  await fc.assert(
    fc.asyncProperty(value, fc.constantFrom(0, 2), async (value, indent) => {
      const json = JSON.stringify(value, null, indent)
      assert.deepEqual(await whole(json), JSON.parse(json))
    }),
  )
})

test('rows may be in a list of the value itself, and be written on lines of their own', async () => {
  for (const [count, indent] of [
    [3, 0],
    [3, 2],
    [5_000, 0],
    [5_000, 2],
    [5_000, 4],
  ] as const) {
    const records = Array.from({ length: count }, (_, id) => ({
      id,
      trap: '},\n    {',
      inner: [{ a: [] }, { b: '}]' }],
    }))
    const value = {
      records,
      num_records: count,
      error: { arguments: [{ code: '1' }] },
      _links: { next: { href: '/' } },
    }
    const rows: unknown[] = []
    const json = Buffer.from(JSON.stringify(value, null, indent))
    const frame = await readRows(json, (row) => rows.push(row), 'of the value')
    assert.deepEqual(rows, records)
    assert.deepEqual(frame, { ...value, records: records.map(() => 0) })
    await assert.rejects(
      readRows(json.subarray(0, -1), () => {}, 'of the value'),
      SyntaxError,
    )
  }
})

test('a long list is what it is read at once, whatever its rows hold that looks like their end', async () => {
  for (const trap of ['},{', '}]', '},{"a":1},{', '}]}}', '\\"},{', '[{']) {
    const row = (id: number) => ({ id, text: trap.repeat(20), nested: [{ a: trap }, { a: [{ b: 1 }, { b: 2 }] }] })
    const tail = { more: [{ last: trap }], n: 1 }
    const json = JSON.stringify({
      id: 1,
      result: { volumes: Array.from({ length: 4_000 }, (_, id) => row(id)), ...tail },
    })
    assert.ok(json.length > 300_000)
    assert.deepEqual(await whole(json), JSON.parse(json), trap)
  }
})

test('a long answer that ends early, or has two rows without a comma between, is not JSON', async () => {
  const json = JSON.stringify({
    result: { volumes: Array.from({ length: 10_000 }, (_, id) => ({ id, text: 'x'.repeat(30) })) },
  })
  for (const broken of [
    json.slice(0, -1),
    json.slice(0, -40),
    json.slice(0, 200_000),
    json.replace('},{"id":7000', '}{"id":7000'),
  ]) {
    await assert.rejects(
      readRows(Buffer.from(broken), () => {}),
      SyntaxError,
    )
  }
})

test('an answer that ends early is not JSON, wherever it ends', async () => {
  const json = Buffer.from('{"id":1,"result":{"volumes":[{"name":"a\\"]}"},{"name":"\u00fc\u{1f4be}"}],"n":1}}')
  for (let length = 0; length < json.length; length++) {
    await assert.rejects(
      readRows(json.subarray(0, length), () => {}),
      SyntaxError,
      `${length} bytes`,
    )
  }
})

test('rows without commas between them are not JSON', async () => {
  await assert.rejects(
    readRows(Buffer.from('{"result":{"volumes":[{"a":1}{"a":2}]}}'), () => {}),
    SyntaxError,
  )
})

test('others get their turn while 10,000 rows are read', async () => {
  const rows = Array.from({ length: 10_000 }, (_, id) => ({ id, attributes: { text: 'x'.repeat(500) } }))
  let turns = 0
  let reading = true
  const tick = () => {
    turns++
    if (reading) setImmediate(tick)
  }
  setImmediate(tick)
  let count = 0
  await readRows(Buffer.from(JSON.stringify({ result: { rows } })), () => {
    count++
  })
  reading = false
  assert.equal(count, 10_000)
  assert.ok(turns > 1, `${turns}`)
})
