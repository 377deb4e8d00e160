import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { type TestContext, test } from 'node:test'
import { hasCode } from '../../../src/errors.ts'
import { nfsAttachments } from '../../../src/host/nfs/nfs-attachments.ts'
import { context, fakePrograms } from '../fakes.ts'
import { NfsMachine, publicationOf } from './machine.ts'

const VERSION_3 = publicationOf({ options: ['nfsvers=3'] })

/** A daemon that answers each call with one word, or with none at all. @returns its port */
async function daemon(t: TestContext, answer: number | 'nothing'): Promise<number> {
  const socket = createSocket('udp4', (message, { address, port }) => {
    if (answer === 'nothing') return
    const reply = Buffer.alloc(28)
    message.copy(reply, 0, 0, 4)
    reply.writeUInt32BE(1, 4)
    reply.writeUInt32BE(answer, 24)
    socket.send(reply, port, address)
  }).bind(0, '127.0.0.1')
  await once(socket, 'listening')
  t.after(() => socket.close())
  return socket.address().port
}

/** A port of which nobody answers. */
async function closedPort(): Promise<number> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const { port } = socket.address()
  socket.close()
  await once(socket, 'close')
  return port
}

async function attachWith(t: TestContext, rpcbindPort: number, places = {}, publication = VERSION_3) {
  const { tools, calls, mountpoint } = await NfsMachine.of(t)
  const own = { ...tools, places: { ...tools.places, rpcbindPort, ...places } }
  await nfsAttachments(own).attach(context(), publication, mountpoint)
  return (await calls('mount')).length
}

test('version 3 is mounted where rpc.statd runs', async (t) => {
  const statd = await daemon(t, 0)
  assert.equal(await attachWith(t, await daemon(t, statd)), 1)
})

test('without rpc.statd nothing of version 3 is tried: nolock and the package are named', async (t) => {
  const isRefusal = (error: unknown) => {
    assert.ok(hasCode(error, 'MOUNT_FAILED'), String(error))
    assert.match(error.message, /^Did not try to mount 127\.0\.0\.1:\/db1: rpc\.statd does not run on this machine\./)
    assert.match(error.message, /nfs-common \(Debian, Ubuntu\) or nfs-utils \(RHEL, Fedora\)/)
    assert.match(error.message, /"nfsMountOptions" to "-o nolock"/)
    return true
  }
  const killed = await daemon(t, await closedPort())
  for (const rpcbind of [await closedPort(), await daemon(t, 0), killed]) {
    await assert.rejects(attachWith(t, rpcbind), isRefusal)
  }
  const local = publicationOf({ options: ['nfsvers=3', 'local_lock=all'] })
  await assert.rejects(attachWith(t, await closedPort(), {}, local), isRefusal)
})

test('one that mount.nfs can start is as good as one that runs', async (t) => {
  await fakePrograms(t, { 'a-statd': {}, 'a-start-statd': {} })
  assert.equal(await attachWith(t, await closedPort(), { statd: 'a-statd', startStatd: 'a-start-statd' }), 1)
  await assert.rejects(attachWith(t, await closedPort(), { startStatd: 'a-start-statd' }))
})

test('where rpcbind or rpc.statd is slow to answer, mount.nfs is left to find out', async (t) => {
  assert.equal(await attachWith(t, await daemon(t, 'nothing')), 1)
  assert.equal(await attachWith(t, await daemon(t, await daemon(t, 'nothing'))), 1)
})

test('locks that are kept local, and later versions, need none', async (t) => {
  const rpcbind = await closedPort()
  for (const options of [['nfsvers=3', 'nolock'], ['nfsvers=4.1'], ['nolock'], []]) {
    assert.equal(await attachWith(t, rpcbind, {}, publicationOf({ options })), 1)
  }
})
