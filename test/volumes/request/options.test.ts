import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { AnyDriverDefinition } from '../../../src/drivers/driver.ts'
import { localFile } from '../../../src/drivers/local-file/driver.ts'
import { RequestError } from '../../../src/errors.ts'
import { parseCreateOptions } from '../../../src/volumes/request/options.ts'

const definition: AnyDriverDefinition = {
  ...(localFile as unknown as AnyDriverDefinition),
  options: {
    ...localFile.options,
    cached: { type: 'boolean', description: 'Cached.' },
    copies: { type: 'integer', minimum: 1, maximum: 3, description: 'Copies.' },
    label: { type: 'string', pattern: '^[a-z]+$', description: 'A label.' },
  },
}
const parse = (raw: Record<string, string>, defaults: Record<string, string> = {}) =>
  parseCreateOptions(definition, 'local-file', defaults, raw)

test('booleans take Go’s spellings, numbers their range, enums any case', () => {
  for (const text of ['1', 't', 'T', 'true', 'TRUE', 'True'])
    assert.equal(parse({ cached: text }).given['cached'], true)
  for (const text of ['0', 'f', 'F', 'false', 'FALSE']) assert.equal(parse({ cached: text }).given['cached'], false)
  assert.equal(parse({ copies: '3' }).given['copies'], 3)
  assert.equal(parse({ fileSystemType: 'EXT3' }).given['fileSystemType'], 'ext3')
  for (const raw of [{ cached: 'yes' }, { copies: '4' }, { copies: '1.5' }, { copies: '' }, { label: 'A1' }]) {
    assert.throws(() => parse(raw as Record<string, string>), { code: 'OPTION_INVALID' })
  }
})

test('a wrong value in the config’s defaults is named as such', () => {
  assert.throws(() => parse({}, { copies: 'many' }), { message: /"defaults\.copies" cannot be "many"/ })
})

test('options of the arrays’ drivers are taken without effect, so that one Compose file serves both', () => {
  const { inert, given, options } = parse({ type: 'Gold', snapshotPolicy: 'daily', size: '1g' })
  assert.deepEqual(
    inert.map(({ option }) => option),
    ['type', 'snapshotPolicy'],
  )
  assert.deepEqual(given, {})
  assert.equal(options['type'], undefined)
})

test('"-o help" describes every option with its choices and defaults', () => {
  assert.throws(
    () => parse({ help: '' }, { size: '5g' }),
    (error: RequestError) => {
      assert.equal(error.code, 'OPTION_HELP')
      assert.match(error.message, /size +Size: .* Default: 5g\./)
      assert.match(error.message, /fileSystemType .*One of ext4, ext3, xfs\. Default: ext4\. Also: fstype\./)
      assert.match(error.message, /qos +No effect/)
      return true
    },
  )
})

test('whatever Docker sends as options is understood or refused by a RequestError, and never anything else', () => {
  const key = fc.oneof(fc.string(), fc.constantFrom('size', 'FROM', 'fstype', '__proto__', 'constructor', 'toString'))
  fc.assert(
    fc.property(fc.dictionary(key, fc.string()), (raw) => {
      try {
        parse(raw)
      } catch (error) {
        assert.ok(error instanceof RequestError)
      }
    }),
  )
})
