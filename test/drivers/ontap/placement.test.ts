import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Ontap, OntapAggregate } from '../../../src/backends/ontap/ontap.ts'
import type { Context } from '../../../src/context.ts'
import { Placement } from '../../../src/drivers/ontap/placement.ts'
import { unlessAborted } from '../../../src/retry.ts'
import type { Bytes } from '../../../src/units.ts'
import { ctx } from './svm.ts'

const any = { allowed: [], reserved: 0 as Bytes }

test('callers share one look at the aggregates, and it does not end with the one who asked first', async (t) => {
  const list = [{ name: 'aggr1', available: 10 as Bytes }] as readonly OntapAggregate[]
  let answer = Promise.resolve(list)
  const assigned = t.mock.fn(({ signal }: Context) => unlessAborted(answer, signal))
  const placement = new Placement({ aggregates: { assigned }, svm: { name: 'svm1' } } as unknown as Ontap, undefined)
  await placement.check(ctx, [])

  const now = performance.now.bind(performance)
  t.mock.method(performance, 'now', () => now() + 60_000)
  const { promise, resolve } = Promise.withResolvers<readonly OntapAggregate[]>()
  answer = promise
  const leaves = new AbortController()
  const first = placement.candidates({ ...ctx, signal: leaves.signal }, any)
  const second = placement.candidates(ctx, any)
  leaves.abort(new Error('Nobody waits.'))
  await assert.rejects(first, /Nobody waits/)
  resolve(list)
  assert.deepEqual(await second, ['aggr1'])
  assert.equal(assigned.mock.callCount(), 2)
})
