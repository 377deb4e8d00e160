import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type FlagKind, goFlags } from '../../src/cli/go-flags.ts'
import { UsageError } from '../../src/cli/usage-error.ts'

const known: ReadonlyMap<string, FlagKind> = new Map([
  ['config', 'text'],
  ['volume-driver', 'text'],
  ['debug', 'boolean'],
  ['version', 'boolean'],
])

test('one dash or two, equals sign or space: all are the same', () => {
  for (const argv of [['-config=x'], ['--config=x'], ['-config', 'x'], ['--config', 'x']]) {
    assert.deepEqual(goFlags(argv, known), ['--config=x'])
  }
})

test('a boolean takes its value after an equals sign only', () => {
  assert.deepEqual(goFlags(['-debug', 'false', '-debug=false', '--debug=T', '-version'], known), [
    '--debug=true',
    'false',
    '--debug=false',
    '--debug=true',
    '--version=true',
  ])
})

test('a value may look like a flag, be empty or hold an equals sign', () => {
  assert.deepEqual(goFlags(['-config', '-debug', '--config=', '-config=a=b', '--config', '--'], known), [
    '--config=-debug',
    '--config=',
    '--config=a=b',
    '--config=--',
  ])
})

test('what is unknown, no flag, or after -- is left as it is', () => {
  const argv = ['check', '-x', '-nope=1', '--no-debug', '-', 'a', '--', '-debug', '-config']
  assert.deepEqual(goFlags(argv, known), argv)
})

test('a missing value and a wrong boolean are told in Go’s words', () => {
  const fault = (message: string) => (error: unknown) => error instanceof UsageError && error.message === message
  assert.throws(() => goFlags(['-config'], known), fault('flag needs an argument: -config'))
  assert.throws(() => goFlags(['-debug=maybe'], known), fault('invalid boolean value "maybe" for -debug'))
})

const anySpelling = fc.record({
  name: fc.constantFrom('config', 'volume-driver'),
  value: fc.string(),
  dashes: fc.constantFrom('-', '--'),
  joined: fc.boolean(),
})

test('any text given to a flag arrives unchanged, however the flag is written', () => {
  fc.assert(
    fc.property(fc.array(anySpelling), (flags) => {
      const argv = flags.flatMap(({ name, value, dashes, joined }) =>
        joined ? [`${dashes}${name}=${value}`] : [`${dashes}${name}`, value],
      )
      assert.deepEqual(
        goFlags(argv, known),
        flags.map(({ name, value }) => `--${name}=${value}`),
      )
    }),
  )
})

test('reading flags twice changes nothing more', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.string(), fc.constantFrom('-config', '-debug', '--', '-debug=0'))), (argv) => {
      try {
        const once = goFlags(argv, known)
        assert.deepEqual(goFlags(once, known), once)
      } catch (error) {
        assert.ok(error instanceof UsageError)
      }
    }),
  )
})
