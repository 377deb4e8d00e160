/** Against the simulated array. */

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { inspect } from 'node:util'
import type { Element, ElementSettings } from '../../../src/backends/element/element.ts'
import { openElement } from '../../../src/backends/element/open.ts'
import type { Log } from '../../../src/log.ts'
import { Secret } from '../../../src/secret.ts'
import {
  type ElementSimulator,
  type SimulatorOptions,
  startElementSimulator,
} from '../../../src/simulators/element/simulator.ts'
import { type Bytes, GIB } from '../../../src/units.ts'
import { context, rememberingLog, temporaryDirectory } from '../../host/fakes.ts'

async function simulator(t: TestContext, options: SimulatorOptions = {}): Promise<ElementSimulator> {
  const started = await startElementSimulator({ cloneMs: 20, ...options })
  t.after(() => started.close())
  return started
}

async function open(
  t: TestContext,
  endpoint: string,
  log: Log = rememberingLog().log,
  more: Partial<ElementSettings> = {},
): Promise<Element> {
  const element = await openElement({
    endpoint: new Secret(endpoint),
    tls: {},
    stateDirectory: await temporaryDirectory(t),
    maxConcurrentRequests: 20,
    log,
    signal: new AbortController().signal,
    firstPauseMs: 5,
    ...more,
  })
  t.after(() => element.close())
  return element
}

const size = (2 * GIB) as Bytes

for (const version of ['7.0', '8.0', '12.0']) {
  test(`a volume's life on an array of ${version}: made, found, changed, snapshot, cloned, restored, removed`, async (t) => {
    const array = await simulator(t, { apiVersion: version })
    const element = await open(t, array.endpoint)
    assert.equal(element.apiVersion, version)
    const ctx = context()

    assert.equal(await element.accounts.find(ctx, 'tenant'), undefined)
    const account = await element.accounts.create(ctx, 'tenant')
    assert.deepEqual((await element.accounts.find(ctx, 'tenant'))?.id, account.id)
    assert.equal((await element.accounts.get(ctx, account.id)).username, 'tenant')
    await assert.rejects(element.accounts.create(ctx, 'tenant'), { code: 'ALREADY_EXISTS' })

    const qos = { minIOPS: 100, maxIOPS: 2000, burstIOPS: 4000 }
    const made = await element.volumes.create(ctx, {
      name: 'db-1',
      accountId: account.id,
      size,
      enable512e: true,
      qos,
      attributes: { 'docker-name': 'db_1' },
    })
    assert.deepEqual([made.status, made.qos, made.attributes], ['active', qos, { 'docker-name': 'db_1' }])
    assert.ok(made.size >= size)
    assert.match(made.iqn, /^iqn\..*\.db-1\.\d+$/)
    assert.match(made.naa, /^6f47acc1[0-9a-f]{24}$/)
    assert.deepEqual(await element.volumes.named(ctx, account.id, 'db-1'), [made])
    assert.deepEqual(await element.volumes.named(ctx, account.id, 'db-2'), [])
    assert.deepEqual(await element.volumes.withIds(ctx, [made.id]), [made])

    await element.volumes.rewrite(ctx, made.id, { 'docker-name': 'db_1', state: 'ready' })
    const [changed] = await element.volumes.withIds(ctx, [made.id])
    assert.deepEqual(changed?.attributes, { 'docker-name': 'db_1', state: 'ready' })
    const grown = await element.volumes.modify(ctx, made.id, { size: (2 * size) as Bytes })
    assert.ok(grown.size >= 2 * size)
    await assert.rejects(element.volumes.modify(ctx, made.id, { size }), { code: 'REFUSED' })

    const snapshot = await element.snapshots.create(ctx, made.id, 'before', { intent: 'i' })
    assert.deepEqual(await element.snapshots.ofVolume(ctx, made.id), [snapshot])
    const copy = await element.volumes.clone(ctx, {
      sourceId: made.id,
      snapshotId: snapshot.id,
      name: 'copy',
      attributes: { 'docker-name': 'copy' },
    })
    assert.deepEqual([copy.status, copy.accountId, copy.qos], ['active', account.id, qos])
    await element.snapshots.restore(ctx, made.id, snapshot.id)
    await element.snapshots.remove(ctx, snapshot.id)
    assert.deepEqual(await element.snapshots.ofVolume(ctx, made.id), [])

    assert.equal((await element.volumes.ofAccount(ctx, account.id)).length, 2)
    await element.volumes.remove(ctx, made.id)
    assert.deepEqual(await element.volumes.named(ctx, account.id, 'db-1'), [])
    assert.equal((await element.volumes.withIds(ctx, [made.id]))[0]?.status, 'deleted')
    await element.volumes.purge(ctx, made.id)
    assert.deepEqual(await element.volumes.withIds(ctx, [made.id]), [])
    await assert.rejects(element.volumes.remove(ctx, made.id), { code: 'NOT_FOUND' })
    assert.deepEqual(
      (await element.volumes.ofAccount(ctx, account.id)).map(({ name }) => name),
      ['copy'],
    )
  })
}

