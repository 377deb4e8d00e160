/** How clones get their comment, on arrays that take it at once, ignore it or refuse it, and whom they leave alone. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { context, rememberingLog } from '../../../host/fakes.ts'
import { accepted, array, dropped, error, list, made, ok, type Reply, volume } from './arrays.ts'

const clone = {
  name: 'v2',
  source: 'v1',
  snapshot: 's1',
  junctionPath: '/v2',
  comment: 'ours',
  style: 'flexvol',
  intent: '5f0c1f0e-3f8b-4c55-9d5e-0d7f7c2f4a11',
} as const

const cloned = { is_flexclone: true, parent_volume: { name: 'v1' }, parent_snapshot: { name: 's1' } }
const bare = { svm: { uuid: 'svm-uuid' }, name: 'v2', clone: cloned, nas: { path: '/v2' } }

/** The clone as the array then shows it. */
const shown = (comment: string, uuid = 'u2'): Reply => list(volume('v2', { uuid, comment, clone: cloned }))

test('a clone has its comment from the first moment, and is looked at once', async (t) => {
  const { ontap, calls } = await array(t, [made('u2'), shown('ours')])
  const answered = await ontap.volumes.clone(context(), clone)
  assert.deepEqual(
    [answered.uuid, answered.comment, answered.size, answered.clonedFrom],
    ['u2', 'ours', 104_857_600, { volume: 'v1', snapshot: 's1' }],
  )
  assert.deepEqual(
    calls.map(({ method, path, body }) => ({ method, path, body })),
    [
      { method: 'POST', path: '/api/storage/volumes', body: { ...bare, comment: 'ours' } },
      { method: 'GET', path: '/api/storage/volumes', body: undefined },
    ],
  )
})

test('an array that ignores the comment, or leaves its source’s, is given it afterwards', async (t) => {
  const ignoring = await array(t, [made('u2'), shown(''), ok({})])
  assert.equal((await ignoring.ontap.volumes.clone(context(), clone)).comment, 'ours')
  const last = ignoring.calls.at(-1)
  assert.deepEqual([last?.method, last?.path, last?.body], ['PATCH', '/api/storage/volumes/u2', { comment: 'ours' }])

  const inheriting = await array(t, [made('u2'), shown('of v1'), list(volume('v1', { comment: 'of v1' })), ok({})])
  assert.equal((await inheriting.ontap.volumes.clone(context(), clone)).comment, 'ours')
  assert.equal(inheriting.calls.at(-1)?.method, 'PATCH')
})

for (const code of ['262179', '262196']) {
  test(`an array that refuses the comment with ${code} is asked without it, and not with it again`, async (t) => {
    const { ontap, calls } = await array(t, [
      ...[error(code, 400), made('u2'), shown(''), ok({})],
      ...[made('u2'), shown(''), ok({})],
    ])
    await ontap.volumes.clone(context(), clone)
    await ontap.volumes.clone(context(), clone)
    assert.deepEqual(
      calls.filter(({ method }) => method !== 'GET').map(({ body }) => body),
      [{ ...bare, comment: 'ours' }, bare, { comment: 'ours' }, bare, { comment: 'ours' }],
    )
  })
}

test('an array that refuses something else of a clone is asked with a comment the next time', async (t) => {
  const { ontap, calls } = await array(t, [error('262196', 400), error('262196', 400), made('u2'), shown('ours')])
  await assert.rejects(ontap.volumes.clone(context(), clone), { code: 'REFUSED' })
  await ontap.volumes.clone(context(), clone)
  assert.deepEqual(calls[2]?.body, { ...bare, comment: 'ours' })
})

test('whoever else has the name by then keeps volume and comment', async (t) => {
  const source = list(volume('v1', { comment: 'of v1' }))
  for (const [what, replies] of [
    ['the job is forgotten', [accepted(), error('4', 404), shown('of somebody else', 'other-uuid')]],
    ['the job is forgotten, and it has no comment', [accepted(), error('4', 404), shown('', 'other-uuid')]],
    ['no UUID is told', [ok({}), shown('of somebody else', 'other-uuid')]],
    ['another UUID is told', [made('u2'), shown('', 'other-uuid')]],
    ['it was given a comment', [made('u2'), shown('of somebody else'), source]],
  ] as const) {
    const { ontap, calls } = await array(t, replies)
    await assert.rejects(ontap.volumes.clone(context(), clone), { code: 'ALREADY_EXISTS', message: /"v2"/ }, what)
    assert.deepEqual(
      calls.slice(1).filter(({ method }) => method !== 'GET'),
      [],
      what,
    )
  }
})

test('a clone whose job the array has forgotten is known by its comment', async (t) => {
  const { ontap } = await array(t, [accepted(), error('4', 404), shown('ours')])
  assert.equal((await ontap.volumes.clone(context(), clone)).uuid, 'u2')
})

test('a clone whose comment cannot be set is taken back, if it is as it was', async (t) => {
  const failing = [made('u2'), shown(''), error('4711')] as const
  const { ontap, calls } = await array(t, [...failing, shown(''), ok({})])
  await assert.rejects(ontap.volumes.clone(context(), clone), { code: 'REFUSED', message: /PATCH/ })
  const last = calls.at(-1)
  assert.deepEqual([last?.method, last?.path, last?.query['force']], ['DELETE', '/api/storage/volumes/u2', 'true'])

  for (const now of [shown('ours'), shown('of somebody else'), shown('', 'other-uuid'), list()]) {
    const changed = await array(t, [...failing, now])
    await assert.rejects(changed.ontap.volumes.clone(context(), clone), { code: 'REFUSED', message: /PATCH/ })
    assert.equal(changed.calls.length, 4)
  }
})

test('a clone that is left without a comment is named in the log', async (t) => {
  for (const replies of [
    [made('u2'), dropped],
    [made('u2'), shown(''), error('4711')],
    [made('u2'), shown(''), error('4711'), shown(''), error('4712')],
  ]) {
    const { log, lines } = rememberingLog()
    const { ontap } = await array(t, replies)
    await assert.rejects(ontap.volumes.clone(context(log), clone))
    assert.deepEqual(
      lines.filter(({ level }) => level === 'warn').map(({ fields }) => fields['volume']),
      ['v2'],
    )
  }
})

test('a clone of what is not there is NOT_FOUND', async (t) => {
  for (const code of ['524601', '1638600', '4']) {
    const { ontap } = await array(t, [error(code, 404)])
    await assert.rejects(ontap.volumes.clone(context(), clone), { code: 'NOT_FOUND' })
  }
})
