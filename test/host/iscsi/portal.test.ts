import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parsePortal, printPortal, samePortal } from '../../../src/host/iscsi/portal.ts'

test('portals are read with and without brackets and port, and compared by what they mean', () => {
  assert.deepEqual(parsePortal('10.0.0.7'), { address: '10.0.0.7', port: 3260 })
  assert.deepEqual(parsePortal('[fd00::7]:3261'), { address: 'fd00::7', port: 3261 })
  assert.equal(printPortal(parsePortal('[fd00::7]:3261')), '[fd00::7]:3261')
  assert.ok(samePortal(parsePortal('[FD00:0::7]:3260'), { address: 'fd00::7', port: 3260 }))
  assert.ok(samePortal(parsePortal('[fe80::1%eth0]:3260'), { address: 'fe80:0::1%eth0', port: 3260 }))
  assert.ok(!samePortal(parsePortal('10.0.0.7:3260'), { address: '10.0.0.7', port: 3261 }))
})
