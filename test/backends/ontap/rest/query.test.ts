import assert from 'node:assert/strict'
import { test } from 'node:test'
import { targetOf } from '../../../../src/backends/ontap/rest/call.ts'
import { beginningWith, exactly, written } from '../../../../src/backends/ontap/rest/query.ts'

test('a name is looked for as it is, whatever its characters mean in a query', () => {
  for (const [name, filter] of [
    ['vol_1', 'vol_1'],
    ['db.one-2', 'db.one-2'],
    ['/vol/a:b@c', '/vol/a:b@c'],
    ['a*', '"a*"'],
    ['a|b', '"a|b"'],
    ['!a', '"!a"'],
    ['<5', '"<5"'],
    ['a..b', '"a..b"'],
    ['null', '"null"'],
    ['', '""'],
    ['a,b', '"a,b"'],
    ['a"b\\c', '"a\\"b\\\\c"'],
  ] as const) {
    assert.equal(exactly(name), filter)
  }
})

test('a prefix is looked for as it is, and what follows may be anything', () => {
  for (const [prefix, filter] of [
    ['netappdvp_', 'netappdvp_*'],
    ['', '*'],
    ['a*b', 'a\\*b*'],
    ['a..b', 'a\\..b*'],
    ['a"|!', 'a\\"\\|\\!*'],
  ] as const) {
    assert.equal(beginningWith(prefix), filter)
  }
})

test('a query survives the way to the array', () => {
  const query = { name: '"a*&b=c ü"', fields: 'name,svm.uuid', force: true, max: 5 }
  assert.deepEqual(Object.fromEntries(new URL(`https://a/${written(query)}`).searchParams), {
    ...query,
    force: 'true',
    max: '5',
  })
  assert.match(written(query), /fields=name,svm\.uuid/)
  assert.equal(written({}), '')
})

test('a key cannot leave its place in the path', () => {
  const target = targetOf({ method: 'GET', path: '/storage/volumes/{uuid}/snapshots', keys: { uuid: '../x?y=#/' } })
  assert.equal(target, '/api/storage/volumes/..%2Fx%3Fy%3D%23%2F/snapshots')
})
