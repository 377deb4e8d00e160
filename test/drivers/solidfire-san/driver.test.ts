import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, suite, test } from 'node:test'
import type { Driver, IntentId, Volume } from '../../../src/drivers/driver.ts'
import type { Options } from '../../../src/drivers/solidfire-san/config.ts'
import type { ArrayName } from '../../../src/names.ts'
import type { IscsiPublication } from '../../../src/publication.ts'
import { type Bytes, GIB, MIB } from '../../../src/units.ts'
import { block } from '../../contract/block.ts'
import { keepsDriverContract } from '../../contract/driver.contract.ts'
import { type Cluster, ctx, startCluster, TENANT } from './cluster.ts'

keepsDriverContract('solidfire-san', async () => {
  const cluster = await startCluster()
  const open = async () => (await cluster.open({ prefix: 'netappdvp_' })) as unknown as Driver<never>
  return { driver: await open(), options: { fileSystemType: 'ext4' }, reopen: open, close: () => cluster.close() }
})

const host = { name: 'host-a' }
const db1 = 'db1' as ArrayName

const volume = (name: ArrayName, options: Partial<Options> = {}) => ({
  name,
  dockerName: name,
  size: GIB,
  options: { fileSystemType: 'ext4', ...options } as const,
  intent: randomUUID() as IntentId,
})

interface Row {
  readonly volumeID: number
  readonly name: string
  readonly status: string
  readonly enable512e: boolean
  readonly qos: { readonly minIOPS: number; readonly maxIOPS: number; readonly burstIOPS: number }
  readonly attributes: Readonly<Record<string, unknown>>
  readonly volumeAccessGroups: readonly number[]
}