test('the cluster tells its limits', async (t) => {
  const array = await simulator(t)
  const element = await open(t, array.endpoint)
  const limits = await element.cluster.limits(context())
  assert.equal(limits.volumeSizeMax, 17_592_186_044_416)
  assert.deepEqual(limits.minIOPS, [50, 15_000])
})

test('finding a volume, making one and listing 10,000 is one call each', async (t) => {
  const array = await simulator(t, { volumes: 9_999, account: 'docker' })
  const element = await open(t, array.endpoint)
  const account = await element.accounts.find(context(), 'docker')
  const accountId = account?.id ?? 0
  array.resetCounts()
  await element.volumes.named(context(), accountId, 'none')
  await element.volumes.create(context(), { name: 'one', accountId, size, enable512e: true, attributes: {} })
  assert.deepEqual(array.counts(), { ListVolumes: 1, CreateVolume: 1 })
  array.resetCounts()
  assert.equal((await element.volumes.ofAccount(context(), accountId)).length, 10_000)
  assert.equal(array.counts()['ListVolumes'], 2, 'and one to see that there are no more')
})

test('the array’s certificate changes: nothing is sent until the operator says yes', async (t) => {
  const array = await simulator(t)
  const element = await open(t, array.endpoint)
  await element.cluster.limits(context())
  const next = await array.newCertificate()
  array.resetCounts()
  // The connection that is open was trusted; the next one is not.
  await element.close()
  const again = open(t, array.endpoint, undefined, { tls: { tlsFingerprint: array.fingerprint } })
  await assert.rejects(again, { code: 'CERTIFICATE_REFUSED', message: new RegExp(next) })
  assert.deepEqual(array.counts(), {})
})

test('nothing that is logged, thrown or shown has a password or a CHAP secret in it', async (t) => {
  const password = 'p@s/s w?o#r%d&:+"\\\u00fc'
  const array = await simulator(t, { password })
  const { log, lines } = rememberingLog()
  const endpoint = `https://admin:${encodeURIComponent(password)}@${new URL(array.url).host}/json-rpc/12.0`
  const element = await open(t, endpoint, log)
  const ctx = context(log)
  const account = await element.accounts.create(ctx, 'tenant')
  await element.accounts.find(ctx, 'tenant')
  const thrown: unknown[] = []
  const fails = (work: Promise<unknown>) => work.catch((error: unknown) => thrown.push(error))
  await fails(element.accounts.get(ctx, 4711))
  await fails(element.accounts.create(ctx, 'tenant'))
  await fails(open(t, endpoint.replace('/json-rpc/12.0', '/json-rpc/99.0'), log))
  await fails(open(t, endpoint.replace('admin:', 'admin:wrong'), log))
  array.addFault('truncated:GetAccountByName:1')
  await fails(element.accounts.find(ctx, 'tenant'))
  await array.close()
  await fails(open(t, endpoint, log))
  assert.equal(thrown.length, 6)

  const shown = [lines, thrown, account, element].map((value) => inspect(value, { depth: 20, showHidden: true }))
  const everything = [...shown, JSON.stringify([lines, account])].join('\n')
  const chap = account.initiatorSecret.reveal()
  assert.ok(chap.length >= 12)
  for (const secret of [password, encodeURIComponent(password), chap]) {
    assert.ok(!everything.includes(secret), secret)
    assert.ok(!everything.includes(Buffer.from(`admin:${secret}`).toString('base64')))
  }
})
