import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compile } from '../src/validate.ts'

const check = compile({
  $id: 'test/validate',
  type: 'object',
  additionalProperties: false,
  properties: {
    name: { type: 'string', required: true, minLength: 2, description: 'A name.', aliases: ['n'], inert: 'no use' },
    password: { type: 'string', secret: true },
    size: { type: 'string', format: 'size' },
    used: { type: 'string', format: 'percent' },
    directory: { type: 'string', format: 'path' },
    kinds: {
      type: 'array',
      items: { type: 'object', properties: { kind: { type: 'string', required: true } } },
    },
  },
})

const rulesBroken = (value: unknown) => check(value).map(({ path, keyword }) => `${path} ${keyword}`)

test('a value that fits has no faults', () => {
  const kinds = [{ kind: 'Gold' }]
  assert.deepEqual(check({ name: 'db', size: '10g', used: '80%', directory: '/data', kinds, password: 'x' }), [])
})

test('every fault is told, with its place and what was asked for', () => {
  const faults = check({ name: 'x', size: '1.5g', extra: 1, kinds: [{}] })
  assert.deepEqual(
    faults.map(({ path, keyword }) => `${path} ${keyword}`),
    [' additionalProperties', '/kinds/0 required', '/name minLength', '/size format'],
  )
  assert.deepEqual(faults[1]?.params, { missingProperty: 'kind' })
  for (const { message } of faults) assert.match(message, /^must /)
})

test('a property that says it is required must be there', () => {
  assert.deepEqual(rulesBroken({}), [' required'])
})

test('formats take what they say and nothing else', () => {
  const good = { size: ['1', '10GiB', '20gb'], used: ['0', '80', '80%', '250%', '12.5%'], directory: ['/', '/a b'] }
  const bad = { size: ['', '-1', '1e', '10 g'], used: ['', '%', '8%0', '-1'], directory: ['', 'a', './a', '/a\0'] }
  for (const [key, texts] of Object.entries(good)) {
    for (const text of texts) assert.deepEqual(rulesBroken({ name: 'ab', [key]: text }), [], `${key} ${text}`)
  }
  for (const [key, texts] of Object.entries(bad)) {
    for (const text of texts) assert.deepEqual(rulesBroken({ name: 'ab', [key]: text }), [`/${key} format`], text)
  }
})

test('the schema handed in is left as it was', () => {
  const schema = { $id: 'test/frozen', type: 'object', properties: { a: { type: 'string', required: true } } }
  const before = structuredClone(schema)
  assert.equal(compile(schema)({}).length, 1)
  assert.deepEqual(schema, before)
})
