import assert from 'node:assert/strict'
import { stat } from 'node:fs/promises'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { hasCode } from '../../../src/errors.ts'
import { nfsAttachments } from '../../../src/host/nfs/nfs-attachments.ts'
import { type Log, silentLog } from '../../../src/log.ts'
import type { NfsPublication } from '../../../src/publication.ts'
import { context, temporaryDirectory } from '../fakes.ts'
import { HANGS, HERE, MOUNTS, NfsMachine, publicationOf, refuses, SERVER } from './machine.ts'

test('a volume is mounted by its options, from a name or an address, which cannot be taken for flags', async (t) => {
  const machine = await NfsMachine.of(t)
  const { attach, detach, isAttached } = nfsAttachments(machine.tools)
  const publications = [
    publicationOf({ options: [] }),
    publicationOf({ server: 'svm1.example.com', options: ['nfsvers=4.1', 'hard'] }),
    publicationOf({ server: '2001:db8::5' }),
  ]
  for (const publication of publications) {
    await attach(context(), publication, machine.mountpoint)
    assert.equal(await isAttached(context(), publication, machine.mountpoint), true)
    await detach(context(), publication, machine.mountpoint)
  }
  assert.deepEqual(await machine.calls('mount'), [
    `-t nfs -o fg,retry=0 -- ${HERE}:/db1 ${machine.mountpoint}`,
    `-t nfs -o nfsvers=4.1,hard,fg,retry=0 -- svm1.example.com:/db1 ${machine.mountpoint}`,
    `-t nfs -o nfsvers=4.1,fg,retry=0 -- [2001:db8::5]:/db1 ${machine.mountpoint}`,
  ])
})

test('what is mounted already is not mounted again, however the kernel writes its server and path', async (t) => {
  const cases: readonly (readonly [string, string, Partial<NfsPublication>])[] = [
    [`${SERVER}:/db1`, '', { server: SERVER }],
    [`${SERVER}:/db1/`, '', { server: SERVER }],
    [`${SERVER}://db1`, '', { server: SERVER }],
    [`${SERVER}:/a\\040b`, '', { server: SERVER, path: '/a b' }],
    ['[2001:DB8:0::5]:/db1', '', { server: '2001:db8::5' }],
    ['SVM1.example.com:/db1', '', { server: 'svm1.example.com' }],
    ['svm1.example.com:/db1', `,addr=${SERVER}`, { server: SERVER }],
    [`${SERVER}:/db1`, `,addr=${SERVER}`, { server: 'svm1.example.com' }],
    ['old-name:/db1', `,mountaddr=192.0.2.9,addr=${SERVER}`, { server: 'svm1.example.com' }],
  ]
  for (const [source, options, changes] of cases) {
    const machine = await NfsMachine.of(t, { getent: `echo '${SERVER} STREAM svm1.example.com'` })
    await machine.mounted(source, { options })
    await nfsAttachments(machine.tools).attach(context(), publicationOf(changes), machine.mountpoint)
    assert.deepEqual(await machine.calls('mount'), [], source)
  }
})

test('something else at the mount point is left alone', async (t) => {
  const cases = [
    [`${SERVER}:/db2`, { options: `,addr=${SERVER}` }],
    ['192.0.2.6:/db1', { options: ',addr=192.0.2.6' }],
    ['unknown-name:/db1', {}],
    [`${SERVER}:/db1`, { fstype: 'fuse.sshfs' }],
    ['/dev/loop7', { fstype: 'ext4', device: '7:7' }],
  ] as const
  for (const [source, how] of cases) {
    const machine = await NfsMachine.of(t)
    await machine.mounted(source, how)
    const { attach, detach, isAttached } = nfsAttachments(machine.tools)
    const publication = publicationOf({ server: SERVER })
    const isStale = (error: unknown) =>
      hasCode(error, 'STALE_MOUNT') && error.message.includes(`${source} is mounted there`)
    await assert.rejects(attach(context(), publication, machine.mountpoint), isStale)
    await assert.rejects(detach(context(), publication, machine.mountpoint), isStale)
    assert.equal(await isAttached(context(), publication, machine.mountpoint), false)
    assert.deepEqual([await machine.calls('mount'), await machine.calls('umount')], [[], []])
  }
})

test('a volume the server does not show yet is mounted as soon as it does', async (t) => {
  for (const words of [
    `access denied by server while mounting ${HERE}:/db1`,
    `mounting ${HERE}:/db1 failed, reason given by server: No such file or directory`,
    `Operation not permitted for ${HERE}:/db1 on /mnt`,
  ]) {
    const seen = `${await temporaryDirectory(t)}/seen`
    const third = `echo >> ${seen}; [ $(wc -l < ${seen}) = 3 ] || { ${refuses(words)}; }; ${MOUNTS}`
    const { tools, calls, mountpoint } = await NfsMachine.of(t, { mount: third })
    const patient = { ...tools, patience: { ...tools.patience, retryMs: 60_000 } }
    await nfsAttachments(patient).attach(context(), publicationOf(), mountpoint)
    assert.equal((await calls('mount')).length, 3)
  }
})

