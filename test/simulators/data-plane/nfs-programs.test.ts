import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ensurePrograms } from '../../../src/simulators/data-plane/nfs-programs.ts'

test('a machine that lacks programs is told which, and the packages that have them', async () => {
  await assert.rejects(ensurePrograms('/nowhere'), (error: Error) => {
    assert.match(error.message, /^A data plane needs rpc\.nfsd, .*mkfs\.xfs, .*: install nfs-kernel-server, /)
    assert.match(error.message, /xfsprogs/)
    return true
  })
})
