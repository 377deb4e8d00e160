import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, suite, test } from 'node:test'
import { backgroundContext } from '../../../src/context.ts'
import type { Driver, IntentId } from '../../../src/drivers/driver.ts'
import type { Options } from '../../../src/drivers/local-file/config.ts'
import { localFile } from '../../../src/drivers/local-file/driver.ts'
import { run } from '../../../src/host/command.ts'
import { silentLog } from '../../../src/log.ts'
import type { ArrayName } from '../../../src/names.ts'
import { type Bytes, GIB, MIB } from '../../../src/units.ts'
import { block } from '../../contract/block.ts'
import { keepsDriverContract } from '../../contract/driver.contract.ts'

const { signal } = new AbortController()
const ctx = backgroundContext('test', silentLog, signal)
const thin: Options = { fileSystemType: 'ext4', spaceReserve: 'none' }

/** Each instance with a memory of its own beside the directory, unless told. */
async function open(
  directory: string,
  config: { readonly limitAggregateUsage?: string } = {},
  prefix = 'netappdvp_',
  state?: string,
) {
  const stateDirectory = state ?? (await mkdtemp(`${directory}.state-`))
  const settings = { config: { directory, ...config }, prefix, deletePolicy: 'purge', stateDirectory } as const
  return localFile.open({ ...settings, log: silentLog, run, signal })
}

keepsDriverContract('local-file', async () => {
  const base = await mkdtemp(join(tmpdir(), 'local-file-'))
  const directory = join(base, 'volumes')
  const driver = await open(directory)
  return {
    driver: driver as Driver<never>,
    options: { ...thin },
    reopen: async () => (await open(directory)) as Driver<never>,
    close: () => rm(base, { recursive: true }),
  }
})