test('it is tried again only while that may help, and the mount point goes away', async (t) => {
  const machine = await NfsMachine.of(t, { mount: refuses('Protocol not supported') })
  const patient = { ...machine.tools, patience: { ...machine.tools.patience, retryMs: 60_000 } }
  await assert.rejects(nfsAttachments(patient).attach(context(), publicationOf(), machine.mountpoint))
  assert.equal((await machine.calls('mount')).length, 1)
  await assert.rejects(stat(machine.mountpoint), { code: 'ENOENT' })
})

test('stopping ends the tries', async (t) => {
  const machine = await NfsMachine.of(t, { mount: refuses(`access denied by server while mounting ${HERE}:/db1`) })
  const patient = { ...machine.tools, patience: { ...machine.tools.patience, retryMs: 60_000 } }
  const stop = new AbortController()
  const log: Log = {
    ...silentLog,
    debug: (message) => (/trying again/.test(message) ? stop.abort(new Error('stop')) : undefined),
    child: () => log,
  }
  const attached = nfsAttachments(patient).attach(context(log, stop.signal), publicationOf(), machine.mountpoint)
  await assert.rejects(attached, /stop/)
})

test('a mount that was done counts, though it was ended or said otherwise', async (t) => {
  for (const mount of [`${MOUNTS}; ${HANGS}`, `${MOUNTS}; exit 16`]) {
    const machine = await NfsMachine.of(t, { mount })
    await nfsAttachments(machine.tools).attach(context(), publicationOf(), machine.mountpoint)
    assert.equal(await machine.isMounted(), true)
    await stat(machine.mountpoint)
  }
})

test('a mount that was done as the plugin stopped keeps its mount point, and is found by the next try', async (t) => {
  const machine = await NfsMachine.of(t, { mount: `${MOUNTS}; ${HANGS}` })
  const patient = { ...machine.tools, patience: { ...machine.tools.patience, mountMs: 60_000 } }
  const { attach, isAttached } = nfsAttachments(patient)
  const stop = new AbortController()
  const attached = attach(context(silentLog, stop.signal), publicationOf(), machine.mountpoint)
  while (!(await machine.isMounted())) await setImmediate()
  stop.abort(new Error('stop'))
  await assert.rejects(attached, /stop/)
  await stat(machine.mountpoint)
  assert.equal(await isAttached(context(), publicationOf(), machine.mountpoint), true)
  await attach(context(), publicationOf(), machine.mountpoint)
  assert.equal((await machine.calls('mount')).length, 1)
})

test('a mount that was not done counts as none, though the command succeeded', async (t) => {
  const { tools, mountpoint } = await NfsMachine.of(t, { mount: 'echo backgrounding; exit 0' })
  await assert.rejects(
    nfsAttachments(tools).attach(context(), publicationOf(), mountpoint),
    (error) => hasCode(error, 'MOUNT_FAILED') && /succeeded, and nothing is mounted there/.test(error.message),
  )
  await assert.rejects(stat(mountpoint), { code: 'ENOENT' })
})

test('a server that is silent is given up in time, and named', async (t) => {
  const machine = await NfsMachine.of(t, { mount: HANGS })
  await assert.rejects(
    nfsAttachments(machine.tools).attach(context(), publicationOf(), machine.mountpoint),
    (error) => {
      assert.ok(hasCode(error, 'MOUNT_FAILED'))
      assert.match(
        error.message,
        /^Cannot mount 127\.0\.0\.1:\/db1 at .*: "mount -t nfs .*" did not end in .* and was killed\. /,
      )
      assert.match(error.message, /127\.0\.0\.1 does not answer as an NFS server does: .* on SVM "svm1"/)
      return true
    },
  )
})

test('without mount.nfs nothing is tried, and the package is named', async (t) => {
  const machine = await NfsMachine.of(t)
  const before = process.env['PATH']
  t.after(() => {
    process.env['PATH'] = before
  })
  process.env['PATH'] = await temporaryDirectory(t)
  await assert.rejects(
    nfsAttachments(machine.tools).attach(context(), publicationOf(), machine.mountpoint),
    (error) => {
      return hasCode(error, 'TOOL_MISSING') && /"mount\.nfs" .*nfs-common .*nfs-utils/.test(error.message)
    },
  )
  assert.deepEqual(await machine.calls('mount'), [])
})

test('what a server gives need not be grown', async (t) => {
  const machine = await NfsMachine.of(t)
  await nfsAttachments(machine.tools).grow(context(), publicationOf(), machine.mountpoint)
})
