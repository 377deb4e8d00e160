import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { ElementLimits } from '../../../src/backends/element/element.ts'
import { OptionReader } from '../../../src/drivers/solidfire-san/options.ts'
import { parseQos } from '../../../src/drivers/solidfire-san/qos.ts'

const bronze = { Type: 'Bronze', Qos: { minIOPS: 1000, maxIOPS: 2000, burstIOPS: 4000 } }
const gold = { Type: 'Gold', Qos: { minIOPS: 6000, maxIOPS: 8000, burstIOPS: 10_000 } }
const limits = { minIOPS: [50, 15_000], maxIOPS: [100, 200_000], burstIOPS: [100, 200_000] } as unknown as ElementLimits
const reader = new OptionReader([bronze, gold, { ...gold, Type: 'Premium' }], limits)
const plain = { fileSystemType: 'ext4' } as const

suite('-o qos', () => {
  test('three rising numbers, with blanks or without, are read', () => {
    assert.deepEqual(parseQos('1000,2000,4000'), bronze.Qos)
    assert.deepEqual(parseQos(' 1000, 2000 , 4000 '), bronze.Qos)
  })

  for (const text of ['1,2', '1', '', 'a,b,c', '1,b,3', '1,2,3,4', '-1,2,3', '1.5,2,3', '1;2;3', '1e3,2e3,3e3']) {
    test(`${JSON.stringify(text)} is refused, and what is wanted is said`, () => {
      assert.match(String(parseQos(text)), /it takes minIOPS,maxIOPS,burstIOPS, such as 1000,2000,4000/)
    })
  }

  test('numbers that do not rise are refused, and which is said', () => {
    assert.equal(parseQos('3000,2000,4000'), 'cannot be 3000,2000,4000: minIOPS 3000 is above maxIOPS 2000')
    assert.equal(parseQos('1000,5000,4000'), 'cannot be 1000,5000,4000: maxIOPS 5000 is above burstIOPS 4000')
  })

  test('what the array does not allow is refused with its range', () => {
    assert.throws(() => reader.resolve({ qos: '10,200,300' }, plain), {
      code: 'OPTION_INVALID',
      message: 'Option "qos" cannot be 10,200,300: minIOPS 10 is not from 50 to 15000, as this array has it.',
    })
  })
})

suite('-o type', () => {
  test('a type in any case becomes its IOPS, under the name the config gives it', () => {
    const { asked, options } = reader.resolve({ type: 'gOLD' }, { ...plain, type: 'gOLD' })
    assert.deepEqual(asked, { type: 'Gold', qos: '6000,8000,10000' })
    assert.deepEqual(options, { ...plain, type: 'Gold', qos: '6000,8000,10000' })
  })

  test('of types with the same IOPS the first stands for all: the array cannot tell them apart', () => {
    assert.equal(reader.resolve({ type: 'premium' }, plain).asked['type'], 'Gold')
  })

  test('an unknown type is refused in nDVP’s words, with the nearest and all there are', () => {
    assert.throws(() => reader.resolve({ type: 'Glod' }, plain), {
      code: 'OPTION_INVALID',
      message:
        'Option "type" cannot be "Glod": specified type not found. Did you mean "Gold"? The configuration has: Bronze, Gold, Premium.',
    })
  })

  test('a type where the config has none is refused, and what to do is said', () => {
    assert.throws(() => new OptionReader([], limits).resolve({ type: 'Gold' }, plain), {
      code: 'OPTION_INVALID',
      message: /the configuration has no "Types"\. Add some, or use -o qos=min,max,burst\.$/,
    })
  })

  test('type and qos together are refused: which of the two is meant nobody knows', () => {
    assert.throws(() => reader.resolve({ type: 'Gold', qos: '1000,2000,4000' }, plain), {
      code: 'OPTION_INVALID',
      message: /are both given/,
    })
  })

  test('what is asked for puts the default aside, whichever of the two that is', () => {
    const { options } = reader.resolve({ qos: '100,200,300' }, { ...plain, qos: '100,200,300', type: 'Gold' })
    assert.deepEqual(options, { ...plain, qos: '100,200,300' })
    const other = reader.resolve({ type: 'Gold' }, { ...plain, type: 'Gold', qos: '100,200,300' })
    assert.deepEqual(other.options, { ...plain, type: 'Gold', qos: '6000,8000,10000' })
  })

  test('a default counts where nothing is asked for, and is not taken for a wish', () => {
    const { asked, options } = reader.resolve({}, { ...plain, type: 'bronze' })
    assert.deepEqual(asked, {})
    assert.equal(options['qos'], '1000,2000,4000')
  })
})
