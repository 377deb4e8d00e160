import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ownAddresses } from '../../src/host/addresses.ts'

const of = (address: string, { internal = false } = {}) => ({
  address,
  internal,
  family: address.includes(':') ? 'IPv6' : 'IPv4',
})

test('addresses that others reach are told, once each: no loopback, none of one link', () => {
  const found = ownAddresses({
    lo: [of('127.0.0.1', { internal: true }), of('::1', { internal: true })],
    eth0: [of('192.0.2.7'), of('2001:db8::7'), of('fe80::7'), of('192.0.2.7')],
    eth1: [of('169.254.7.7'), of('fd00::7')],
    down: undefined,
  })
  assert.deepEqual(found, ['192.0.2.7', '2001:db8::7', 'fd00::7'])
})

test("Docker's own networks, of which each host has the same, are left out", () => {
  const found = ownAddresses({
    docker0: [of('172.17.0.1')],
    docker_gwbridge: [of('172.18.0.1')],
    'br-0123456789ab': [of('172.19.0.1')],
    vetha1b2c3d: [of('198.51.100.1')],
    'br-storage': [of('198.51.100.2')],
  })
  assert.deepEqual(found, ['198.51.100.2'])
})

test('this machine answers with addresses, whatever it has', () => {
  for (const address of ownAddresses()) assert.doesNotMatch(address, /^(?:127\.|fe80:)/)
})
