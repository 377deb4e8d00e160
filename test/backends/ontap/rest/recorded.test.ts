/**
 * Replies of real arrays, which are not kept here: NETAPPDVP_RECORDED names the directory of them, with one of JSON files
 * called `rest`. What each is is in its name.
 */

import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { context } from '../../../host/fakes.ts'
import { accepted, array, list, newVolume, ok, volume } from './arrays.ts'

const root = process.env['NETAPPDVP_RECORDED']
const directory = join(root ?? '', 'rest')
const skip = root === undefined && 'NETAPPDVP_RECORDED names no directory of recorded replies'

function recorded(name: string): Record<string, unknown> {
  return JSON.parse(readFileSync(join(directory, name), 'utf8')) as Record<string, unknown>
}

test('recorded volumes are read, a FlexGroup as one', { skip }, async (t) => {
  for (const [name, style] of [
    ['volume_detail.json', 'flexvol'],
    ['volume_flexgroup-detail.json', 'flexgroup'],
  ] as const) {
    const { ontap } = await array(t, [list(recorded(name))])
    const found = await ontap.volumes.find(context(), 'volume1')
    assert.deepEqual(
      [found?.style, found?.junctionPath, found?.snapshotReserve, found?.qosPolicy, found?.spaceGuarantee],
      [style, '/volume1', 5, 'fake_qos_policy_group_name', 'none'],
    )
  }
})

test('recorded pages are walked to the last', { skip }, async (t) => {
  const { ontap, calls } = await array(t, [
    ok(recorded('collection_page-with-next.json')),
    ok(recorded('collection_last-page.json')),
  ])
  assert.equal((await ontap.volumes.withPrefix(context(), 'volume')).length, 18)
  assert.equal(calls.length, 2)
  const empty = await array(t, [ok(recorded('collection_empty.json'))])
  assert.deepEqual(await empty.ontap.volumes.withPrefix(context(), ''), [])
})

test('recorded rows of every collection are read as volumes or told to be none', { skip }, async (t) => {
  for (const name of readdirSync(directory).filter((name) => name.endsWith('.json'))) {
    const { ontap } = await array(t, [ok({ ...recorded(name), _links: {} })])
    const found = await ontap.volumes.withPrefix(context(), '').catch((error: { code: string }) => error.code)
    assert.ok(Array.isArray(found) || found === 'MALFORMED', `${name}: ${String(found)}`)
  }
})

test('recorded jobs are accepted, succeed, and fail with their codes', { skip }, async (t) => {
  const done = await array(t, [
    { status: 202, value: recorded('doc_volume-post_202.json') },
    ok(recorded('job_success.json')),
    list(volume('v1')),
  ])
  assert.equal((await done.ontap.volumes.create(context(), newVolume)).uuid, 'uuid-of-v1')

  const failing = async (name: string) => (await array(t, [accepted(), ok(recorded(name))])).ontap
  const locked = { code: 'REFUSED', message: /-1|failure/ }
  await assert.rejects((await failing('job_failure.json')).volumes.create(context(), newVolume), locked)
  const gone = await failing('trident_job-failure_code4.json')
  await assert.rejects(gone.volumes.change(context(), volume('v1'), { comment: '' }), { code: 'NOT_FOUND' })
  const busy = await array(t, [
    list({ name: 's1', uuid: 's-1' }),
    accepted(),
    ok(recorded('trident_job-failure_1638555.json')),
  ])
  await assert.rejects(busy.ontap.snapshots.remove(context(), volume('v1'), 's1'), {
    code: 'HAS_DEPENDENTS',
    message: /has not expired or is locked/,
  })
})

test('recorded aggregates, addresses and quota rules are read', { skip }, async (t) => {
  const aggregates = await array(t, [ok(recorded('aggregates_full.json'))])
  const usage = await aggregates.ontap.aggregates.usage(context())
  assert.ok(usage.length > 0 && usage.every(({ size, used }) => used > 0 && used < size))
  const addresses = await array(t, [ok(recorded('ip-interfaces_addresses.json'))])
  assert.deepEqual(
    (await addresses.ontap.network.nfsInterfaces(context())).map(({ address, up }) => [address, up]),
    [
      ['1.2.3.4', true],
      ['99.98.97.96', true],
    ],
  )
  const rules = await array(t, [
    list(recorded('doc_quota-rule_tree.json'), recorded('doc_quota-rule_default-tree.json')),
  ])
  assert.deepEqual(await rules.ontap.quotas.treeRules(context(), ''), [
    { volume: 'vol1', qtree: 'qt1', hardLimit: 1_048_576 },
    { volume: 'vol1', qtree: '', hardLimit: 1_034_000 },
  ])
})
