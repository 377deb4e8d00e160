import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Locks } from '../../../src/volumes/state/locks.ts'
import { asked, name } from '../instance.ts'

const [db1, db2] = [name('db1'), name('db2')]

test('work on one volume runs one after the other, in the order it came', async () => {
  const locks = new Locks()
  const log: string[] = []
  const work = (label: string) =>
    locks.hold(asked(label).ctx, [db1], 'mount', async () => {
      log.push(`${label} begins`)
      await new Promise(setImmediate)
      log.push(`${label} ends`)
    })
  await Promise.all([work('a'), work('b'), work('c')])
  assert.deepEqual(log, ['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends'])
})

test('work on another volume does not wait', async () => {
  const locks = new Locks()
  const { promise: forever } = Promise.withResolvers<void>()
  void locks.hold(asked().ctx, [db1], 'mount', () => forever)
  assert.equal(await locks.hold(asked().ctx, [db2], 'mount', async () => 'done'), 'done')
})

test('two that each need both volumes do not block each other', async () => {
  const locks = new Locks()
  const hold = (...names: (typeof db1)[]) => locks.hold(asked().ctx, names, 'clone', () => new Promise(setImmediate))
  await Promise.all([hold(db1, db2), hold(db2, db1), hold(db1, db2)])
  await locks.idle()
})

test('whoever leaves the queue does not run, and is told who was in the way', async () => {
  const locks = new Locks()
  const first = Promise.withResolvers<void>()
  const running = locks.hold(asked('mount-7').ctx, [db1], 'mount', () => first.promise)
  const waiter = asked('remove-8')
  let ran = false
  const waiting = locks.hold(waiter.ctx, [db1], 'remove', async () => {
    ran = true
  })
  const last = locks.hold(asked('mount-9').ctx, [db1], 'mount', async () => 'ran')
  waiter.leave()
  await assert.rejects(waiting, { code: 'DEADLINE', message: /Cannot remove volume "db1" yet: mount-7 \(mount db1\)/ })
  first.resolve()
  await running
  assert.equal(await last, 'ran')
  assert.equal(ran, false)
})

test('nothing begins for somebody who has left already', async () => {
  const gone = asked()
  gone.leave()
  await assert.rejects(
    new Locks().hold(gone.ctx, [db1], 'mount', async () => assert.fail('it ran')),
    { code: 'DEADLINE' },
  )
})

test('a lock is given back when the work throws', async () => {
  const locks = new Locks()
  await assert.rejects(
    locks.hold(asked().ctx, [db1], 'mount', () => Promise.reject(new Error('no'))),
    /no/,
  )
  assert.equal(await locks.hold(asked().ctx, [db1], 'mount', async () => 'yes'), 'yes')
  assert.deepEqual(locks.holders(), [])
})

test('never two at once on one volume, whatever they hold, however they leave', async () => {
  const request = fc.record({
    names: fc.subarray(['aa', 'bb', 'cc'], { minLength: 1 }),
    turns: fc.nat(3),
    leavesAfter: fc.option(fc.nat(5)),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(request, { maxLength: 12 }), async (requests) => {
      const locks = new Locks()
      const held = new Set<string>()
      await Promise.allSettled(
        requests.map(async ({ names, turns, leavesAfter }) => {
          const { ctx, leave } = asked()
          void pause(leavesAfter ?? 0).then(() => leavesAfter !== null && leave())
          await locks.hold(ctx, names.map(name), 'mount', async () => {
            for (const one of names) assert.ok(!held.has(one) && held.add(one))
            await pause(turns)
            for (const one of names) held.delete(one)
          })
        }),
      )
      await locks.idle()
      assert.equal(held.size, 0)
    }),
  )
})

async function pause(turns: number): Promise<void> {
  for (let turn = 0; turn < turns; turn += 1) await new Promise(setImmediate)
}
