import assert from 'node:assert/strict'
import { test } from 'node:test'
import { JOB_MS, wire } from '../wire.ts'

const of = (volume: string, qtree = '') => ({ query: { 'qtree-info': { volume, qtree } } })

test('a volume’s nameless qtree is always listed, but where a name is asked for', async () => {
  const { ask, list } = await wire({ volumes: ['a', 'b'] })
  await ask('qtree-create', { qtree: 'netappdvp_x', volume: 'a', mode: '0777' })
  const all = await list('qtree-list-iter', of('a'))
  assert.deepEqual(
    all.map(({ qtree, id }) => [qtree, id]),
    [
      ['', '0'],
      ['netappdvp_x', '1'],
    ],
  )
  assert.deepEqual(
    (await list('qtree-list-iter', of('a', 'netappdvp_*'))).map(({ qtree }) => qtree),
    ['netappdvp_x'],
  )
  assert.equal((await list('qtree-list-iter')).length, 4)
})

test('a qtree has what it was made with, and else what its volume has', async () => {
  const { ask, list, refused } = await wire({ volumes: ['a'] })
  await ask('export-policy-create', { 'policy-name': 'own' })
  await ask('qtree-create', { qtree: 'p', volume: 'a' })
  const settings = { mode: '---rwx------', 'security-style': 'mixed', 'export-policy': 'own', oplocks: 'disabled' }
  await ask('qtree-create', { qtree: 'q', volume: 'a', ...settings })
  const [plain, made] = await list('qtree-list-iter', of('a', 'p|q'))
  assert.deepEqual(plain, {
    ...{ 'export-policy': 'default', id: '1', 'is-export-policy-inherited': 'true', mode: '755', oplocks: 'enabled' },
    ...{ qtree: 'p', 'security-style': 'unix', status: 'normal', volume: 'a', vserver: 'svm1' },
  })
  assert.deepEqual([made['mode'], made['security-style'], made['oplocks']], ['700', 'mixed', 'disabled'])
  assert.deepEqual([made['export-policy'], made['is-export-policy-inherited']], ['own', 'false'])
  await ask('qtree-modify', { qtree: 'q', volume: 'a', mode: '0' })
  assert.equal((await list('qtree-list-iter', of('a', 'q')))[0]['mode'], '0')
  const unknown = { qtree: 'q', volume: 'a', 'export-policy': 'none' }
  assert.match(await refused('qtree-modify', unknown), /^13001 .*"none" does not exist/)
})

test('what a qtree cannot be is refused', async () => {
  const { ask, refused } = await wire({ volumes: ['a'] })
  await ask('qtree-create', { qtree: 'with-hyphen.and.dot', volume: 'a' })
  const create = (qtree: string, volume = 'a') => refused('qtree-create', { qtree, volume })
  assert.match(await create('with-hyphen.and.dot'), /^17 /)
  assert.match(await create(''), /^13001 /)
  assert.match(await create('q'.repeat(65)), /^13001 .*64/)
  assert.match(await create('a b'), /^13001 /)
  assert.match(await create('q', 'none'), /^15661 /)
})

test('a qtree is renamed by its full path, and removed by a job', async () => {
  const { ask, list, refused, wait } = await wire({ volumes: ['a', 'b'] })
  await ask('qtree-create', { qtree: 'q', volume: 'a' })
  const names = async () => (await list('qtree-list-iter', of('a', '?*|*_*|q'))).map(({ qtree }) => qtree)
  assert.match(await refused('qtree-rename', { qtree: '/vol/a/q', 'new-qtree-name': '/vol/b/q' }), /^13001 /)
  assert.match(await refused('qtree-rename', { qtree: 'q', 'new-qtree-name': 'r' }), /^13001 .*path/)
  assert.match(await refused('qtree-rename', { qtree: '/vol/a/none', 'new-qtree-name': '/vol/a/r' }), /^15661 /)
  await ask('qtree-rename', { qtree: '/vol/a/q', 'new-qtree-name': '/vol/a/deleted_q' })
  assert.deepEqual(await names(), ['deleted_q'])
  assert.match(await refused('qtree-delete-async', { qtree: '/vol/a', force: true }), /^13001 /)
  const { 'result-status': status } = await ask('qtree-delete-async', { qtree: '/vol/a/deleted_q', force: true })
  assert.equal(status, 'in_progress')
  assert.deepEqual(await names(), ['deleted_q'])
  wait(JOB_MS)
  assert.deepEqual(await names(), [])
  assert.match(await refused('qtree-delete-async', { qtree: '/vol/a/deleted_q' }), /^15661 /)
})

test('a volume that is offline does not tell its qtrees', async () => {
  const { ask, list } = await wire({ volumes: ['a'] })
  await ask('qtree-create', { qtree: 'q', volume: 'a' })
  await ask('volume-unmount', { 'volume-name': 'a' })
  await ask('volume-offline', { name: 'a' })
  assert.deepEqual(await list('qtree-list-iter', of('a')), [])
})
