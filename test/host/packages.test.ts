import assert from 'node:assert/strict'
import { test } from 'node:test'
import { packageOf } from '../../src/host/packages.ts'

test('a program is brought by a package of each kind of distribution', () => {
  assert.deepEqual(packageOf('mkfs.xfs'), { debian: 'xfsprogs', rhel: 'xfsprogs' })
  assert.deepEqual(packageOf('losetup'), { debian: 'mount', rhel: 'util-linux' })
  assert.deepEqual(packageOf('iscsiadm'), { debian: 'open-iscsi', rhel: 'iscsi-initiator-utils' })
  assert.deepEqual(packageOf('mount.nfs'), { debian: 'nfs-common', rhel: 'nfs-utils' })
})

test('a program nobody listed has no package', () => {
  assert.equal(packageOf('constructor'), undefined)
})
