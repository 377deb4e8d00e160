/** Calls that the array has carried out, or not, when the connection breaks: against a simulated array. */

import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { type Bytes, GIB } from '../../../../src/units.ts'
import { namesOf, newVolume, type Scene, scene } from '../contract-scene.ts'

const NO_OPERATIONS = { create: '', find: '', remove: '', change: '' }
const subject = { dialect: 'zapi', release: '9.11.1', rightToCreate: /./, operations: NO_OPERATIONS } as const

const CALLS = {
  flexvol: ['volume-clone-create', 'volume-modify-iter', 'volume-rename', 'volume-mount', 'volume-get-iter'],
  flexgroup: ['volume-clone-create-async', 'volume-modify-iter-async', 'volume-unmount', 'volume-mount'],
} as const

type Style = keyof typeof CALLS

async function makeSource({ ontap, ctx }: Scene, style: Style) {
  const more = style === 'flexgroup' ? { style, aggregates: ['aggr1', 'aggr2'], size: (8 * GIB) as Bytes } : {}
  return ontap.volumes.create(ctx, newVolume('v1', more))
}

const cloneOf = (name: string, style: Style) => ({
  name,
  source: 'v1',
  junctionPath: `/${name}`,
  comment: `a mark of ${name}`,
  style,
  intent: randomUUID(),
})

for (const [style, calls] of Object.entries(CALLS) as [Style, readonly string[]][]) {
  for (const api of calls) {
    for (const kind of ['lost', 'half', 'truncated']) {
      if (kind === 'truncated' && !api.startsWith('volume-clone-create')) continue
      test(`a ${style} is cloned once, and wholly, when the answer to ${api} is ${kind}`, async (t) => {
        const stage = await scene(t, subject)
        const { array, ontap, ctx } = stage
        await makeSource(stage, style)
        array.addFault(`${kind}:${api}:1`)
        const wanted = cloneOf('c1', style)
        assert.equal((await ontap.volumes.clone(ctx, wanted)).name, 'c1')
        const found = await ontap.volumes.find(ctx, 'c1')
        assert.deepEqual([found?.comment, found?.junctionPath], ['a mark of c1', '/c1'])
        assert.deepEqual(namesOf(await ontap.volumes.withPrefix(ctx, '')), ['c1', 'v1'])
        assert.deepEqual(await ontap.volumes.remnantsOf?.(ctx, wanted.intent), [])
      })
    }
  }

  test(`whatever fails, a clone of a ${style} leaves nothing of its name`, async (t) => {
    const stage = await scene(t, subject)
    const { array, ontap, ctx } = stage
    await makeSource(stage, style)
    for (const api of calls.filter((api) => api !== 'volume-get-iter')) {
      array.addFault(`13115:${api}:1`)
      await assert.rejects(ontap.volumes.clone(ctx, cloneOf('c1', style)), { code: 'REFUSED' }, api)
      array.clearFaults()
      assert.deepEqual(namesOf(await ontap.volumes.withPrefix(ctx, '')), ['v1'], api)
    }
  })
}

test('of many who clone to the same name one does, and nothing is left of the others', async (t) => {
  const stage = await scene(t, subject, { latencyMs: 5 })
  const { ontap, ctx } = stage
  await makeSource(stage, 'flexvol')
  const tries = await Promise.allSettled(
    Array.from({ length: 8 }, (_, index) =>
      ontap.volumes.clone(ctx, { ...cloneOf('c1', 'flexvol'), comment: `by ${index}` }),
    ),
  )
  assert.equal(tries.filter(({ status }) => status === 'fulfilled').length, 1)
  for (const tried of tries) {
    if (tried.status === 'rejected') assert.equal(tried.reason.code, 'ALREADY_EXISTS', tried.reason.message)
  }
  const first = tries.findIndex(({ status }) => status === 'fulfilled')
  assert.equal((await ontap.volumes.find(ctx, 'c1'))?.comment, `by ${first}`)
  assert.deepEqual(namesOf(await ontap.volumes.withPrefix(ctx, '')), ['c1', 'v1'])
})
