import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { OntapVolume } from '../../../src/backends/ontap/ontap.ts'
import { ownerOf } from '../../../src/drivers/ontap/volume-view.ts'

/** A prefix that names of others begin with, too. */
const settings = { style: 'flexvol', prefix: 'ndvp_', arrayPrefix: 'ndvp_', svm: 'svm1' } as const

const owner = (name: string, change: Partial<OntapVolume> = {}) =>
  ownerOf({ name, style: 'flexvol', comment: '', ...change } as OntapVolume, settings)

test('with a prefix such as ndvp_, FlexVols that hold qtrees are those of ontap-nas-economy', () => {
  assert.match(owner('ndvp_qtree_pool_XLPWNQRSTU')!, /ontap-nas-economy/)
  assert.match(owner('trident_qtree_pool_netappdvp_A')!, /ontap-nas-economy/)
  assert.equal(owner('ndvp_qtree_data'), undefined)
})

test('with a prefix such as ndvp_, a clone that is being made is nobody’s yet', () => {
  assert.match(owner(`ndvp_clone_${'0a'.repeat(16)}`)!, /making a clone/)
  assert.equal(owner('ndvp_clone_of_db'), undefined)
})