suite('solidfire-san', () => {
  let cluster: Cluster
  beforeEach(async () => {
    cluster = await startCluster()
  })
  afterEach(() => cluster.close())

  /** All that the array has, deleted ones included. */
  const rows = async () => (await cluster.api<{ volumes: Row[] }>('ListVolumes')).volumes

  async function theOne(driver: Driver<Options>, name: ArrayName): Promise<Volume> {
    const found = await driver.find(ctx, name)
    assert.ok(found, `there is no "${name}"`)
    return found
  }

  test('makes the tenant’s account when the array says that it has none, and only then', async () => {
    await cluster.open()
    await cluster.open()
    const { accounts } = await cluster.api<{ accounts: { username: string }[] }>('ListAccounts')
    assert.equal(accounts.filter(({ username }) => username === TENANT).length, 1)
    cluster.simulator.addFault('xPermissionDenied:GetAccountByName')
    await assert.rejects(cluster.open({ TenantName: 'other' }), { code: 'UNAUTHORIZED' })
    assert.equal(cluster.simulator.counts()['AddAccount'], 1)
  })

  test('makes what was asked for: quality of service, block size, filesystem, and marks that nDVP knows', async () => {
    const driver = await cluster.open()
    await driver.create(
      ctx,
      volume('my_vol' as ArrayName, { qos: '100,200,300', blocksize: 4096, fileSystemType: 'xfs' }),
    )
    const [row] = await rows()
    assert.equal(row?.name, 'my-vol')
    assert.deepEqual([row.qos.minIOPS, row.qos.maxIOPS, row.qos.burstIOPS], [100, 200, 300])
    assert.equal(row.enable512e, false)
    assert.equal(row.attributes['docker-name'], 'my_vol')
    assert.equal(row.attributes['fstype'], 'xfs')
    const found = await theOne(driver, 'my_vol' as ArrayName)
    assert.deepEqual(found.options, { fileSystemType: 'xfs', qos: '100,200,300', blocksize: 4096 })
    assert.equal(found.status?.['volumeID'], row.volumeID)
    assert.match(String(found.status['iqn']), /^iqn\.2010-01\.com\.solidfire:/)
  })

  test('the longest name Docker takes fits, marks and all, and is told from its like', async () => {
    const driver = await cluster.open()
    const [one, other] = [`${'n'.repeat(254)}1` as ArrayName, `${'n'.repeat(254)}2` as ArrayName]
    await driver.create(ctx, volume(one))
    await driver.create(ctx, volume(other))
    const uuid = randomUUID()
    await driver.noteFormat!(ctx, one, { state: 'formatting', uuid, host: 'h'.repeat(64) })
    await driver.noteFormat!(ctx, one, { state: 'ready', uuid })
    await driver.clone!(ctx, { ...volume(`c${one.slice(1)}` as ArrayName), source: one, options: {} })
    assert.equal((await driver.list(ctx)).length, 3)
    assert.equal((await theOne(driver, other)).dockerName, other)
  })

  test('names that differ only by "_" and "-" are two volumes', async () => {
    const driver = await cluster.open()
    await driver.create(ctx, volume('a_b' as ArrayName))
    await driver.create(ctx, { ...volume('a-b' as ArrayName), size: (2 * GIB) as Bytes })
    assert.equal((await theOne(driver, 'a_b' as ArrayName)).size, GIB)
    assert.equal((await theOne(driver, 'a-b' as ArrayName)).size, 2 * GIB)
    await driver.remove(ctx, await theOne(driver, 'a_b' as ArrayName))
    assert.ok(await driver.find(ctx, 'a-b' as ArrayName))
  })

  test('a create whose answer was lost has made its volume, once', async () => {
    const driver = await cluster.open()
    cluster.simulator.addFault('lost:CreateVolume:1')
    await driver.create(ctx, volume(db1))
    assert.equal((await rows()).length, 1)
  })

  test('five hosts that create one name at once get one volume, can mount it at once, and nothing is left of the others', async () => {
    const drivers = await Promise.all(Array.from({ length: 5 }, () => cluster.open()))
    const createAndMount = async (driver: Driver<Options>) => {
      await driver.create(ctx, volume(db1))
      await driver.publish(ctx, db1, host)
    }
    const outcomes = await Promise.allSettled(drivers.map(createAndMount))
    assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1)
    assert.deepEqual(
      (await rows()).map(({ status }) => status),
      ['active'],
    )
  })

  test('two volumes of one name are an error that lists them, and neither is touched', async () => {
    const driver = await cluster.open()
    await driver.create(ctx, volume(db1))
    const found = await theOne(driver, db1)
    const [{ attributes, ...row }] = (await rows()) as [Row & { accountID: number }]
    await driver.keep(ctx, found)
    const { 'netappdvp-intent': _, ...kept } = attributes
    const twin = { name: 'db1', accountID: row.accountID, totalSize: 1e9, enable512e: true, attributes: kept }
    await cluster.api('CreateVolume', twin)
    const message = new RegExp(`2 volumes on the array answer to "db1": volumeID ${found.id} .*; volumeID .* made `)
    await assert.rejects(driver.find(ctx, db1), { code: 'AMBIGUOUS', message })
    await assert.rejects(driver.publish(ctx, db1, host), { code: 'AMBIGUOUS' })
    assert.equal((await rows()).filter(({ status }) => status === 'active').length, 2)
  })

  test('a deleted volume can be restored on the array unless the policy is to purge', async () => {
    const driver = await cluster.open()
    await driver.create(ctx, volume(db1))
    await driver.remove(ctx, await theOne(driver, db1))
    const [row] = await rows()
    assert.equal(row?.status, 'deleted')
    await cluster.api('RestoreDeletedVolume', { volumeID: row.volumeID })
    assert.equal((await theOne(driver, db1)).id, String(row.volumeID))

    const purging = await cluster.open({ deletePolicy: 'purge' })
    await purging.remove(ctx, await theOne(purging, db1))
    assert.deepEqual(await rows(), [])
  })

  test('the volume that was found is removed, not one that took its name since', async () => {
    const driver = await cluster.open()
    await driver.create(ctx, volume(db1))
    const found = await theOne(driver, db1)
    await driver.remove(ctx, found)
    await driver.create(ctx, volume(db1))
    await assert.rejects(driver.remove(ctx, found), { code: 'NOT_FOUND' })
    assert.ok(await driver.find(ctx, db1))
  })

  test('a clone keeps quality of service, block size and filesystem, or takes another size and service', async () => {
    const driver = await cluster.open()
    const source = volume(db1, { qos: '100,200,300', blocksize: 4096, fileSystemType: 'xfs' })
    await driver.create(ctx, source)
    const [same, other] = ['same' as ArrayName, 'other' as ArrayName]
    await driver.clone!(ctx, { ...volume(same), source: db1, options: {} })
    assert.deepEqual((await theOne(driver, same)).options, (await theOne(driver, db1)).options)
    await driver.clone!(ctx, {
      ...volume(other),
      size: (2 * GIB) as Bytes,
      source: db1,
      options: { qos: '500,600,700' },
    })
    const found = await theOne(driver, other)
    assert.equal(found.size, 2 * GIB)
    assert.equal(found.options['qos'], '500,600,700')
    assert.equal(found.options['fileSystemType'], 'xfs')
  })

  test('a clone whose quality of service cannot be set does not stay', async () => {
    const driver = await cluster.open()
    await driver.create(ctx, volume(db1))
    cluster.simulator.addFault('xInvalidParameter:ModifyVolume:1')
    const clone = { ...volume('db2' as ArrayName), source: db1, options: { qos: '500,600,700' } }
    await assert.rejects(driver.clone!(ctx, clone), { code: 'REFUSED' })
    assert.equal((await rows()).length, 1)
  })

  test('a clone of a snapshot taken before the volume was formatted is as blank as that', async () => {
    const driver = await cluster.open()
    await driver.create(ctx, volume(db1))
    await driver.snapshots!.create(ctx, db1, 'blank', randomUUID() as IntentId)
    await driver.noteFormat!(ctx, db1, { state: 'ready', uuid: randomUUID() })
    await driver.clone!(ctx, { ...volume('db2' as ArrayName), source: db1, snapshot: 'blank', options: {} })
    assert.deepEqual(block(await driver.publish(ctx, 'db2' as ArrayName, host)).format, { state: 'new' })
  })

  test('a volume that another host counts on stays, though the one that made it fails after all', async () => {
    const group = await cluster.api<{ volumeAccessGroupID: number }>('CreateVolumeAccessGroup', { name: 'g' })
    const driver = await cluster.open({ AccessGroups: [group.volumeAccessGroupID] })
    const other = await cluster.open()
    cluster.simulator.addFault('hold:AddVolumesToVolumeAccessGroup:1')
    cluster.simulator.addFault('xExceededLimit:AddVolumesToVolumeAccessGroup:1')
    const creating = driver.create(ctx, volume(db1))
    creating.catch(() => {})
    while (!(await other.find(ctx, db1))) await new Promise(setImmediate)
    await other.keep(ctx, await theOne(other, db1))
    cluster.simulator.clearFaults()
    cluster.simulator.addFault('xExceededLimit:AddVolumesToVolumeAccessGroup:1')
    await creating.catch(() => {})
    assert.ok(await other.find(ctx, db1))
  })

  test('an access group that is gone is said to be, and not the volume', async () => {
    const driver = await cluster.open()
    await driver.create(ctx, volume(db1))
    const wrong = await cluster.open({ AccessGroups: [999] })
    const message = /no volume access group 999 of the setting "AccessGroups"/
    await assert.rejects(wrong.publish(ctx, db1, host), { code: 'REFUSED', message })
  })

  test('a clone whose answer was lost is waited for like any other', async () => {
    const driver = await cluster.open()
    await driver.create(ctx, volume(db1))
    cluster.simulator.addFault('lost:CloneVolume:1')
    await driver.clone!(ctx, { ...volume('db2' as ArrayName), source: db1, options: {} })
    assert.equal(block(await driver.publish(ctx, 'db2' as ArrayName, host)).kind, 'iscsi')
  })

  test('a change that comes late takes nothing back: it looks again, and sees what another host has recorded', async () => {
    const [one, other] = [await cluster.open(), await cluster.open()]
    await one.create(ctx, volume(db1))
    cluster.simulator.addFault('xNotReadyForIO:ModifyVolume:1')
    const late = other.noteFormat!(ctx, db1, { state: 'formatting', uuid: randomUUID(), host: 'b' })
    late.catch(() => {})
    while (!cluster.simulator.counts()['ModifyVolume']) await new Promise(setImmediate)
    const uuid = randomUUID()
    await one.noteFormat!(ctx, db1, { state: 'formatting', uuid, host: 'a' })
    await one.noteFormat!(ctx, db1, { state: 'ready', uuid })
    await assert.rejects(late, { code: 'BUSY', message: /is "ready" by now/ })
    assert.deepEqual(block(await one.publish(ctx, db1, host)).format, { state: 'ready', uuid })
  })

  test('two snapshots of one name are an error that lists them', async () => {
    const driver = await cluster.open()
    await driver.create(ctx, volume(db1))
    const volumeID = Number((await theOne(driver, db1)).id)
    for (const name of ['monday', 'monday']) await cluster.api('CreateSnapshot', { volumeID, name })
    const clone = { ...volume('db2' as ArrayName), source: db1, snapshot: 'monday', options: {} }
    await assert.rejects(driver.clone!(ctx, clone), {
      code: 'AMBIGUOUS',
      message: /snapshotID \d+ \(made .*; snapshotID/,
    })
  })

  test('an interrupted snapshot is discarded, and a finished one of another attempt is not', async () => {
    const driver = await cluster.open()
    await driver.create(ctx, volume(db1))
    const [first, second] = [randomUUID() as IntentId, randomUUID() as IntentId]
    await driver.snapshots!.create(ctx, db1, 'one', first)
    await driver.snapshots!.create(ctx, db1, 'two', second)
    await driver.discard(ctx, db1, first)
    const left = await driver.snapshots!.list(ctx, await theOne(driver, db1))
    assert.deepEqual(
      left.map(({ name }) => name),
      ['two'],
    )
  })

  test('volumes join the configured access groups as they are made, and older ones as they are published', async () => {
    const before = await cluster.open()
    await before.create(ctx, volume(db1))
    const { volumeAccessGroupID } = await cluster.api<{ volumeAccessGroupID: number }>('CreateVolumeAccessGroup', {
      name: 'g',
    })
    const driver = await cluster.open({ AccessGroups: [volumeAccessGroupID] })
    await driver.create(ctx, volume('db2' as ArrayName))
    await driver.publish(ctx, db1, host)
    for (const { volumeAccessGroups } of await rows()) assert.deepEqual(volumeAccessGroups, [volumeAccessGroupID])
    const wrong = await cluster.open({ AccessGroups: [999] })
    await assert.rejects(wrong.create(ctx, volume('db3' as ArrayName)), { code: 'REFUSED' })
    assert.equal((await rows()).length, 2)
  })

  test('says where the volume is found: its own target at the SVIP, by its NAA, with the account’s CHAP secret', async () => {
    const driver = await cluster.open({ SVIP: '10.0.0.7', InitiatorIFace: 'storage' })
    await driver.create(ctx, volume(db1))
    const publication = block(await driver.publish(ctx, db1, host)) as IscsiPublication
    const { account } = await cluster.api<{ account: { initiatorSecret: string } }>('GetAccountByName', {
      username: TENANT,
    })
    assert.equal(publication.chap?.secret.reveal(), account.initiatorSecret)
    assert.equal(publication.chap.user, TENANT)
    assert.deepEqual(publication.portals, ['10.0.0.7:3260'])
    assert.match(publication.naa, /^6f47acc1[0-9a-f]{24}$/)
    assert.equal(publication.interface, 'storage')
    assert.equal(publication.ownTarget, true)
    assert.ok(!JSON.stringify(publication).includes(account.initiatorSecret))
  })

  test('a volume that may not be written to is not published', async () => {
    const driver = await cluster.open()
    await driver.create(ctx, volume(db1))
    await cluster.api('ModifyVolume', { volumeID: Number((await theOne(driver, db1)).id), access: 'locked' })
    await assert.rejects(driver.publish(ctx, db1, host), {
      code: 'REFUSED',
      message: /access on the array is "locked"/,
    })
  })

  test('of two hosts that begin to format at once, one goes on', async () => {
    const [one, other] = [await cluster.open(), await cluster.open()]
    await one.create(ctx, volume(db1))
    const outcomes = await Promise.allSettled([
      one.noteFormat!(ctx, db1, { state: 'formatting', uuid: randomUUID(), host: 'a' }),
      other.noteFormat!(ctx, db1, { state: 'formatting', uuid: randomUUID(), host: 'b' }),
    ])
    assert.ok(outcomes.filter(({ status }) => status === 'fulfilled').length <= 1)
    for (const outcome of outcomes) if (outcome.status === 'rejected') assert.equal(outcome.reason.code, 'BUSY')
  })

  test('a format never goes back: what is ready stays so', async () => {
    const driver = await cluster.open()
    await driver.create(ctx, volume(db1))
    const uuid = randomUUID()
    await driver.noteFormat!(ctx, db1, { state: 'ready', uuid })
    const again = { state: 'formatting', uuid: randomUUID(), host: 'a' } as const
    await assert.rejects(driver.noteFormat!(ctx, db1, again), { code: 'BUSY' })
    assert.deepEqual(block(await driver.publish(ctx, db1, host)).format, { state: 'ready', uuid })
  })

  test('attributes that others keep on a volume stay on it', async () => {
    const driver = await cluster.open()
    await driver.create(ctx, volume(db1))
    const [row] = await rows()
    await cluster.api('ModifyVolume', { volumeID: row!.volumeID, attributes: { ...row!.attributes, team: 'red' } })
    await driver.publish(ctx, db1, host)
    await driver.noteFormat!(ctx, db1, { state: 'ready', uuid: randomUUID() })
    assert.equal((await rows())[0]?.attributes['team'], 'red')
  })

  test('a mark that nobody can read keeps the volume from being formatted or mounted', async () => {
    const driver = await cluster.open()
    await driver.create(ctx, volume(db1))
    const [row] = await rows()
    const attributes = { ...row!.attributes, 'netappdvp-format': 'maybe' }
    await cluster.api('ModifyVolume', { volumeID: row!.volumeID, attributes })
    await assert.rejects(driver.publish(ctx, db1, host), {
      code: 'MALFORMED',
      message: /is "maybe"\. It was left alone/,
    })
  })

  test('the array’s largest volume is known before it is asked for', async () => {
    const driver = await cluster.open()
    assert.ok(driver.maximumSize! > 1000 * GIB)
    assert.equal(driver.maximumSize! % MIB, 0)
  })

  test('speaks to an array of API 7, which cannot list by name', async () => {
    const old = await startCluster({ apiVersion: '7.4' })
    const driver = await old.open()
    await driver.create(ctx, volume(db1))
    assert.equal((await theOne(driver, db1)).size, GIB)
    assert.equal(old.simulator.counts()['ListVolumes'] ?? 0, 0)
    await old.close()
  })
})
