import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ERROR_TABLE, type ErrorCode } from '../../src/errors.ts'
import { codeOf, read, sourcesIn } from './tree.ts'

const codes = ERROR_TABLE.flatMap(({ codes }) => Object.keys(codes)) as readonly ErrorCode[]

/** No test brings these about yet. */
const UNTESTED: readonly ErrorCode[] = ['REQUEST_INVALID', 'NOT_SUPPORTED', 'ALREADY_RUNNING', 'DEVICE_UNREADABLE']

test('every error code is thrown somewhere', () => {
  const code = sourcesIn('src')
    .filter((path) => path !== 'src/errors.ts')
    .map(codeOf)
    .join('\n')
    .replace(/hasCode\([^)]*\)/g, '')
  const classes: Partial<Record<ErrorCode, string>> = { DEADLINE: 'new DeadlineError(', DEFECT: 'new Defect(' }
  const unthrown = codes.filter((name) => !code.includes(classes[name] ?? `'${name}'`))
  assert.deepEqual(unthrown, [])
})

test('every error code is brought about by a test', () => {
  const tests = sourcesIn('test').filter((path) => !path.startsWith('test/house/') && path !== 'test/errors.test.ts')
  const text = tests.map(read).join('\n')
  const untested = codes.filter((name) => !new RegExp(`\\b${name}\\b`).test(text))
  const unexpected = untested.filter((name) => !UNTESTED.includes(name))
  assert.deepEqual(unexpected, [])
})
