/** What is believed of an array that does not show a volume any more. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Ontap, OntapVolume } from '../../../src/backends/ontap/ontap.ts'
import { Finding } from '../../../src/drivers/ontap/finding.ts'
import { BackendError } from '../../../src/errors.ts'
import type { ArrayName } from '../../../src/names.ts'
import { ctx } from './svm.ts'

const name = 'netappdvp_db' as ArrayName
const view = { style: 'flexvol', prefix: 'netappdvp_', arrayPrefix: 'netappdvp_', svm: 'svm1' } as const

/** An array with one volume, whose user may be taken away from the SVM: then it shows none, and no error. */
function array() {
  const volume: Partial<OntapVolume> = { name, uuid: 'u1', style: 'flexvol', comment: '' }
  const state = { isSeen: true, volume: volume as OntapVolume | undefined }
  const ontap = {
    svm: { name: 'svm1', uuid: 's1' },
    volumes: { find: async () => (state.isSeen ? state.volume : undefined) },
    async ensureSeen() {
      if (!state.isSeen) throw new BackendError('REFUSED', 'SVM "svm1" can no longer be seen by this user.')
    },
  } as unknown as Ontap
  return { state, finding: new Finding(ontap, view) }
}

test('a volume that was there is not said to be gone when the SVM can no longer be seen', async () => {
  const { state, finding } = array()
  assert.equal((await finding.find(ctx, name))?.uuid, 'u1')
  state.isSeen = false
  for (const look of [finding.find(ctx, name), finding.inspect(ctx, name), finding.get(ctx, name)]) {
    await assert.rejects(look, { code: 'REFUSED', message: /can no longer be seen/ })
  }
  state.isSeen = true
  assert.equal((await finding.find(ctx, name))?.uuid, 'u1')
})

test('a volume that was deleted on the array is said to be gone', async () => {
  const { state, finding } = array()
  await finding.find(ctx, name)
  state.volume = undefined
  assert.equal(await finding.find(ctx, name), undefined)
  assert.equal(finding.seen(name), undefined)
  await assert.rejects(finding.get(ctx, name), { code: 'NOT_FOUND' })
})
