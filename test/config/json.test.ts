import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { JsonFault, parseJson, pointerTo } from '../../src/config/json.ts'

function faultOf(text: string): string {
  try {
    parseJson(text)
  } catch (error) {
    if (error instanceof JsonFault) return `${error.line}:${error.column} ${error.message}`
    throw error
  }
  return 'none'
}

test('every JSON value is read as JSON.parse reads it', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom(undefined, 1, '\t'), (value, indent) => {
      const text = JSON.stringify(value, undefined, indent)
      assert.deepEqual(parseJson(text).value, JSON.parse(text))
    }),
  )
})

test('a text is refused exactly when JSON.parse refuses it', () => {
  const pieces = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"a"',
    '"',
    '\\',
    '1',
    '-',
    '01',
    '1e9',
    'true',
    'null',
    ' ',
    '\n',
    "'",
  )
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(pieces).map((all) => all.join('')),
      ),
      (text) => {
        let valid = true
        try {
          JSON.parse(text)
        } catch {
          valid = false
        }
        return (faultOf(text) === 'none') === valid
      },
    ),
    { numRuns: 2_000 },
  )
})

test('a fault is told by line and column, with what was expected and found', () => {
  const faults: Readonly<Record<string, string>> = {
    '': '1:1 expected a value: text in double quotes, a number, true, false, null, "{" or "[", found the end of the file',
    '{\n "a": 1,\n}': '3:1 expected a key in double quotes after the "," (the last one takes no comma), found "}"',
    '{\n "a": 1\n "b": 2}': '3:2 expected "," or "}", found "\\""',
    '[1, ]': '1:5 expected a value after the "," (the last one takes no comma), found "]"',
    "{'a': 1}": '1:2 expected a key in double quotes, found "\'"',
    '{"a" 1}': '1:6 expected ":" after the key "a", found "1"',
    '{"a": nope}': '1:7 expected a value: text in double quotes, a number, true, false, null, "{" or "[", found "n"',
    '{} // done': '1:4 expected the end of the file, found "/" (JSON has no comments)',
    '{"a": "C:\\data"}': '1:7 the text that begins here does not end on its line, or has a "\\" that is not doubled',
    '{"a": "b\n"}': '1:7 the text that begins here does not end on its line, or has a "\\" that is not doubled',
    '{"a": 1': '1:8 expected "," or "}", found the end of the file',
  }
  for (const [text, fault] of Object.entries(faults)) assert.equal(faultOf(text), fault, text)
})

test('a fault quotes one character at most: the rest might be a secret', () => {
  assert.ok(!faultOf('{"password": hunter2}').includes('unter2'))
})

test('nesting deeper than any config is refused before the stack ends', () => {
  assert.match(faultOf('['.repeat(100_000)), /nested more than 200 deep/)
})

test('equal keys are found at any depth, also when only their case differs', () => {
  const { twins, value } = parseJson('{"a": 1,\n"A": 2,\n"b": [{"x": 1, "x": 2}], "c": {"a": 1}}')
  assert.deepEqual(twins, [
    { within: '', first: { name: 'a', line: 1 }, second: { name: 'A', line: 2 } },
    { within: '/b/0', first: { name: 'x', line: 3 }, second: { name: 'x', line: 3 } },
  ])
  assert.deepEqual(value, { a: 1, A: 2, b: [{ x: 2 }], c: { a: 1 } })
})

test('a key named as an object’s prototype is a key like any other', () => {
  const { value } = parseJson('{"__proto__": {"polluted": true}, "constructor": 1}')
  assert.deepEqual(Object.keys(value as object), ['__proto__', 'constructor'])
  assert.equal(({} as { polluted?: boolean }).polluted, undefined)
})

test('the line of every key is known', () => {
  const { lineOf } = parseJson('{\n"a": {\n\n"b/c": [1,\n2]}}')
  assert.deepEqual(['/a', '/A/B~1c', pointerTo(pointerTo('/a', 'b/c'), 1), '/x'].map(lineOf), [2, 4, 5, undefined])
})

test('a large text is read in little time', () => {
  const text = JSON.stringify(
    Object.fromEntries(Array.from({ length: 50_000 }, (_, index) => [`key${index}`, 'x'])),
    undefined,
    1,
  )
  const begun = process.cpuUsage()
  parseJson(text)
  assert.ok(process.cpuUsage(begun).user < 2_000_000, 'microseconds of the processor')
})
