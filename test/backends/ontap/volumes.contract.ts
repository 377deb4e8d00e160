/** Volumes, as both dialects have to do them. */

import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import type { NewOntapClone, OntapVolumeRef } from '../../../src/backends/ontap/ontap.ts'
import { type Bytes, GIB, MIB } from '../../../src/units.ts'
import { namesOf, newVolume, open, type Subject, scene } from './contract-scene.ts'

const clone = (name: string, source: string, snapshot?: string): NewOntapClone => ({
  name,
  source,
  ...(snapshot !== undefined && { snapshot }),
  junctionPath: `/${name}`,
  comment: `a mark of ${name}`,
  style: 'flexvol',
  intent: randomUUID(),
})

export function volumesContract(subject: Subject): void {
  const name = `${subject.dialect} with ONTAP ${subject.release}`
  const has = (thing: NonNullable<Subject['lacks']>[number]) => !subject.lacks?.includes(thing)

  test(`${name}: a volume is made, found with all it was made with, changed, and removed`, async (t) => {
    const { ontap, ctx } = await scene(t, subject)
    assert.equal(await ontap.volumes.find(ctx, 'db_1'), undefined)
    const made = await ontap.volumes.create(ctx, newVolume('db_1', { snapshotReserve: 10 }))
    const found = await ontap.volumes.find(ctx, 'db_1')
    assert.ok(found)
    assert.equal(found.uuid, made.uuid)
    assert.equal(found.state, 'online')
    assert.equal(found.style, 'flexvol')
    assert.equal(found.size, 100 * MIB)
    assert.equal(found.snapshotReserve, 10)
    assert.deepEqual(found.aggregates, ['aggr1'])
    assert.equal(found.junctionPath, '/db_1')
    assert.equal(found.comment, 'a mark of db_1')
    assert.equal(found.spaceGuarantee, 'none')
    assert.equal(found.snapshotPolicy, 'none')
    assert.equal(found.unixPermissions, 0o777)
    assert.equal(found.securityStyle, 'unix')
    assert.equal(found.exportPolicy, 'default')
    assert.equal(found.clonedFrom, undefined)
    assert.ok(found.createdAt instanceof Date)
    assert.notEqual(found.snapshotDirectory, true)

    await ontap.volumes.change(ctx, found, { size: GIB, comment: 'another', unixPermissions: 0o750 })
    await ontap.volumes.change(ctx, found, { snapshotPolicy: 'default', snapshotDirectory: true })
    const changed = await ontap.volumes.find(ctx, 'db_1')
    assert.deepEqual(
      [changed?.size, changed?.comment, changed?.unixPermissions, changed?.snapshotPolicy],
      [GIB, 'another', 0o750, 'default'],
    )
    assert.notEqual(changed?.snapshotDirectory, false)

    await ontap.volumes.remove(ctx, found, { purge: true })
    assert.equal(await ontap.volumes.find(ctx, 'db_1'), undefined)
    await assert.rejects(ontap.volumes.remove(ctx, found, { purge: true }), { code: 'NOT_FOUND' })
    await assert.rejects(ontap.volumes.change(ctx, found, { comment: 'x' }), { code: 'NOT_FOUND' })
  })

  test(`${name}: what was found under a name is neither changed nor purged by it once another has it`, async (t) => {
    const { ontap, ctx } = await scene(t, subject)
    const before = await ontap.volumes.create(ctx, newVolume('v1'))
    await ontap.volumes.remove(ctx, before, { purge: true })
    const namesake = await ontap.volumes.create(ctx, newVolume('v1', { comment: 'another’s mark' }))
    await assert.rejects(ontap.volumes.change(ctx, before, { comment: 'a late mark' }), { code: 'NOT_FOUND' })
    await assert.rejects(ontap.volumes.remove(ctx, before, { purge: true }), { code: 'NOT_FOUND' })
    const found = await ontap.volumes.find(ctx, 'v1')
    assert.deepEqual([found?.uuid, found?.comment], [namesake.uuid, 'another’s mark'])
  })

  test(`${name}: each option of a new volume arrives`, async (t) => {
    const { ontap, ctx } = await scene(t, subject)
    await ontap.exports.createPolicy(ctx, 'docker')
    await ontap.volumes.create(
      ctx,
      newVolume('v1', {
        size: (300 * MIB) as Bytes,
        spaceGuarantee: 'volume',
        snapshotPolicy: 'default',
        snapshotReserve: 33,
        unixPermissions: 0o4755,
        securityStyle: 'mixed',
        exportPolicy: 'docker',
        snapshotDirectory: true,
        comment: '{"x":"<&>\\"\'ü\u{1f4be}"}',
        qosPolicy: 'svm1_extreme',
        ...(has('encryption') && { encryption: true }),
        ...(has('tiering') && { tieringPolicy: 'snapshot-only' }),
      }),
    )
    const found = await ontap.volumes.find(ctx, 'v1')
    assert.deepEqual(
      [found?.spaceGuarantee, found?.snapshotPolicy, found?.snapshotReserve, found?.unixPermissions],
      ['volume', 'default', 33, 0o4755],
    )
    assert.deepEqual([found?.securityStyle, found?.exportPolicy, found?.qosPolicy], ['mixed', 'docker', 'svm1_extreme'])
    assert.equal(found?.comment, '{"x":"<&>\\"\'ü\u{1f4be}"}')
    assert.notEqual(found?.snapshotDirectory, false)
    if (has('encryption')) assert.equal(found?.encryption, true)
    if (has('tiering')) assert.equal(found?.tieringPolicy, 'snapshot-only')
  })

  test(`${name}: a volume may have an adaptive QoS policy, or no junction`, async (t) => {
    if (!has('adaptive QoS')) return
    const { ontap, ctx } = await scene(t, subject)
    const { junctionPath: _, ...unmounted } = newVolume('v1', { adaptiveQosPolicy: 'svm1_value' })
    await ontap.volumes.create(ctx, unmounted)
    const found = await ontap.volumes.find(ctx, 'v1')
    assert.deepEqual([found?.qosPolicy, found?.junctionPath], ['svm1_value', undefined])
    await ontap.volumes.change(ctx, there(found), { junctionPath: '/elsewhere' })
    assert.equal((await ontap.volumes.find(ctx, 'v1'))?.junctionPath, '/elsewhere')
  })

  test(`${name}: what cannot be made is told with what it lacks`, async (t) => {
    const { array, ontap, ctx } = await scene(t, subject)
    await array.change(({ aggregates }) => {
      const full = aggregates.get('aggr2')
      if (full) aggregates.set('aggr2', { ...full, otherUsed: full.size })
    })
    for (const [more, code, words] of [
      [{ size: MIB as Bytes }, 'REFUSED', /too small/i],
      [{ aggregates: ['aggr9'] }, 'REFUSED', /aggr9/],
      [{ snapshotPolicy: 'hourly9' }, 'REFUSED', /hourly9/],
      [{ exportPolicy: 'policy9' }, 'REFUSED', /policy9/],
      [{ qosPolicy: 'qos9' }, 'REFUSED', /qos9/],
      [{ name: '1st' }, 'REFUSED', /./],
      [{ name: 'a-b' }, 'REFUSED', /a-b/],
      [{ name: 'n'.repeat(204) }, 'REFUSED', /./],
      [{ aggregates: ['aggr2'], spaceGuarantee: 'volume' }, 'FULL', /aggr2|space/],
    ] as const) {
      const wanted = newVolume('v1', more)
      await assert.rejects(ontap.volumes.create(ctx, wanted), (error: Error & { code: string }) => {
        assert.equal(error.code, code, error.message)
        assert.match(error.message, words)
        return true
      })
    }
    assert.deepEqual(await ontap.volumes.withPrefix(ctx, ''), [])
  })

  test(`${name}: of many who make the same volume at once one does, and the others are told that it is there`, async (t) => {
    const { ontap, ctx } = await scene(t, subject, { jobMs: 50 })
    const tries = await Promise.allSettled(
      Array.from({ length: 20 }, (_, index) => ontap.volumes.create(ctx, newVolume('v1', { comment: `by ${index}` }))),
    )
    assert.equal(tries.filter(({ status }) => status === 'fulfilled').length, 1)
    for (const tried of tries) {
      if (tried.status === 'rejected') assert.equal(tried.reason.code, 'ALREADY_EXISTS', tried.reason.message)
    }
    const first = tries.findIndex(({ status }) => status === 'fulfilled')
    assert.equal((await ontap.volumes.find(ctx, 'v1'))?.comment, `by ${first}`)
  })

  test(`${name}: a list has all of a prefix, page by page, and neither the root nor what was deleted`, async (t) => {
    const { ontap, ctx } = await scene(t, subject, { maxRecords: 7, emptyPages: true })
    for (let index = 0; index < 25; index++) await ontap.volumes.create(ctx, newVolume(`a_${index}`))
    await ontap.volumes.create(ctx, newVolume('b_1'))
    await ontap.volumes.remove(ctx, there(await ontap.volumes.find(ctx, 'a_24')), { purge: false })
    const expected = Array.from({ length: 24 }, (_, index) => `a_${index}`).sort()
    const listed = await ontap.volumes.withPrefix(ctx, 'a_')
    assert.deepEqual(namesOf(listed), expected)
    assert.deepEqual(
      listed.find(({ name }) => name === 'a_3'),
      await ontap.volumes.find(ctx, 'a_3'),
      'with all that is told of one',
    )
    assert.deepEqual(namesOf(await ontap.volumes.withPrefix(ctx, '')), [...expected, 'b_1'])
    assert.deepEqual(await ontap.volumes.withPrefix(ctx, 'c_'), [])
  })

  test(`${name}: the root of the SVM takes a name, and is told to be no volume for data`, async (t) => {
    const { array, ontap, ctx } = await scene(t, subject)
    const root = array.array.volumes.all().find(({ isRoot }) => isRoot)
    assert.equal((await ontap.volumes.find(ctx, root?.name ?? ''))?.role, 'root')
    await ontap.volumes.create(ctx, newVolume('v1'))
    assert.equal((await ontap.volumes.find(ctx, 'v1'))?.role, undefined)
  })

  test(`${name}: an SVM that can no longer be seen is not one without volumes`, async (t) => {
    const { array, ontap, ctx } = await scene(t, subject, { scope: 'cluster' })
    await ontap.volumes.create(ctx, newVolume('v1'))
    await ontap.ensureSeen(ctx)
    await array.change(({ svms }) => {
      for (const { uuid, type } of [...svms.values()]) if (type === 'data') svms.delete(uuid)
    })
    await assert.rejects(ontap.volumes.withPrefix(ctx, 'v'), { code: 'REFUSED' })
  })

  test(`${name}: names that mean something in a query mean only themselves`, async (t) => {
    const { ontap, ctx } = await scene(t, subject)
    await ontap.volumes.create(ctx, newVolume('v1'))
    for (const odd of ['v*', '*', 'v1|v2', '!v2', 'v..w', '<w', '"v1"', 'v1 ']) {
      assert.equal(await ontap.volumes.find(ctx, odd), undefined, odd)
      if (odd !== 'v1 ') assert.deepEqual(await ontap.volumes.withPrefix(ctx, odd), [], odd)
    }
  })

  test(`${name}: volumes that are offline are found and listed`, async (t) => {
    const { array, ontap, ctx } = await scene(t, subject)
    const { uuid } = await ontap.volumes.create(ctx, newVolume('v1'))
    await ontap.volumes.create(ctx, newVolume('v2'))
    await array.change(({ volumes }) => {
      const volume = volumes.get(uuid)
      if (!volume) return
      const { junction: _, ...rest } = volume
      volumes.put({ ...rest, state: 'offline' })
    })
    assert.deepEqual(
      [(await ontap.volumes.find(ctx, 'v1'))?.state, namesOf(await ontap.volumes.withPrefix(ctx, 'v'))],
      ['offline', ['v1', 'v2']],
    )
  })

  test(`${name}: a clone is made of now or of a snapshot, knows its source, and keeps it from being removed`, async (t) => {
    const { ontap, ctx } = await scene(t, subject)
    const source = await ontap.volumes.create(ctx, newVolume('v1', { unixPermissions: 0o750 }))
    await ontap.snapshots.create(ctx, source, 's1', '')
    const ofNow = await ontap.volumes.clone(ctx, clone('c1', 'v1'))
    await ontap.volumes.clone(ctx, clone('c2', 'v1', 's1'))
    const found = await ontap.volumes.find(ctx, 'c1')
    assert.deepEqual(ofNow, found, 'all that is told of it')
    assert.equal(found?.uuid, ofNow.uuid)
    assert.deepEqual(
      [found?.comment, found?.junctionPath, found?.clonedFrom?.volume, found?.size, found?.state],
      ['a mark of c1', '/c1', 'v1', 100 * MIB, 'online'],
    )
    assert.match(found?.clonedFrom?.snapshot ?? '', /^clone_/)
    assert.deepEqual((await ontap.volumes.find(ctx, 'c2'))?.clonedFrom, { volume: 'v1', snapshot: 's1' })
    assert.deepEqual([...(await ontap.volumes.clonesOf(ctx, source))].sort(), ['c1', 'c2'])
    assert.deepEqual(await ontap.volumes.clonesOf(ctx, ofNow), [])

    await assert.rejects(ontap.volumes.remove(ctx, source, { purge: true }), { code: 'HAS_DEPENDENTS' })
    await assert.rejects(ontap.snapshots.remove(ctx, source, 's1'), { code: 'HAS_DEPENDENTS' })
    assert.equal((await ontap.volumes.find(ctx, 'v1'))?.junctionPath, '/v1', 'and it is where it was')
    await assert.rejects(ontap.volumes.clone(ctx, clone('c1', 'v1')), { code: 'ALREADY_EXISTS' })
    await assert.rejects(ontap.volumes.clone(ctx, clone('c3', 'v9')), { code: 'NOT_FOUND' })
    await assert.rejects(ontap.volumes.clone(ctx, clone('c3', 'v1', 's9')), { code: 'NOT_FOUND' })
    assert.equal(await ontap.volumes.find(ctx, 'c3'), undefined)
  })

  test(`${name}: a clone that is split stands alone; splitting what is no clone does nothing`, async (t) => {
    const { array, ontap, ctx } = await scene(t, subject)
    const source = await ontap.volumes.create(ctx, newVolume('v1'))
    const made = await ontap.volumes.clone(ctx, clone('c1', 'v1'))
    await ontap.volumes.split(ctx, made)
    await ontap.volumes.split(ctx, made)
    await array.advanceClock(24 * 3_600_000)
    assert.equal((await ontap.volumes.find(ctx, 'c1'))?.clonedFrom, undefined)
    assert.deepEqual(await ontap.volumes.clonesOf(ctx, source), [])
    await ontap.volumes.split(ctx, source)
    await ontap.volumes.remove(ctx, source, { purge: true })
    await assert.rejects(ontap.volumes.split(ctx, source), { code: 'NOT_FOUND' })
  })

  test(`${name}: what is removed without purging stays in the recovery queue, and its name is free`, async (t) => {
    const { array, ontap, ctx } = await scene(t, subject)
    const kept = await ontap.volumes.create(ctx, newVolume('v1'))
    await ontap.volumes.remove(ctx, kept, { purge: false })
    const purged = await ontap.volumes.create(ctx, newVolume('v1'))
    await ontap.volumes.remove(ctx, purged, { purge: true })
    assert.deepEqual(
      array.array.volumes.deleted().map(({ uuid }) => uuid),
      [kept.uuid],
    )
    assert.deepEqual(await ontap.volumes.withPrefix(ctx, ''), [])
  })

  test(`${name}: a FlexGroup is one volume, on several aggregates`, async (t) => {
    if (!has('FlexGroup')) return
    const { ontap, ctx } = await scene(t, subject)
    const group = newVolume('g1', { style: 'flexgroup', aggregates: ['aggr1', 'aggr2'], size: (8 * GIB) as Bytes })
    const made = await ontap.volumes.create(ctx, group)
    const found = await ontap.volumes.find(ctx, 'g1')
    assert.deepEqual(
      [found?.uuid, found?.style, found?.size, found?.junctionPath, found?.comment],
      [made.uuid, 'flexgroup', 8 * GIB, '/g1', 'a mark of g1'],
    )
    assert.deepEqual([...(found?.aggregates ?? [])].sort(), ['aggr1', 'aggr2'])
    assert.deepEqual(namesOf(await ontap.volumes.withPrefix(ctx, '')), ['g1'])
    await assert.rejects(ontap.volumes.create(ctx, group), { code: 'ALREADY_EXISTS' })
    await ontap.volumes.change(ctx, made, { size: (9 * GIB) as Bytes, comment: 'another' })
    const changed = await ontap.volumes.find(ctx, 'g1')
    assert.deepEqual([changed?.size, changed?.comment], [9 * GIB, 'another'])
    if (has('FlexGroup clones')) {
      await ontap.volumes.clone(ctx, { ...clone('g2', 'g1'), style: 'flexgroup' })
      assert.equal((await ontap.volumes.find(ctx, 'g2'))?.clonedFrom?.volume, 'g1')
      await ontap.volumes.remove(ctx, there(await ontap.volumes.find(ctx, 'g2')), { purge: true })
    }
    await ontap.volumes.remove(ctx, made, { purge: true })
    assert.equal(await ontap.volumes.find(ctx, 'g1'), undefined)
    const small = newVolume('g3', { style: 'flexgroup', aggregates: ['aggr1'], size: (100 * MIB) as Bytes })
    await assert.rejects(ontap.volumes.create(ctx, small), { code: 'REFUSED', message: /too small/i })
  })

  test(`${name}: SVMs on the same aggregates see nothing of each other`, async (t) => {
    const tenants = [{ svm: 'svm2', user: 'other', password: 'other-password' }]
    const { array, ontap, ctx } = await scene(t, subject, { scope: 'cluster', tenants }, { svm: 'svm1' })
    const second = await open(t, subject, array, { svm: 'svm2' })
    const mine = await ontap.volumes.create(ctx, newVolume('v1'))
    assert.equal(await second.volumes.find(ctx, 'v1'), undefined)
    await second.volumes.create(ctx, newVolume('v1', { comment: 'theirs' }))
    assert.equal((await ontap.volumes.find(ctx, 'v1'))?.comment, 'a mark of v1')
    assert.deepEqual(
      (await second.volumes.withPrefix(ctx, '')).map(({ comment }) => comment),
      ['theirs'],
    )
    await ontap.volumes.remove(ctx, mine, { purge: true })
    assert.equal((await second.volumes.find(ctx, 'v1'))?.comment, 'theirs')
  })
}

function there(volume: OntapVolumeRef | undefined): OntapVolumeRef {
  assert.ok(volume)
  return volume
}
