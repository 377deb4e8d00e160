/** What every driver keeps to, whatever the array. Run against each driver and against the fake. */

import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, suite, test } from 'node:test'
import { backgroundContext } from '../../src/context.ts'
import type { Driver, IntentId, NewVolume, OptionValues } from '../../src/drivers/driver.ts'
import { silentLog } from '../../src/log.ts'
import type { ArrayName } from '../../src/names.ts'
import { type Bytes, GIB } from '../../src/units.ts'
import { block } from './block.ts'

export interface OpenedForContract {
  /** Options a plain volume may be made with. */
  readonly options: OptionValues
  readonly driver: Driver<never>
  /** False where a volume cannot carry the intent that made it: then it is somebody's as soon as it can be seen. */
  readonly keepsIntents?: boolean
  /** A second driver on the same array, as another host or a restart would open it. */
  reopen(): Promise<Driver<never>>
  close(): Promise<void>
}

export function keepsDriverContract(kind: string, open: () => Promise<OpenedForContract>): void {
  const ctx = backgroundContext('contract', silentLog, new AbortController().signal)
  const host = { name: 'host-a' }
  const intent = () => randomUUID() as IntentId
  const db1 = 'netappdvp_db1' as ArrayName
  const db2 = 'netappdvp_db2' as ArrayName

  suite(`${kind} keeps the driver contract`, () => {
    let opened: OpenedForContract
    let driver: Driver<OptionValues>

    beforeEach(async () => {
      opened = await open()
      driver = opened.driver as unknown as Driver<OptionValues>
    })
    afterEach(() => opened.close())

    const volume = (name: ArrayName, size: Bytes = GIB): NewVolume<OptionValues> => ({
      name,
      dockerName: name.replace('netappdvp_', ''),
      size,
      options: opened.options,
      intent: intent(),
    })

    /** What a fresh volume carries. */
    const kept = ({ intent }: NewVolume<OptionValues>) => (opened.keepsIntents === false ? undefined : intent)

    const theOne = async (name: ArrayName) => {
      const found = await driver.find(ctx, name)
      assert.ok(found, `there is no "${name}"`)
      return found
    }

    test('find answers undefined for a volume nobody made', async () => {
      assert.equal(await driver.find(ctx, db1), undefined)
    })

    test('a volume made is found and listed with its size, its options, its Docker name and its intent', async () => {
      const made = volume(db1)
      await driver.create(ctx, made)
      const found = await driver.find(ctx, db1)
      assert.equal(found?.name, db1)
      assert.equal(found.dockerName, 'db1')
      assert.equal(found.size, GIB)
      assert.equal(found.intent, kept(made))
      for (const [key, value] of Object.entries(opened.options)) assert.equal(found.options[key], value)
      assert.deepEqual(
        (await driver.list(ctx)).map(({ name }) => name),
        [db1],
      )
    })

    test('create refuses a name that is taken, and leaves the first volume alone', async () => {
      const first = volume(db1)
      await driver.create(ctx, first)
      await assert.rejects(driver.create(ctx, volume(db1, (2 * GIB) as Bytes)), { code: 'ALREADY_EXISTS' })
      const found = await driver.find(ctx, db1)
      assert.equal(found?.size, GIB)
      assert.equal(found.intent, kept(first))
      assert.equal((await driver.list(ctx)).length, 1)
    })

    test('ten creates of one name at once make one volume', async () => {
      const results = await Promise.allSettled(Array.from({ length: 10 }, () => driver.create(ctx, volume(db1))))
      assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1)
      for (const result of results) {
        if (result.status === 'rejected') assert.equal(result.reason.code, 'ALREADY_EXISTS')
      }
      assert.equal((await driver.list(ctx)).length, 1)
    })

    test('another driver on the same array sees the volume', async () => {
      await driver.create(ctx, volume(db1))
      const other = (await opened.reopen()) as unknown as Driver<OptionValues>
      assert.equal((await other.find(ctx, db1))?.size, GIB)
      await other.close()
    })

    test('remove takes the volume away, and says NOT_FOUND for one that is not there', async () => {
      await driver.create(ctx, volume(db1))
      const found = await theOne(db1)
      await driver.remove(ctx, found)
      assert.equal(await driver.find(ctx, db1), undefined)
      assert.deepEqual(await driver.list(ctx), [])
      await assert.rejects(driver.remove(ctx, found), { code: 'NOT_FOUND' })
    })

    test('a name can be used again after its volume was removed', async () => {
      await driver.create(ctx, volume(db1))
      await driver.remove(ctx, await theOne(db1))
      await driver.create(ctx, volume(db1, (2 * GIB) as Bytes))
      assert.equal((await driver.find(ctx, db1))?.size, 2 * GIB)
    })

    test('discard removes what its intent made, may be repeated, and leaves every other volume alone', async () => {
      const [ours, others] = [volume(db1), volume(db2)]
      await driver.create(ctx, ours)
      await driver.create(ctx, others)
      await driver.discard(ctx, db2, ours.intent)
      assert.ok(await driver.find(ctx, db2))
      await driver.discard(ctx, db1, ours.intent)
      await driver.discard(ctx, db1, ours.intent)
      assert.equal((await driver.find(ctx, db1)) === undefined, kept(ours) !== undefined)
      assert.ok(await driver.find(ctx, db2))
    })

    test('a published volume is somebody’s: discard no longer removes it', async () => {
      const made = volume(db1)
      await driver.create(ctx, made)
      await driver.publish(ctx, db1, host)
      assert.equal((await driver.find(ctx, db1))?.intent, undefined)
      await driver.discard(ctx, db1, made.intent)
      assert.ok(await driver.find(ctx, db1))
    })

    test('a volume that is kept outlives the intent that made it', async () => {
      const made = volume(db1)
      await driver.create(ctx, made)
      await driver.keep(ctx, await theOne(db1))
      assert.equal((await theOne(db1)).intent, undefined)
      await driver.discard(ctx, db1, made.intent)
      assert.equal((await theOne(db1)).size, GIB)
    })

    test('publish may be repeated and answers the same; it says NOT_FOUND for a volume nobody made', async () => {
      await driver.create(ctx, volume(db1))
      assert.deepEqual(await driver.publish(ctx, db1, host), await driver.publish(ctx, db1, host))
      await assert.rejects(driver.publish(ctx, db2, host), { code: 'NOT_FOUND' })
    })

    test('unpublish may be repeated, also for a volume that is gone', async () => {
      await driver.create(ctx, volume(db1))
      await driver.publish(ctx, db1, host)
      await driver.unpublish(ctx, db1, host)
      await driver.unpublish(ctx, db1, host)
      await driver.remove(ctx, await theOne(db1))
      await driver.unpublish(ctx, db1, host)
    })

    test('how far formatting has come is remembered by the array, not by the driver', async (t) => {
      if (!driver.noteFormat) return t.diagnostic('this array brings the filesystem')
      await driver.create(ctx, volume(db1))
      assert.deepEqual(block(await driver.publish(ctx, db1, host)).format, { state: 'new' })
      const uuid = randomUUID()
      await driver.noteFormat(ctx, db1, { state: 'formatting', uuid, host: 'host-a' })
      const other = (await opened.reopen()) as unknown as Driver<OptionValues>
      assert.deepEqual(block(await other.publish(ctx, db1, host)).format, { state: 'formatting', uuid, host: 'host-a' })
      await other.noteFormat!(ctx, db1, { state: 'ready', uuid })
      assert.deepEqual(block(await driver.publish(ctx, db1, host)).format, { state: 'ready', uuid })
      await other.close()
    })

    test('resize grows and keeps the rest; it refuses to shrink', async (t) => {
      if (!driver.resize) return t.diagnostic('this array cannot resize')
      await driver.create(ctx, volume(db1))
      await driver.resize(ctx, db1, (2 * GIB) as Bytes)
      assert.equal((await driver.find(ctx, db1))?.size, 2 * GIB)
      assert.equal((await driver.find(ctx, db1))?.dockerName, 'db1')
      await assert.rejects(driver.resize(ctx, db1, GIB), { code: 'REFUSED' })
      await assert.rejects(driver.resize(ctx, db2, GIB), { code: 'NOT_FOUND' })
    })

    /** Some arrays' clones need their source for as long as they live. */
    const dependents = (error: { readonly code?: string }) => assert.equal(error.code, 'HAS_DEPENDENTS')

    const clone = (name: ArrayName, source: ArrayName) => ({
      name,
      dockerName: name.replace('netappdvp_', ''),
      source,
      options: {},
      intent: intent(),
    })

    test('a clone has its source’s size, options and format, its own name, and remembers its source', async (t) => {
      if (!driver.clone) return t.diagnostic('this array cannot clone')
      await driver.create(ctx, volume(db1))
      const uuid = randomUUID()
      await driver.noteFormat?.(ctx, db1, { state: 'ready', uuid })
      await driver.clone(ctx, clone(db2, db1))
      const found = await driver.find(ctx, db2)
      assert.equal(found?.size, GIB)
      assert.equal(found.dockerName, 'db2')
      assert.equal(found.clonedFrom, db1)
      for (const [key, value] of Object.entries(opened.options)) assert.equal(found.options[key], value)
      if (driver.noteFormat)
        assert.deepEqual(block(await driver.publish(ctx, db2, host)).format, { state: 'ready', uuid })
      await driver.remove(ctx, await theOne(db1)).catch(dependents)
      assert.ok(await driver.find(ctx, db2), 'the clone outlives its source, or keeps it')
    })

    test('a clone may be larger than its source; a missing source or a taken name is refused', async (t) => {
      if (!driver.clone) return t.diagnostic('this array cannot clone')
      await driver.create(ctx, volume(db1))
      await driver.clone(ctx, { ...clone(db2, db1), size: (2 * GIB) as Bytes })
      assert.equal((await driver.find(ctx, db2))?.size, 2 * GIB)
      await assert.rejects(driver.clone(ctx, clone(db2, db1)), { code: 'ALREADY_EXISTS' })
      const [db3, missing] = ['netappdvp_db3' as ArrayName, 'netappdvp_no' as ArrayName]
      await assert.rejects(driver.clone(ctx, clone(db3, missing)), { code: 'NOT_FOUND' })
      await assert.rejects(driver.clone(ctx, { ...clone(db3, db1), snapshot: 'no' }), { code: 'NOT_FOUND' })
      assert.equal(await driver.find(ctx, db3), undefined)
    })

    test('snapshots are listed with the volume, cloned from, and removed', async (t) => {
      if (!driver.snapshots) return t.diagnostic('this array has no snapshots')
      await driver.create(ctx, volume(db1))
      await driver.snapshots.create(ctx, db1, 'monday', intent())
      await assert.rejects(driver.snapshots.create(ctx, db1, 'monday', intent()), { code: 'ALREADY_EXISTS' })
      await driver.snapshots.create(ctx, db1, 'tuesday', intent())
      const names = async () =>
        (await driver.snapshots!.list(ctx, await theOne(db1))).map(({ name }) => name).toSorted()
      assert.deepEqual(await names(), ['monday', 'tuesday'])
      await driver.clone?.(ctx, { ...clone(db2, db1), snapshot: 'monday' })
      await driver.snapshots.remove(ctx, db1, 'tuesday')
      assert.deepEqual(await names(), ['monday'])
      await assert.rejects(driver.snapshots.remove(ctx, db1, 'tuesday'), { code: 'NOT_FOUND' })
      await driver.snapshots.remove(ctx, db1, 'monday').catch(dependents)
      await assert.rejects(driver.snapshots.create(ctx, 'netappdvp_no' as ArrayName, 'monday', intent()), {
        code: 'NOT_FOUND',
      })
    })
  })
}
