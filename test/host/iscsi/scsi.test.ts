import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseNaas } from '../../../src/host/iscsi/scsi.ts'
import { NAA, page83 } from './machine.ts'

test('page 83 gives the NAAs of the LUN and not that of its port; whatever it holds, nothing is thrown', () => {
  assert.deepEqual(parseNaas(page83(NAA)), [NAA])
  assert.deepEqual(parseNaas(page83(NAA).subarray(0, 30)), [])
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (page) => Array.isArray(parseNaas(page))))
})
