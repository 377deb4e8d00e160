import assert from 'node:assert/strict'
import { mkdir, open, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { hasCode } from '../../../src/errors.ts'
import { nfsAttachments } from '../../../src/host/nfs/nfs-attachments.ts'
import { context, rememberingLog } from '../fakes.ts'
import { HANGS, HERE, NfsMachine, publicationOf, UNMOUNTS } from './machine.ts'

const BUSY = `echo 'umount: target is busy.' >&2; exit 32`

async function mountedWith(t: TestContext, umount?: string): Promise<NfsMachine> {
  const machine = await NfsMachine.of(t, umount === undefined ? {} : { umount })
  await machine.mounted(`${HERE}:/db1`, { options: `,addr=${HERE}` })
  return machine
}

test('an unmount looks at nothing, tells the server nothing, and takes the mount point away', async (t) => {
  const machine = await mountedWith(t)
  const { detach } = nfsAttachments(machine.tools)
  await detach(context(), publicationOf(), machine.mountpoint)
  assert.deepEqual(await machine.calls('umount'), [`--internal-only --no-canonicalize -- ${machine.mountpoint}`])
  await assert.rejects(stat(machine.mountpoint), { code: 'ENOENT' })
  await detach(context(), publicationOf(), machine.mountpoint)
  assert.equal((await machine.calls('umount')).length, 1)
})

test('of several mounts at one path, all go', async (t) => {
  const machine = await mountedWith(t)
  await machine.mounted(`${HERE}:/db1`)
  await nfsAttachments(machine.tools).detach(context(), publicationOf(), machine.mountpoint)
  assert.equal((await machine.calls('umount')).length, 2)
  assert.equal(await machine.isMounted(), false)
})

test('a mount in use is left, and who uses it is named', async (t) => {
  const machine = await mountedWith(t, BUSY)
  await using _file = await open(join(machine.mountpoint, 'file'), 'w')
  await assert.rejects(
    nfsAttachments(machine.tools).detach(context(), publicationOf(), machine.mountpoint),
    (error) => {
      assert.ok(hasCode(error, 'MOUNT_BUSY'))
      assert.match(error.message, /^Cannot unmount .*: umount: target is busy\. In use by /)
      assert.ok(error.message.includes(`(process ${process.pid})`), error.message)
      assert.ok(!error.message.includes('does not answer'), error.message)
      return true
    },
  )
  assert.equal(await machine.isMounted(), true)
  assert.equal((await machine.calls('umount')).length, 1, 'nobody loses what he has not written')
})

test('a mount in use whose server is lost: what ends the wait, and what that costs, is said', async (t) => {
  const machine = await NfsMachine.of(t, { umount: BUSY })
  // An address to which no connection can be made, and nothing is sent.
  await machine.mounted(`${HERE}:/db1`, { options: ',addr=255.255.255.255' })
  await assert.rejects(
    nfsAttachments(machine.tools).detach(context(), publicationOf(), machine.mountpoint),
    (error) =>
      hasCode(error, 'MOUNT_BUSY') &&
      /The server 255\.255\.255\.255 does not answer, .*"umount -f \/.*" makes it end, and loses/.test(error.message),
  )
})

test('an unmount that waits for a lost server has been done all the same', async (t) => {
  const machine = await mountedWith(t, `${UNMOUNTS}; ${HANGS}`)
  const { log, lines } = rememberingLog()
  await nfsAttachments(machine.tools).detach(context(log), publicationOf(), machine.mountpoint)
  assert.deepEqual(
    lines.filter(({ level }) => level === 'warn').map(({ message }) => message),
    [
      'Unmounted, though the server does not answer. What it has not stored yet is written once it does; if this host is restarted before, that is lost.',
    ],
  )
  assert.equal((await machine.calls('umount')).length, 1)
  await assert.rejects(stat(machine.mountpoint), { code: 'ENOENT' })
})

test('an unmount that hangs is an error, and neither forced nor hidden: what waits for the server is not lost', async (t) => {
  const machine = await mountedWith(t, HANGS)
  await assert.rejects(
    nfsAttachments(machine.tools).detach(context(), publicationOf(), machine.mountpoint),
    (error) => hasCode(error, 'MOUNT_BUSY') && /: it hangs\. /.test(error.message),
  )
  await stat(machine.mountpoint)
  assert.deepEqual(await machine.calls('umount'), [`--internal-only --no-canonicalize -- ${machine.mountpoint}`])
})

test('what somebody put into a mount point stays', async (t) => {
  const machine = await NfsMachine.of(t)
  await mkdir(join(machine.mountpoint, 'kept'), { recursive: true })
  const { log, lines } = rememberingLog()
  await nfsAttachments(machine.tools).detach(context(log), publicationOf(), machine.mountpoint)
  await stat(join(machine.mountpoint, 'kept'))
  assert.match(warningsIn(lines), /Cannot remove a mount point/)
})

function warningsIn(lines: ReturnType<typeof rememberingLog>['lines']): string {
  return lines.flatMap(({ level, message }) => (level === 'warn' ? [message] : [])).join('\n')
}
