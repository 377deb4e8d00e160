import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { test } from 'node:test'
import { addressesOf, isAnswering, ownAddressTowards } from '../../../src/host/nfs/server.ts'
import { context } from '../fakes.ts'
import { NfsMachine } from './machine.ts'

test("this machine's address is the one that the kernel would send from", async () => {
  assert.equal(await ownAddressTowards('127.0.0.1'), '127.0.0.1')
  assert.equal(await ownAddressTowards('svm1.example.com'), undefined)
  assert.equal(await ownAddressTowards('255.255.255.255'), undefined)
})

test('a name is looked up as other programs do, an address not at all', async (t) => {
  const machine = await NfsMachine.of(t, {
    getent: "printf '%s\\n' '192.0.2.5  STREAM svm1' '192.0.2.5  DGRAM' '2001:db8::5 RAW'",
  })
  assert.deepEqual(await addressesOf(machine.tools, context(), 'svm1'), ['192.0.2.5', '2001:db8::5'])
  assert.deepEqual(await addressesOf(machine.tools, context(), '192.0.2.7'), ['192.0.2.7'])
  assert.deepEqual(await machine.calls('getent'), ['ahosts -- svm1'])
})

test('a name that is not known has no address', async (t) => {
  const machine = await NfsMachine.of(t, { getent: 'exit 2' })
  assert.deepEqual(await addressesOf(machine.tools, context(), 'nowhere'), [])
})

test('a server that accepts or refuses answers', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  assert.equal(await isAnswering('127.0.0.1', port, 5_000), true)
  server.close()
  await once(server, 'close')
  assert.equal(await isAnswering('127.0.0.1', port, 5_000), true)
  assert.equal(await isAnswering('255.255.255.255', port, 5_000), false)
})
