import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chooseSvm, spellingsOf } from '../../../src/backends/ontap/svm-choice.ts'

const svm = (name: string) => ({ name, uuid: `uuid-of-${name}` })
const choose = (name: string | undefined, ...found: readonly string[]) =>
  chooseSvm('10.0.0.5:443', name, found.map(svm), async () => ['svm2', 'svm1'].map(svm))

test('the only SVM that can be seen is the one', async () => {
  assert.equal((await choose(undefined, 'svm1')).uuid, 'uuid-of-svm1')
})

test('of several SVMs, or none, the config has to name one', async () => {
  await assert.rejects(choose(undefined, 'svm2', 'svm1'), {
    code: 'CONFIG_INVALID',
    message: 'Cannot derive SVM to use, please specify SVM in config file. 10.0.0.5:443 shows "svm1", "svm2".',
  })
  await assert.rejects(choose(undefined), { code: 'CONFIG_INVALID', message: /shows none to this user\.$/ })
})

test('an SVM that is not there is told with those that are', async () => {
  await assert.rejects(choose('svm9'), {
    code: 'NOT_FOUND',
    message: /Cannot find the SVM "svm9" on 10.0.0.5:443, which shows "svm1", "svm2"\. Correct the setting "svm"/,
  })
})

test('an SVM that a MetroCluster has switched over is found under its other name, unless the very name is there', async () => {
  assert.deepEqual(spellingsOf('svm1'), ['svm1', 'svm1-mc'])
  assert.deepEqual(spellingsOf('svm1-mc'), ['svm1-mc', 'svm1'])
  assert.equal((await choose('svm1', 'svm1-mc')).name, 'svm1-mc')
  assert.equal((await choose('svm1-mc', 'svm1')).name, 'svm1')
  assert.equal((await choose('svm1', 'svm1-mc', 'svm1')).name, 'svm1')
})
