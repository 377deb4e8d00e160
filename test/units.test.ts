import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { hasCode } from '../src/errors.ts'
import { type Bytes, parseSize, printSize, roundUp } from '../src/units.ts'

test('a bare number is GiB', () => {
  assert.equal(parseSize('10'), 10 * 1024 ** 3)
})

test('units without a final b, or with ib, are powers of 1024 in any case; with b alone powers of 1000', () => {
  for (const [index, letter] of [...'kmgtp'].entries()) {
    for (const unit of [letter, `${letter}i`, `${letter}ib`, letter.toUpperCase(), `${letter.toUpperCase()}iB`]) {
      assert.equal(parseSize(`3${unit}`), 3 * 1024 ** (index + 1), unit)
    }
    for (const unit of [`${letter}b`, `${letter.toUpperCase()}B`]) {
      assert.equal(parseSize(`3${unit}`), 3 * 1000 ** (index + 1), unit)
    }
  }
  assert.equal(parseSize('512b'), 512)
  assert.equal(parseSize(' 512Bytes '), 512)
})

test('what is no size is refused with the reason', () => {
  const reasons: Readonly<Record<string, RegExp>> = {
    '': /not a whole number with a unit/,
    g: /not a whole number/,
    '1.5g': /not a whole number/,
    '10 g': /not a whole number/,
    '0x10': /not a whole number|unknown/,
    '-1g': /positive and without a sign/,
    '+1g': /positive and without a sign/,
    '0g': /more than zero/,
    '1e': /the unit "e" is larger than any volume/,
    '1zib': /larger than any volume/,
    '1q': /the unit "q" is unknown/,
    '9p9': /not a whole number/,
    '9007199254740993b': /larger than any volume/,
    '99999999999999999999': /larger than any volume/,
  }
  for (const [text, reason] of Object.entries(reasons)) {
    assert.throws(
      () => parseSize(text, 'limit'),
      (error) => {
        assert.ok(hasCode(error, 'OPTION_INVALID'), text)
        assert.match(error.message, reason)
        assert.ok(error.message.startsWith(`Cannot read limit ${JSON.stringify(text)}: `))
        return true
      },
    )
  }
})

test('a unit that is a name every JavaScript object has is unknown, not huge', () => {
  assert.throws(() => parseSize('1constructor'), /the unit "constructor" is unknown/)
})

test('any text is a whole number of bytes above zero or an OPTION_INVALID', () => {
  const almostSizes = fc.tuple(fc.nat(), fc.string({ maxLength: 3 })).map(([number, unit]) => `${number}${unit}`)
  fc.assert(
    fc.property(fc.oneof(fc.string(), almostSizes), (text) => {
      try {
        const bytes = parseSize(text)
        return Number.isSafeInteger(bytes) && bytes > 0
      } catch (error) {
        return hasCode(error, 'OPTION_INVALID')
      }
    }),
  )
})

const anySize = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }) as fc.Arbitrary<Bytes>

test('any number of bytes is read as itself', () => {
  fc.assert(fc.property(anySize, (bytes) => parseSize(`${bytes}b`) === bytes))
})

test('a printed size is never more than the size, and never in a unit it has not reached', () => {
  const edges = fc.tuple(fc.constantFrom(1, 2, 3, 4, 5), fc.integer({ min: -2, max: 2 })).map(([power, off]) => {
    return 1024 ** power + off
  })
  fc.assert(
    fc.property(fc.oneof(anySize, edges), (bytes) => {
      const [, number, unit] = /^([\d.]+) (\w+)$/.exec(printSize(bytes)) ?? []
      const factor = 1024 ** ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'].indexOf(unit ?? '')
      return factor <= bytes && Number(number) * factor <= bytes && Number(number) * factor > bytes - 0.1 * factor - 1
    }),
  )
})

test('sizes print with at most one decimal', () => {
  assert.deepEqual([0, 700, 1024, 1536, 2 ** 50 - 1, 10 * 2 ** 30].map(printSize), [
    '0 B',
    '700 B',
    '1 KiB',
    '1.5 KiB',
    '1023.9 TiB',
    '10 GiB',
  ])
})

test('rounding up gives the least multiple that is not below', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2 ** 52 }), fc.integer({ min: 1, max: 2 ** 30 }), (bytes, step) => {
      const rounded = roundUp(bytes as Bytes, step)
      return rounded % step === 0 && rounded >= bytes && rounded - bytes < step
    }),
  )
})
