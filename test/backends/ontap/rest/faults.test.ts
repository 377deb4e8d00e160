import assert from 'node:assert/strict'
import { test } from 'node:test'
import { faultOf } from '../../../../src/backends/ontap/rest/faults.ts'

test('a code that no table has is REFUSED, even one that every object of JavaScript has', () => {
  const call = { method: 'GET', path: '/storage/volumes' } as const
  for (const code of ['999999999', 'constructor', '__proto__', 'toString']) {
    const { code: ours, again } = faultOf('10.0.0.5:443', call, code, 'of nothing', 400)
    assert.deepEqual([ours, again], ['REFUSED', 'never'], code)
  }
})
