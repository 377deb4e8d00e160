import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Call, targetOf } from '../../../../src/backends/ontap/rest/call.ts'

const call = (keys?: NonNullable<Call['keys']>): Call => ({
  method: 'DELETE',
  path: '/storage/qtrees/{volume.uuid}/{id}',
  ...(keys && { keys }),
})

test('keys are put in their places, whatever is in them', () => {
  assert.equal(targetOf(call({ 'volume.uuid': 'a/b?c', id: 0 })), '/api/storage/qtrees/a%2Fb%3Fc/0')
  assert.equal(targetOf(call({ 'volume.uuid': '...', id: 'x.y' })), '/api/storage/qtrees/.../x.y')
})

test('what is to name one thing never names all, or another: no such call is made', () => {
  for (const uuid of ['', '.', '..']) {
    assert.throws(() => targetOf(call({ 'volume.uuid': uuid, id: 1 })), { code: 'DEFECT', message: /volume\.uuid/ })
  }
  for (const keys of [{ 'volume.uuid': 'u1' }, {}, undefined])
    assert.throws(() => targetOf(call(keys)), { code: 'DEFECT' })
})
