import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { hasCode } from '../src/errors.ts'
import { type ArrayName, arrayNameOf, type NameRule, parseVolumeName, volumeNameOf } from '../src/names.ts'

const goodName = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_.-]{1,254}$/)

test('every name of Docker’s own pattern with 2 to 255 characters is taken as it is', () => {
  fc.assert(fc.property(goodName, (name) => parseVolumeName(name) === name))
})

test('any other text is a NAME_INVALID that quotes it in one line', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
      fc.pre(!/^[A-Za-z0-9][A-Za-z0-9_.-]{1,254}$/.test(text))
      try {
        parseVolumeName(text)
        return false
      } catch (error) {
        return hasCode(error, 'NAME_INVALID') && !/[\n\r\0]/.test(error.message) && error.message.isWellFormed()
      }
    }),
  )
})

test('a refused name is told what is wrong with it', () => {
  const faults: Readonly<Record<string, RegExp>> = {
    '': /is empty/,
    a: /too short/,
    '-x': /begins with "-"/,
    '../etc': /begins with "\."/,
    'a/b': /has the character "\/"/,
    'a\u{1f600}': /has the character "\u{1f600}"/u,
    '\u{1f600}a': /begins with "\u{1f600}"/u,
    'db\n': /has the character "\\n"/,
    ['x'.repeat(256)]: /has 256 characters/,
  }
  for (const [name, fault] of Object.entries(faults)) assert.throws(() => parseVolumeName(name), fault)
})

const anyRule = fc.constantFrom<NameRule>(
  { maxLength: 203, refused: /[^A-Za-z0-9_]/, substitute: '_' },
  { maxLength: 64, refused: /[^A-Za-z0-9-]/g, substitute: '-' },
  { maxLength: 30 },
  { maxLength: 255, refused: /[.]/, substitute: '' },
)

test('an array name keeps to the array’s rule', () => {
  fc.assert(
    fc.property(goodName, anyRule, (text, rule) => {
      const name = arrayNameOf(parseVolumeName(text), 'netappdvp_', { ...rule })
      const refused = rule.refused && new RegExp(rule.refused, '')
      return name.length <= rule.maxLength && ![...name].some((char) => refused?.test(char))
    }),
  )
})

test('different volume names have different array names', () => {
  fc.assert(
    fc.property(goodName, goodName, anyRule, (one, other, rule) => {
      fc.pre(one !== other)
      const [a, b] = [one, other].map((text) => arrayNameOf(parseVolumeName(text), 'p_', rule))
      return a !== b
    }),
  )
})

test('names that differ only in what the array cannot say stay different', () => {
  const rule = { maxLength: 64, refused: /[^A-Za-z0-9-]/, substitute: '-' }
  const names = ['web_db', 'web-db', 'web.db'].map((text) => arrayNameOf(parseVolumeName(text), '', rule))
  assert.equal(new Set(names).size, 3)
  assert.equal(names[1], 'web-db')
})

test('a name the array can say leads back to its volume name', () => {
  fc.assert(
    fc.property(goodName, (text) => {
      const name = parseVolumeName(text)
      return volumeNameOf(arrayNameOf(name, 'netappdvp_', { maxLength: 1000 }), 'netappdvp_') === name
    }),
  )
})

test('array names without our prefix, or with nothing usable after it, have no volume name', () => {
  for (const name of ['other', 'netappdvp_', 'netappdvp_a', 'netappdvp_-x']) {
    assert.equal(volumeNameOf(name as ArrayName, 'netappdvp_'), undefined)
  }
})
