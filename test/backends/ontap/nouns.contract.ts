/** All but volumes, as both dialects have to do it. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Secret } from '../../../src/secret.ts'
import { svmNamed } from '../../../src/simulators/ontap/operations/find.ts'
import { addLoadSharing } from '../../../src/simulators/ontap/operations/mirrors.ts'
import { createQtree } from '../../../src/simulators/ontap/operations/qtrees.ts'
import { type Bytes, GIB, MIB } from '../../../src/units.ts'
import { namesOf, newVolume, open, type Subject, scene } from './contract-scene.ts'

export function nounsContract(subject: Subject): void {
  const name = `${subject.dialect} with ONTAP ${subject.release}`

  test(`${name}: snapshots are made, listed, gone back to and removed`, async (t) => {
    const { ontap, ctx } = await scene(t, subject)
    const volume = await ontap.volumes.create(ctx, newVolume('v1'))
    assert.deepEqual(await ontap.snapshots.ofVolume(ctx, volume), [])
    const before = Date.now()
    await ontap.snapshots.create(ctx, volume, 's1', 'a "<mark>"')
    await ontap.snapshots.create(ctx, volume, 's2', '')
    const listed = await ontap.snapshots.ofVolume(ctx, volume)
    assert.deepEqual([...listed].map(({ name, comment }) => [name, comment]).sort(), [
      ['s1', 'a "<mark>"'],
      ['s2', ''],
    ])
    for (const { createdAt } of listed) assert.ok(Math.abs(createdAt.getTime() - before) < 60_000, String(createdAt))
    await assert.rejects(ontap.snapshots.create(ctx, volume, 's1', ''), { code: 'ALREADY_EXISTS' })
    await ontap.snapshots.restore(ctx, volume, 's1')
    assert.deepEqual(namesOf(await ontap.snapshots.ofVolume(ctx, volume)), ['s1'], 'newer ones are lost')
    await assert.rejects(ontap.snapshots.restore(ctx, volume, 's2'), { code: 'NOT_FOUND' })
    await ontap.snapshots.remove(ctx, volume, 's1')
    await assert.rejects(ontap.snapshots.remove(ctx, volume, 's1'), { code: 'NOT_FOUND' })
    await ontap.volumes.remove(ctx, volume, { purge: true })
    await assert.rejects(ontap.snapshots.create(ctx, volume, 's1', ''), { code: 'NOT_FOUND' })
    await assert.rejects(ontap.snapshots.ofVolume(ctx, volume), { code: 'NOT_FOUND' })
  })

  test(`${name}: qtrees are made, found across volumes, renamed and removed`, async (t) => {
    const { array, ontap, ctx } = await scene(t, subject)
    await ontap.exports.createPolicy(ctx, 'docker')
    for (const pool of ['pool_a', 'pool_b', 'other']) await ontap.volumes.create(ctx, newVolume(pool))
    const q1 = { volume: 'pool_a', name: 'q-1.x', unixPermissions: 0o755, securityStyle: 'unix' } as const
    await ontap.qtrees.create(ctx, { ...q1, exportPolicy: 'docker' })
    await ontap.qtrees.create(ctx, { ...q1, volume: 'pool_b', name: 'q2', unixPermissions: 0 })
    await ontap.qtrees.create(ctx, { ...q1, volume: 'other' })
    await assert.rejects(ontap.qtrees.create(ctx, q1), { code: 'ALREADY_EXISTS' })
    await assert.rejects(ontap.qtrees.create(ctx, { ...q1, volume: 'pool_z' }), { code: 'NOT_FOUND' })

    const [found, ...others] = await ontap.qtrees.named(ctx, 'q-1.x', 'pool_')
    assert.deepEqual(others, [])
    assert.deepEqual(
      [found?.volume, found?.name, found?.unixPermissions, found?.securityStyle, found?.exportPolicy],
      ['pool_a', 'q-1.x', 0o755, 'unix', 'docker'],
    )
    assert.deepEqual(namesOf(await ontap.qtrees.inVolumes(ctx, 'pool_')), ['q-1.x', 'q2'])
    assert.deepEqual(await ontap.qtrees.named(ctx, 'q9', 'pool_'), [])

    await ontap.qtrees.changeMode(ctx, { volume: 'pool_b', name: 'q2' }, 0o1770)
    assert.equal((await ontap.qtrees.named(ctx, 'q2', 'pool_'))[0]?.unixPermissions, 0o1770)
    await ontap.qtrees.rename(ctx, q1, 'deleted_q')
    await assert.rejects(ontap.qtrees.rename(ctx, q1, 'again'), { code: 'NOT_FOUND' })
    assert.deepEqual(namesOf(await ontap.qtrees.inVolumes(ctx, 'pool_')), ['deleted_q', 'q2'])
    await ontap.qtrees.remove(ctx, { volume: 'pool_a', name: 'deleted_q' })
    await array.advanceClock(60_000)
    assert.deepEqual(namesOf(await ontap.qtrees.inVolumes(ctx, 'pool_')), ['q2'])
    await assert.rejects(ontap.qtrees.remove(ctx, { volume: 'pool_a', name: 'deleted_q' }), { code: 'NOT_FOUND' })
  })

  test(`${name}: many qtrees are listed page by page`, async (t) => {
    const { array, ontap, ctx } = await scene(t, subject, { maxRecords: 6, emptyPages: true })
    const pools = await Promise.all(['pool_a', 'pool_b'].map((pool) => ontap.volumes.create(ctx, newVolume(pool))))
    await array.change((state) => {
      for (let index = 0; index < 20; index++) createQtree(state, pools[index % 2]?.uuid ?? '', { name: `q${index}` })
    })
    const expected = Array.from({ length: 20 }, (_, index) => `q${index}`).sort()
    assert.deepEqual(namesOf(await ontap.qtrees.inVolumes(ctx, 'pool_')), expected)
  })

  test(`${name}: a qtree’s quota is set, counts once it is applied, is changed and taken away`, async (t) => {
    const { array, ontap, ctx } = await scene(t, subject)
    const pool = await ontap.volumes.create(ctx, newVolume('pool_a', { size: (10 * GIB) as Bytes }))
    const enforced = () =>
      array.array.volumes
        .get(pool.uuid)
        ?.quota.enforced.filter(({ qtree }) => qtree > 0)
        .map(({ hardLimit }) => hardLimit)
    await ontap.qtrees.create(ctx, { volume: 'pool_a', name: 'q1', unixPermissions: 0o777, securityStyle: 'unix' })
    const rule = { volume: 'pool_a', qtree: 'q1' }
    await ontap.quotas.setTreeRule(ctx, { ...rule, hardLimit: GIB })
    await ontap.quotas.apply(ctx, pool)
    assert.deepEqual(enforced(), [GIB])
    const own = async () => (await ontap.quotas.treeRules(ctx, 'pool_')).filter(({ qtree }) => qtree === 'q1')
    assert.deepEqual(await own(), [{ ...rule, hardLimit: GIB }])

    await ontap.quotas.setTreeRule(ctx, { ...rule, hardLimit: (512 * MIB) as Bytes })
    if (!ontap.quotas.appliesAtOnce) {
      assert.deepEqual(enforced(), [GIB], 'not yet')
      await ontap.quotas.apply(ctx, pool)
    }
    await array.advanceClock(60_000)
    assert.deepEqual(enforced(), [512 * MIB])
    await ontap.quotas.apply(ctx, pool)
    assert.deepEqual(enforced(), [512 * MIB])

    await ontap.quotas.removeTreeRule(ctx, { volume: 'pool_a', name: 'q1' })
    assert.deepEqual(await own(), [])
    await ontap.quotas.removeTreeRule(ctx, { volume: 'pool_a', name: 'q1' })
    assert.deepEqual(await ontap.quotas.treeRules(ctx, 'none_'), [])
  })

  test(`${name}: a quota rule may be without a limit, or for all qtrees that have none of their own`, async (t) => {
    const { ontap, ctx } = await scene(t, subject)
    await ontap.volumes.create(ctx, newVolume('pool_a'))
    await ontap.quotas.setTreeRule(ctx, { volume: 'pool_a', qtree: '' })
    assert.deepEqual(await ontap.quotas.treeRules(ctx, 'pool_'), [{ volume: 'pool_a', qtree: '' }])
  })

  test(`${name}: export policies and their rules are made, read and removed`, async (t) => {
    const { ontap, ctx } = await scene(t, subject)
    assert.equal(await ontap.exports.rules(ctx, 'docker'), undefined)
    await ontap.exports.createPolicy(ctx, 'docker')
    await assert.rejects(ontap.exports.createPolicy(ctx, 'docker'), { code: 'ALREADY_EXISTS' })
    assert.deepEqual(await ontap.exports.rules(ctx, 'docker'), [])
    await ontap.exports.addRule(ctx, 'docker', '10.0.0.7')
    await ontap.exports.addRule(ctx, 'docker', '10.0.0.7')
    await ontap.exports.addRule(ctx, 'docker', '2001:db8::7')
    const rules = (await ontap.exports.rules(ctx, 'docker')) ?? []
    assert.deepEqual([...new Set(rules.flatMap(({ clients }) => clients))].sort(), ['10.0.0.7', '2001:db8::7'])
    for (const { ro, rw, superuser } of rules) assert.deepEqual([ro, rw, superuser], [['any'], ['any'], ['any']])
    await assert.rejects(ontap.exports.addRule(ctx, 'policy9', '10.0.0.7'), { code: 'NOT_FOUND' })
  })

  test(`${name}: the aggregates an SVM may use are told, and none is an answer`, async (t) => {
    const { array, ontap, ctx } = await scene(t, subject)
    const assigned = await ontap.aggregates.assigned(ctx)
    assert.deepEqual(namesOf(assigned), ['aggr1', 'aggr2'])
    for (const { available } of assigned) assert.ok(available !== undefined && available > GIB)
    await assert.rejects(ontap.aggregates.usage(ctx), { code: 'UNAUTHORIZED' })
    await array.change(({ aggregates }) => {
      for (const aggregate of aggregates.values()) aggregates.set(aggregate.name, { ...aggregate, svms: [] })
    })
    assert.deepEqual(await ontap.aggregates.assigned(ctx), [])
  })

  test(`${name}: a user of the cluster sees what is used of aggregates`, async (t) => {
    const { ontap, ctx } = await scene(t, subject, { scope: 'cluster' })
    const usage = await ontap.aggregates.usage(ctx)
    assert.deepEqual(namesOf(usage), ['aggr1', 'aggr2'])
    for (const { size, used } of usage) assert.ok(used > 0 && used < size)
    assert.deepEqual(namesOf(await ontap.aggregates.assigned(ctx)), ['aggr1', 'aggr2'])
  })

  test(`${name}: addresses that serve NFS are told, and whether they are up`, async (t) => {
    const { array, ontap, ctx } = await scene(t, subject, { dataLif: ['127.0.0.1', '2001:db8::5'] })
    await array.change(({ lifs }) => {
      for (const lif of lifs.values()) if (lif.address.includes(':')) lifs.set(lif.uuid, { ...lif, up: false })
    })
    const found = await ontap.network.nfsInterfaces(ctx)
    assert.deepEqual([...found].map(({ address, up }) => [address, up]).sort(), [
      ['127.0.0.1', true],
      ['2001:db8::5', false],
    ])
  })

  test(`${name}: new volumes show on load-sharing mirrors once they are updated; without mirrors nobody asks twice`, async (t) => {
    const { array, ontap, ctx } = await scene(t, subject, { scope: 'cluster' })
    await ontap.network.updateLoadSharing(ctx)
    array.resetCounts()
    await ontap.network.updateLoadSharing(ctx)
    assert.deepEqual(array.counts(), {})

    const mirrored = await scene(t, subject, { scope: 'cluster' })
    await mirrored.array.change((state) => addLoadSharing(state, svmNamed(state, 'svm1'), ['aggr2']))
    await mirrored.ontap.volumes.create(ctx, newVolume('v1'))
    const shown = () => Object.entries(svmNamed(mirrored.array.array, 'svm1').loadSharing?.shown ?? {}).flat()
    assert.ok(!shown().includes('/v1'))
    await mirrored.ontap.network.updateLoadSharing(ctx)
    assert.ok(shown().includes('/v1'), String(shown()))
  })

  test(`${name}: what a user may do is told in this dialect’s notation, to those who may look`, async (t) => {
    const { array, ontap, ctx } = await scene(t, subject, { scope: 'cluster', user: 'admin' })
    const role = {
      rest: [{ path: '/api/storage/volumes', access: 'all' }],
      commands: [{ command: 'volume create', access: 'all' }],
    } as const
    await array.addUser({ name: 'docker', password: 'docker-password', role })
    const found = await ontap.roles.ofUser(ctx, 'docker')
    assert.deepEqual(found?.rights, [
      { to: subject.dialect === 'rest' ? '/api/storage/volumes' : 'volume create', access: 'all' },
    ])
    assert.equal(await ontap.roles.ofUser(ctx, 'nobody'), undefined)
    const docker = { username: 'docker', password: new Secret('docker-password') }
    await assert.rejects(
      open(t, subject, array, { credentials: docker }).then((narrow) => narrow.roles.ofUser(ctx, 'docker')),
      { code: 'UNAUTHORIZED' },
    )
  })

  test(`${name}: what the daemon tells of itself is in the array’s event log`, async (t) => {
    const { array, ontap, ctx } = await scene(t, subject)
    const event = {
      computer: 'host1',
      source: 'netappdvp',
      version: '1.0',
      category: 'heartbeat',
      description: 'a <b> "c"',
    }
    await ontap.events.log(ctx, event)
    const [entry] = array.array.log
    const { computer, source, version, category, description, eventId } = entry ?? {}
    assert.deepEqual({ computer, source, version, category, description }, event)
    assert.equal(eventId, 1)
  })
}