suite('local-file', () => {
  let base: string
  let directory: string
  const db1 = 'netappdvp_db1' as ArrayName
  const db2 = 'netappdvp_db2' as ArrayName
  const volume = (name: ArrayName, size: Bytes = GIB, options: Options = thin) => ({
    name,
    dockerName: name.slice('netappdvp_'.length),
    size,
    options,
    intent: randomUUID() as IntentId,
  })
  const cloneOf = (source: ArrayName) => ({
    name: db2,
    dockerName: 'db2',
    source,
    options: {},
    intent: randomUUID() as IntentId,
  })

  beforeEach(async () => {
    base = await mkdtemp(join(tmpdir(), 'local-file-'))
    directory = join(base, 'volumes')
  })
  afterEach(() => rm(base, { recursive: true }))

  const entries = async () => (await readdir(directory)).filter((name) => name !== '.netappdvp')

  test('a thin volume takes no space; a reserved one takes all of it at once', async () => {
    const driver = await open(directory)
    await driver.create(ctx, volume(db1))
    await driver.create(ctx, volume(db2, (32 * MIB) as Bytes, { ...thin, spaceReserve: 'volume' }))
    const [sparse, full] = await Promise.all([db1, db2].map((name) => stat(join(directory, name, 'data'))))
    assert.equal(sparse!.size, GIB)
    assert.equal(sparse!.blocks, 0)
    assert.ok(full!.blocks * 512 >= 32 * MIB)
  })

  test('a thin volume gives freed blocks back and a reserved one keeps them', async () => {
    const driver = await open(directory)
    await driver.create(ctx, volume(db1))
    await driver.create(ctx, volume(db2, (32 * MIB) as Bytes, { ...thin, spaceReserve: 'volume' }))
    assert.equal(block(await driver.publish(ctx, db1, { name: 'h' })).discard, true)
    assert.equal(block(await driver.publish(ctx, db2, { name: 'h' })).discard, false)
  })

  test('a clone has the bytes of its source and diverges from it', async () => {
    const driver = await open(directory)
    await driver.create(ctx, volume(db1, (32 * MIB) as Bytes))
    await writeFile(join(directory, db1, 'data'), 'precious', { flag: 'r+' })
    await driver.clone!(ctx, cloneOf(db1))
    await writeFile(join(directory, db1, 'data'), 'changed!', { flag: 'r+' })
    const clone = await readFile(join(directory, db2, 'data'))
    assert.equal(clone.subarray(0, 8).toString(), 'precious')
    assert.equal(clone.length, 32 * MIB)
  })

  test('a sparse source makes a sparse clone', async () => {
    const driver = await open(directory)
    await driver.create(ctx, volume(db1))
    await driver.clone!(ctx, cloneOf(db1))
    assert.equal((await stat(join(directory, db2, 'data'))).blocks, 0)
  })

  test('a snapshot keeps data and format as they were, also for a clone of it and after a restore', async () => {
    const driver = await open(directory)
    await driver.create(ctx, volume(db1, (32 * MIB) as Bytes))
    await driver.snapshots!.create(ctx, db1, 'blank', randomUUID() as IntentId)
    await writeFile(join(directory, db1, 'data'), 'later', { flag: 'r+' })
    await driver.noteFormat!(ctx, db1, { state: 'ready', uuid: 'u' })

    await driver.clone!(ctx, { ...cloneOf(db1), snapshot: 'blank' })
    assert.deepEqual(block(await driver.publish(ctx, db2, { name: 'h' })).format, { state: 'new' })
    assert.equal((await readFile(join(directory, db2, 'data'))).subarray(0, 5).toString(), '\0\0\0\0\0')

    await driver.snapshots!.restore(ctx, db1, 'blank')
    assert.deepEqual(block(await driver.publish(ctx, db1, { name: 'h' })).format, { state: 'new' })
    assert.equal((await readFile(join(directory, db1, 'data'))).subarray(0, 5).toString(), '\0\0\0\0\0')
  })

  test('two instances with different prefixes in one directory do not see each other', async () => {
    const [ours, others] = [await open(directory), await open(directory, {}, 'other_')]
    await ours.create(ctx, volume(db1))
    assert.deepEqual(await others.list(ctx), [])
    assert.equal((await ours.list(ctx)).length, 1)
  })

  test('limitAggregateUsage counts what thin volumes were promised', async () => {
    const driver = await open(directory, { limitAggregateUsage: '99%' })
    const huge = (1024 * 1024 * GIB) as Bytes
    await assert.rejects(driver.create(ctx, volume(db1, huge)), { code: 'FULL', message: /limitAggregateUsage is 99%/ })
    assert.deepEqual(await entries(), [])
    const generous = await open(directory, { limitAggregateUsage: '100000000' })
    await generous.create(ctx, volume(db1, GIB))
    await assert.rejects((await open(directory, { limitAggregateUsage: '0' })).create(ctx, volume(db2)), {
      code: 'FULL',
    })
  })

  test('more than is free cannot be reserved', async () => {
    const driver = await open(directory)
    const huge = volume(db1, (1024 * 1024 * GIB) as Bytes, { ...thin, spaceReserve: 'volume' })
    await assert.rejects(driver.create(ctx, huge), { code: 'FULL', message: /spaceReserve/ })
    assert.deepEqual(await entries(), [])
  })

  test('a damaged record is an error that names the file, and does not hide the other volumes', async () => {
    const driver = await open(directory)
    await driver.create(ctx, volume(db1))
    await driver.create(ctx, volume(db2))
    await writeFile(join(directory, db1, 'volume.json'), '{"version":1')
    await assert.rejects(driver.find(ctx, db1), { code: 'MALFORMED', message: /netappdvp_db1\/volume\.json/ })
    assert.deepEqual(
      (await driver.list(ctx)).map(({ name }) => name),
      [db2],
    )
  })

  test('a removal that was interrupted is finished at the next start; a creation only by its own intent', async () => {
    await mkdir(join(directory, '.removing.1/snapshots/s'), { recursive: true })
    await writeFile(join(directory, '.removing.1/snapshots/s/data'), 'x')
    await mkdir(join(directory, '.making.abc'))
    await writeFile(join(directory, '.making.abc/data'), 'x')
    const driver = await open(directory)
    assert.deepEqual(await entries(), ['.making.abc'])
    await driver.discard(ctx, db1, 'abc' as IntentId)
    assert.deepEqual(await entries(), [])
  })

  test('deleting does not follow a link out of the directory', async () => {
    const outside = await mkdtemp(join(tmpdir(), 'outside-'))
    await writeFile(join(outside, 'keep'), 'x')
    const driver = await open(directory)
    await driver.create(ctx, volume(db1))
    const found = await driver.find(ctx, db1)
    await symlink(outside, join(directory, db1, 'link'))
    await driver.remove(ctx, found!)
    assert.deepEqual(await readdir(outside), ['keep'])
    await rm(outside, { recursive: true })
  })

  test('a directory whose parent is missing, or that is a file, keeps the driver from opening', async () => {
    const state = await mkdtemp(join(base, 'state-'))
    await assert.rejects(open(join(base, 'no/such'), {}, '', state), { code: 'NOT_FOUND' })
    await writeFile(join(base, 'file'), '')
    await assert.rejects(open(join(base, 'file')), { code: 'REFUSED', message: /not a directory/i })
  })

  test('a directory whose disk is not mounted is out of reach, not empty: nothing is found, removed or made', async () => {
    const state = await mkdtemp(join(base, 'state-'))
    const driver = await open(directory, {}, 'netappdvp_', state)
    await driver.create(ctx, volume(db1))
    const found = await driver.find(ctx, db1)
    const elsewhere = join(base, 'elsewhere')
    await rename(directory, elsewhere)
    await mkdir(directory)

    for (const call of [
      () => driver.find(ctx, db1),
      () => driver.list(ctx),
      () => driver.remove(ctx, found!),
      () => driver.create(ctx, volume(db2)),
      () => driver.publish(ctx, db1, { name: 'h' }),
      () => open(directory, {}, 'netappdvp_', state),
    ]) {
      await assert.rejects(call, { code: 'UNREACHABLE', message: /Is the disk mounted\?/ })
    }
    assert.deepEqual(await readdir(directory), [])

    await rm(directory, { recursive: true })
    await assert.rejects(open(directory, {}, 'netappdvp_', state), { code: 'UNREACHABLE' })
    await rename(elsewhere, directory)
    assert.ok(await (await open(directory, {}, 'netappdvp_', state)).find(ctx, db1))
  })

  test('a volume that goes while it is read is gone, and one without its data file is damaged', async () => {
    const driver = await open(directory)
    await driver.create(ctx, volume(db1))
    const churn = (async () => {
      for (let round = 0; round < 60; round += 1) {
        await driver.create(ctx, volume(db2))
        await driver.remove(ctx, { ...volume(db2), options: {} })
      }
    })()
    let churning = true
    void churn.finally(() => {
      churning = false
    })
    while (churning) assert.ok((await driver.list(ctx)).length >= 1)
    await churn

    await rm(join(directory, db1, 'data'))
    await assert.rejects(driver.find(ctx, db1), { code: 'MALFORMED', message: /data.* is missing/ })
    assert.deepEqual(await driver.list(ctx), [])
  })

  test('what else is in the directory is left alone, such as the lost+found of a filesystem of its own', async () => {
    const driver = await open(directory, { limitAggregateUsage: '100000000' }, '')
    await mkdir(join(directory, 'lost+found'))
    await mkdir(join(directory, '.Trash-0'))
    await driver.create(ctx, volume('db1' as ArrayName))
    assert.deepEqual(
      (await driver.list(ctx)).map(({ name }) => name),
      ['db1'],
    )
  })

  test('a snapshot that was interrupted is discarded by its intent', async () => {
    const driver = await open(directory)
    await driver.create(ctx, volume(db1))
    const intent = randomUUID() as IntentId
    await mkdir(join(directory, `.making.${intent}`))
    await driver.discard(ctx, db1, intent)
    assert.deepEqual(await entries(), [db1])
  })
})
