import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  BackendError,
  ConfigError,
  DeadlineError,
  Defect,
  ERROR_TABLE,
  errnoOf,
  HostError,
  hasCode,
  PluginError,
  RequestError,
  reasonOf,
} from '../src/errors.ts'

test('an error carries its code, its class’s name and its cause', () => {
  const cause = new Error('socket hang up')
  const error = new BackendError('UNREACHABLE', 'Cannot reach 10.0.0.1.', { cause })
  assert.ok(error instanceof PluginError && error instanceof Error)
  assert.equal(error.code, 'UNREACHABLE')
  assert.equal(error.name, 'BackendError')
  assert.equal(error.cause, cause)
})

test('errors are told apart by code', () => {
  const error = new RequestError('VOLUME_NOT_FOUND', 'Volume "x" does not exist.')
  assert.ok(hasCode(error, 'VOLUME_EXISTS', 'VOLUME_NOT_FOUND'))
  assert.ok(!hasCode(error, 'VOLUME_EXISTS'))
  assert.ok(!hasCode(Object.assign(new Error('x'), { code: 'VOLUME_NOT_FOUND' }), 'VOLUME_NOT_FOUND'))
  assert.ok(!hasCode('VOLUME_NOT_FOUND', 'VOLUME_NOT_FOUND'))
})

test('deadlines and defects know their code', () => {
  assert.equal(new DeadlineError('x').code, 'DEADLINE')
  assert.equal(new Defect('x').code, 'DEFECT')
})

test('every code is in the table once, with a sentence', () => {
  const rows = ERROR_TABLE.flatMap(({ codes }) => Object.entries(codes))
  assert.equal(new Set(rows.map(([code]) => code)).size, rows.length)
  for (const [code, meaning] of rows) {
    assert.match(code, /^[A-Z]+(_[A-Z]+)*$/)
    assert.match(meaning, /^\S.*\.$/, code)
  }
})

test('a reason can stand inside another sentence', () => {
  assert.equal(reasonOf(new ConfigError('CONFIG_INVALID', ' It is wrong. ')), 'It is wrong')
  assert.equal(reasonOf('plain text'), 'plain text')
  assert.equal(reasonOf(undefined), 'undefined')
})

test('the system’s name for a fault is read from system errors only', () => {
  assert.equal(errnoOf(Object.assign(new Error('x'), { code: 'ENOENT' })), 'ENOENT')
  assert.equal(errnoOf(new Error('ENOENT')), undefined)
  assert.equal(errnoOf({ code: 'ENOENT' }), undefined)
  assert.equal(errnoOf(new HostError('MOUNT_BUSY', 'x')), 'MOUNT_BUSY')
})
