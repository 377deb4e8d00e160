/**
 * Replies of real arrays, which are not kept here: NETAPPDVP_RECORDED names the directory of them, with one of XML files
 * called `zapi`. What each is is in its name.
 */

import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { releaseByZapi } from '../../../../src/backends/ontap/zapi/release.ts'
import { BackendError } from '../../../../src/errors.ts'
import { context } from '../../../host/fakes.ts'
import { newVolume } from './new-volume.ts'
import { begun, enveloped, page, passed, type Reply, scripted, text, volume } from './scripted.ts'

const root = process.env['NETAPPDVP_RECORDED']
const directory = join(root ?? '', 'zapi')
const skip = root === undefined && 'NETAPPDVP_RECORDED names no directory of recorded replies'

/** Some were recorded with their envelope, some without. */
function recorded(name: string): Reply {
  const xml = readFileSync(join(directory, name), 'utf8')
  return text(xml.includes('<netapp') ? xml : enveloped(xml))
}

const share = { name: 'fake_share', uuid: '', style: 'flexvol' } as const

test('recorded volumes are read, a FlexGroup as one', { skip }, async (t) => {
  const find = async (name: string) => (await scripted(t, [recorded(name)])).ontap.volumes.find(context(), 'fake_share')
  const plain = await find('volume-get-iter_detail.xml')
  assert.deepEqual(
    [plain?.style, plain?.size, plain?.aggregates, plain?.junctionPath, plain?.qosPolicy, plain?.createdAt?.getTime()],
    ['flexvol', 1e9, ['fake_aggr1'], '/fake_share', 'fake_qos_policy_group_name', 1_763_382_896_000],
  )
  const group = await find('volume-get-iter_flexgroup.xml')
  assert.deepEqual([group?.style, group?.aggregates], ['flexgroup', ['fake_aggr1']])
})

test('a recorded list without rows has none', { skip }, async (t) => {
  const { ontap } = await scripted(t, [recorded('iter_no-records.xml')])
  assert.deepEqual(await ontap.volumes.withPrefix(context(), 'v'), [])
})

test('recorded changes are done, or fail for the volume', { skip }, async (t) => {
  const change = async (name: string) =>
    (await scripted(t, [recorded(name)])).ontap.volumes.change(context(), share, { comment: 'c' })
  await change('volume-modify-iter_ok.xml')
  await assert.rejects(change('volume-modify-iter_failure-list.xml'), { code: 'REFUSED', message: /errno 160/ })
  await assert.rejects(change('failed_full-envelope.xml'), { code: 'NOT_FOUND', message: /entry doesn't exist/ })
})

test('recorded snapshots are read; those of an offline volume are not taken for none', { skip }, async (t) => {
  const busy = await scripted(t, [recorded('snapshot-get-iter_busy.xml')])
  const [snapshot] = await busy.ontap.snapshots.ofVolume(context(), share)
  assert.deepEqual([snapshot?.name, snapshot?.createdAt.getTime()], ['fake_snapshot', 1_466_640_058_000])
  const offline = page([volume({ name: 'fake_share', state: 'offline' })])
  const unseen = await scripted(t, [recorded('snapshot-get-iter_volume-offline.xml'), offline])
  await assert.rejects(unseen.ontap.snapshots.ofVolume(context(), share), { code: 'REFUSED', message: /offline/ })
})

test('recorded addresses, export rules and aggregates are read', { skip }, async (t) => {
  const addresses = await scripted(t, [recorded('net-interface-get-iter_nfs.xml')])
  const [lif] = await addresses.ontap.network.nfsInterfaces(context())
  assert.deepEqual([lif?.address, lif?.up], ['10.10.10.10', true])
  const rules = await scripted(t, [recorded('export-rule-get-iter.xml')])
  const found = await rules.ontap.exports.rules(context(), 'fake_export_policy')
  assert.deepEqual(
    found?.map(({ index, clients }) => [index, ...clients]),
    [
      [1, '10.10.10.10'],
      [3, '10.10.10.10'],
    ],
  )
  const space = await scripted(t, [recorded('aggr-get-iter_space.xml')])
  const usage = await space.ontap.aggregates.usage(context())
  assert.ok(usage.length > 0 && usage.every(({ size, used }) => used > 0 && used < size))
  for (const name of ['vserver-show-aggr-get-iter.xml', 'vserver-show-aggr-get-iter_full-envelope.xml']) {
    const assigned = await scripted(t, [recorded(name)])
    assert.ok((await assigned.ontap.aggregates.assigned(context())).length > 0, name)
  }
})

test('a recorded job is seen to succeed, and an array too old is told by its own words', { skip }, async (t) => {
  const made = page([volume({ name: 'v1' })])
  const { ontap } = await scripted(t, [begun, recorded('job-get-iter_success.xml'), made])
  assert.equal((await ontap.volumes.create(context(), { ...newVolume, style: 'flexgroup' })).name, 'v1')
  const { http } = await scripted(t, [recorded('system-get-version.xml')])
  const { generation, major, minor } = await releaseByZapi(http, context())
  assert.deepEqual([generation, major, minor], [8, 2, 1])
})

test('whatever was recorded is read, or told to be a fault of the array', { skip }, async (t) => {
  const { ontap, server } = await scripted(t, [passed('')])
  for (const name of readdirSync(directory).filter((name) => name.endsWith('.xml'))) {
    const reply = recorded(name)
    if (typeof reply !== 'string') server.answer = reply.http
    for (const call of [
      () => ontap.volumes.withPrefix(context(), ''),
      () => ontap.snapshots.create(context(), share, 's', ''),
    ]) {
      await call().catch((error: unknown) => assert.ok(error instanceof BackendError, `${name}: ${String(error)}`))
    }
  }
})
