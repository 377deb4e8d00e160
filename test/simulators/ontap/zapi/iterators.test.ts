import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Inputs, type Loose, recordsIn, wire } from './wire.ts'

const nameOf = (record: Loose) => record['volume-id-attributes'].name
const names = async (pages: Promise<readonly Loose[]>) => (await pages).map(nameOf)
const FIVE = ['a', 'b', 'c', 'd', 'e']
const query = (attributes: Inputs) => ({ query: { 'volume-attributes': attributes } })
const NAME_ONLY = { 'desired-attributes': { 'volume-attributes': { 'volume-id-attributes': { name: '' } } } }

test('without a query and a number, twenty records are told of', async () => {
  const { ask } = await wire({ volumes: Array.from({ length: 21 }, (_, index) => `v${index}`) })
  const answer = await ask('volume-get-iter')
  assert.deepEqual([answer['num-records'], recordsIn(answer).length], ['20', 20])
  assert.match(answer['next-tag'], /^<volume-get-iter-key-td><key-0>/)
})

test('nothing found is a count of nothing, and no list at all', async () => {
  const { ask } = await wire()
  const answer = await ask('volume-get-iter', query({ 'volume-id-attributes': { name: 'none*' } }))
  assert.deepEqual(answer, { 'num-records': '0', '@status': 'passed' })
})

test('a tag leads from page to page, and a last page that is full is followed by an empty one', async () => {
  const { ask, list } = await wire({ volumes: FIVE })
  assert.deepEqual(await names(list('volume-get-iter', { 'max-records': 4 })), [...FIVE, 'svm1_root'])
  const full = await ask('volume-get-iter', { 'max-records': 6 })
  const last = await ask('volume-get-iter', { 'max-records': 6, tag: full['next-tag'] })
  assert.deepEqual([last['num-records'], last['next-tag'], last['attributes-list']], ['0', undefined, undefined])
  const all = await ask('volume-get-iter', { 'max-records': 4294967294 })
  assert.deepEqual([all['num-records'], all['next-tag']], ['6', undefined])
})

test('an array that is out of time sends fewer records than asked for, and a tag', async () => {
  const { ask, list } = await wire({ volumes: FIVE, maxRecords: 2 })
  const page = await ask('volume-get-iter', { 'max-records': 100 })
  assert.deepEqual([page['num-records'], typeof page['next-tag']], ['2', 'string'])
  assert.equal((await list('volume-get-iter', { 'max-records': 100 })).length, 6)
})

test('what goes and comes between two pages shifts nothing', async () => {
  const { ask } = await wire({ volumes: FIVE })
  const first = await ask('volume-get-iter', { 'max-records': 2 })
  await ask('volume-destroy', { name: 'a', 'unmount-and-offline': true })
  await ask('volume-destroy', { name: 'b', 'unmount-and-offline': true })
  const next = await ask('volume-get-iter', { 'max-records': 2, tag: first['next-tag'] })
  assert.match(nameOf(recordsIn(next)[0]), /^b_\d+$/)
  assert.equal(nameOf(recordsIn(next)[1]), 'c')
})

test('a tag that is none of this list is refused', async () => {
  const { ask, refused } = await wire({ volumes: FIVE })
  const tag = (await ask('volume-get-iter', { 'max-records': 1 }))['next-tag']
  assert.match(await refused('snapshot-get-iter', { tag }), /^13115 .*"tag"/)
  assert.match(await refused('volume-get-iter', { tag: 'next' }), /^13115 /)
  assert.match(await refused('volume-get-iter', { 'max-records': 0 }), /^13115 /)
  assert.match(await refused('volume-get-iter', { 'max-records': '1k' }), /^13115 /)
})

test('only what is desired is told, whole groups by their names', async () => {
  const { ask, list } = await wire({ volumes: ['a'] })
  const only = await list('volume-get-iter', { ...NAME_ONLY, ...query({ 'volume-id-attributes': { name: 'a' } }) })
  assert.deepEqual(only, [{ 'volume-id-attributes': { name: 'a' } }])
  const desired = { 'volume-state-attributes': { state: '' }, 'volume-export-attributes': '' }
  const group = await list('volume-get-iter', {
    ...query({ 'volume-id-attributes': { name: 'a' } }),
    'desired-attributes': { 'volume-attributes': desired },
  })
  assert.deepEqual(group, [
    { 'volume-export-attributes': { policy: 'default' }, 'volume-state-attributes': { state: 'online' } },
  ])
  const all = await ask('volume-get-iter', { 'desired-attributes': '' })
  assert.ok(Object.keys(recordsIn(all)[0]).length > 10)
})

test('fields of a query must all fit, and an empty one asks for nothing', async () => {
  const { list } = await wire({ volumes: FIVE })
  const found = (attributes: Inputs) => names(list('volume-get-iter', { ...NAME_ONLY, ...query(attributes) }))
  assert.deepEqual(await found({ 'volume-id-attributes': { name: 'a|b|svm*' } }), ['a', 'b', 'svm1_root'])
  const notRoot = { 'volume-state-attributes': { 'is-vserver-root': false } }
  assert.deepEqual(await found({ 'volume-id-attributes': { name: 'a|b|svm*' }, ...notRoot }), ['a', 'b'])
  assert.deepEqual(await found({ 'volume-id-attributes': { name: '', 'junction-path': '/c' } }), ['c'])
  assert.deepEqual(await found({ 'volume-space-attributes': { size: '>1g' } }), [])
  assert.deepEqual(await found({ 'volume-id-attributes': { 'containing-aggregate-name': '!aggr1' } }), [])
})

test('a field that is none, or not yet, makes the call refused, and what is none is told', async () => {
  const { refused, unknown } = await wire()
  const strange = query({ 'volume-id-attributes': { colour: 'red' } })
  assert.equal(await refused('volume-get-iter', strange), '13115 Extra input: colour')
  const desired = { 'desired-attributes': { 'volume-attributes': { colours: '' } } }
  assert.equal(await refused('volume-get-iter', desired), '13115 Extra input: colours')
  assert.equal(await refused('volume-get-iter', { query: { 'qtree-info': '' } }), '13115 Extra input: qtree-info')
  assert.equal(await refused('volume-get-iter', { 'max-record': 1 }), '13115 Extra input: max-record')
  assert.deepEqual(unknown, ['Unknown input of volume-get-iter: max-record'])
  const old = await wire({ release: '8.3' })
  const encrypted = query({ encrypt: 'true' })
  assert.equal(await old.refused('volume-get-iter', encrypted), '13115 Extra input: encrypt')
})
