import assert from 'node:assert/strict'
import { test } from 'node:test'
import { patternOf } from '../../../../src/simulators/ontap/zapi/patterns.ts'
import { sizeOf, sizeText, sizeWords } from '../../../../src/simulators/ontap/zapi/sizes.ts'
import type { Scalar } from '../../../../src/simulators/ontap/zapi/views.ts'

const fits = (pattern: string, ...values: readonly Scalar[]) => patternOf(pattern)(values)

test('an asterisk is any number of characters, and nothing else is special in a name', () => {
  assert.deepEqual(
    ['vol*', '*1', 'v*1', '*', 'vol1'].map((pattern) => fits(pattern, 'vol1')),
    Array(5).fill(true),
  )
  assert.deepEqual(
    ['vol', 'vo.*', 'VOL1', 'vol?', 'xvol1'].map((pattern) => fits(pattern, 'vol1')),
    Array(5).fill(false),
  )
  assert.ok(fits('/vol/a*/q.1', '/vol/abc/q.1'))
})

test('alternatives are parted by a bar, and each may be negated', () => {
  assert.ok(fits('a|b*', 'bcd'))
  assert.ok(!fits('a|b*', 'c'))
  assert.ok(fits('!a*', 'b') && !fits('!a*', 'ab'))
  assert.ok(fits('flexvol|flexgroup', 'flexgroup'))
})

test('what is quoted means itself', () => {
  assert.ok(fits('"a*|b"', 'a*|b'))
  assert.ok(!fits('"a*"', 'abc'))
  assert.ok(fits('"a|"*', 'a|bc'))
  assert.ok(fits('a|"b|c"', 'b|c'))
})

test('numbers are compared, with or without a unit', () => {
  assert.ok(fits('>1g', 2 * 1024 ** 3) && !fits('>1g', 1024 ** 3) && fits('>=1g', 1024 ** 3))
  assert.ok(fits('<5', 4) && !fits('<5', 5) && fits('<=5', 5))
  assert.ok(fits('10..20', 10) && fits('10..20', 20) && !fits('10..20', 21))
  assert.ok(fits('1g', 1024 ** 3) && fits('1073741824', 1024 ** 3) && !fits('1g', 1))
})

test('truth is told in either case, and a hyphen is a field without a value', () => {
  assert.ok(fits('true', true) && fits('False', false) && !fits('true', false))
  assert.ok(fits('-') && fits('-', '') && !fits('-', 'x') && fits('!-', 'x'))
})

test('any value of several may fit, and none may when it is negated', () => {
  assert.ok(fits('nfs', 'cifs', 'nfs'))
  assert.ok(!fits('!nfs', 'cifs', 'nfs'))
})

test('sizes count in steps of 1024, and are told by the largest unit that divides them', () => {
  assert.deepEqual(['1g', '20MB', '20971520', '1.5k', '0'].map(sizeOf), [
    1024 ** 3,
    20 * 1024 ** 2,
    20_971_520,
    1536,
    0,
  ])
  assert.deepEqual(['', 'g', '1x', '-1', '1 g b'].map(sizeOf), Array(5).fill(undefined))
  assert.deepEqual([20_971_520, 1024 ** 3, 1500, 0].map(sizeText), ['20m', '1g', '1500', '0'])
  assert.equal(sizeWords(20_971_520), '"20MB" ("20971520B")')
})
