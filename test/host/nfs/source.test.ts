import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseMounts } from '../../../src/host/mountinfo.ts'
import { isNfs, printSource, sameAddress, settingOf, sourceOf } from '../../../src/host/nfs/source.ts'

const mountOf = (fstype: string, source: string, options = 'rw') =>
  parseMounts(`87 23 0:37 / /mnt rw,relatime shared:45 - ${fstype} ${source} ${options}`)[0]!

test('a source is a server and a path, IPv6 in brackets, as the kernel shows it', () => {
  for (const source of ['10.77.0.11:/srv/x', '[fec0::5054:ff:fe00:1]:/srv/x', 'filer.example.com:/']) {
    assert.equal(printSource(sourceOf(mountOf('nfs', source))!), source)
  }
  assert.deepEqual(sourceOf(mountOf('nfs4', 'filer:/a\\040b')), { server: 'filer', path: '/a b' })
  assert.deepEqual(sourceOf(mountOf('nfs', 'filer:/a:b')), { server: 'filer', path: '/a:b' })
})

test('other filesystems have none, though they look alike', () => {
  assert.equal(sourceOf(mountOf('fuse.sshfs', 'filer:/srv')), undefined)
  assert.equal(sourceOf(mountOf('nfs', 'filer')), undefined)
  assert.deepEqual(
    ['nfs', 'nfs4', 'nfsd', 'ext4'].map((fstype) => isNfs({ fstype })),
    [true, true, false, false],
  )
})

test("the server's address is not that of its mountd, or of this machine", () => {
  const options = 'rw,vers=3,proto=tcp,mountaddr=192.0.2.1,clientaddr=192.0.2.2,addr=192.0.2.3'
  const mount = mountOf('nfs', 'filer:/x', options)
  assert.equal(settingOf(mount, 'addr'), '192.0.2.3')
  assert.equal(settingOf(mount, 'port'), undefined)
  assert.equal(settingOf(mount, 'proto'), 'tcp')
})

test('an address is the same however it is written', () => {
  assert.equal(sameAddress('2001:DB8:0:0::5', '2001:db8::5'), true)
  assert.equal(sameAddress('192.0.2.5', '192.0.2.5'), true)
  assert.equal(sameAddress('192.0.2.5', '192.0.2.6'), false)
  assert.equal(sameAddress('192.0.2.5', '2001:db8::5'), false)
  assert.equal(sameAddress('filer', 'filer'), false)
})
