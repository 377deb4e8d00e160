/** The tables of calls and what they are for, held against what is really called, by the array's own count. */

import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { suite, test } from 'node:test'
import type { Ontap, OntapDialect, OntapVolumeRef, OntapVolumeStyle } from '../../../src/backends/ontap/ontap.ts'
import { REST_CALLS } from '../../../src/backends/ontap/rest/rights.ts'
import { allows, type Deed, excessOf, type RatedCall, rightsFor } from '../../../src/backends/ontap/rights.ts'
import { ZAPI_CALLS } from '../../../src/backends/ontap/zapi/rights.ts'
import { svmNamed } from '../../../src/simulators/ontap/operations/find.ts'
import { addLoadSharing } from '../../../src/simulators/ontap/operations/mirrors.ts'
import type { OntapSimulator } from '../../../src/simulators/ontap/simulator.ts'
import { type Bytes, GIB } from '../../../src/units.ts'
import { newVolume, open, type Scene, scene } from './contract-scene.ts'

interface Stage extends Scene {
  readonly style: OntapVolumeStyle
  /** One that is there, found without a call. */
  prepared(name: string): OntapVolumeRef
  /** Opens the SVM once more. */
  again(): Promise<Ontap>
}

type Work = (stage: Stage) => Promise<unknown>

const clone = (stage: Stage, name: string, source = 'v1') =>
  stage.ontap.volumes.clone(stage.ctx, {
    name,
    source,
    junctionPath: `/${name}`,
    comment: 'x',
    style: stage.style,
    intent: randomUUID(),
  })

const qtree = { volume: 'v1', name: 'q1' }

/** What is to be there before a deed. */
const BEFORE: Partial<Record<Deed, Work>> = {
  'volumes.split': (stage) => clone(stage, 'v3'),
  'volumes.clonesOf': (stage) => clone(stage, 'v4'),
  'snapshots.remove': ({ ontap, ctx, prepared }) => ontap.snapshots.create(ctx, prepared('v1'), 's3', ''),
  'snapshots.restore': ({ ontap, ctx, prepared }) => ontap.snapshots.create(ctx, prepared('v1'), 's4', ''),
  'network.updateLoadSharing': ({ array }) =>
    array.change((state) => addLoadSharing(state, svmNamed(state, 'svm1'), ['aggr1'])),
}

/** Each deed, in this order, in the ways that make the most of its calls. */
const WORK: Record<Exclude<Deed, 'volumes.purge' | 'aggregates.usage'>, Work> = {
  open: async ({ array, again }) => {
    await again()
    array.addFault('13003:system-get-version:1')
    await again()
  },
  'aggregates.assigned': async ({ array, ontap, ctx }) => {
    await ontap.aggregates.assigned(ctx)
    array.addFault('13003:vserver-show-aggr-get-iter:1')
    await ontap.aggregates.assigned(ctx)
  },
  'network.nfsInterfaces': ({ ontap, ctx }) => ontap.network.nfsInterfaces(ctx),
  'network.updateLoadSharing': ({ ontap, ctx }) => ontap.network.updateLoadSharing(ctx),
  'events.log': ({ ontap, ctx }) =>
    ontap.events.log(ctx, { computer: 'h', source: 's', version: '1', category: 'c', description: 'd' }),

  'volumes.create': (stage) => makeVolume(stage, 'v2'),
  'volumes.find': ({ ontap, ctx }) => ontap.volumes.find(ctx, 'v1'),
  'volumes.withPrefix': ({ ontap, ctx }) => ontap.volumes.withPrefix(ctx, 'v'),
  'volumes.change': async ({ ontap, ctx, prepared }) => {
    const volume = prepared('v1')
    await ontap.volumes.change(ctx, volume, { comment: 'y', size: (9 * GIB) as Bytes, snapshotDirectory: true })
    await ontap.volumes.change(ctx, volume, { junctionPath: '/elsewhere' })
  },
  'volumes.clone': async (stage) => {
    await clone(stage, 'v5')
    // One that cannot be finished is taken back; REST gets that far where clones take no comment.
    stage.array.addFault('262196:POST /storage/volumes:1')
    stage.array.addFault('13115:volume-modify-iter:1')
    stage.array.addFault('13115:volume-modify-iter-async:1')
    stage.array.addFault('917628:PATCH /storage/volumes/{uuid}:1')
    await assert.rejects(clone(stage, 'v6'))
    stage.array.clearFaults()
  },
  'volumes.split': async ({ array, ontap, ctx, prepared }) => {
    const volume = prepared('v3')
    await ontap.volumes.split(ctx, volume)
    await array.advanceClock(60_000)
    await ontap.volumes.split(ctx, volume)
  },
  'volumes.clonesOf': ({ ontap, ctx, prepared }) => ontap.volumes.clonesOf(ctx, prepared('v1')),
  'volumes.remove': async ({ array, ontap, ctx, style, prepared }) => {
    const volume = prepared('v2')
    if (ontap.dialect === 'zapi' && style === 'flexgroup') {
      // One that is refused is put back.
      array.addFault('13115:volume-destroy-async:1')
      await assert.rejects(ontap.volumes.remove(ctx, volume, { purge: false }))
    }
    await ontap.volumes.remove(ctx, volume, { purge: false })
  },

  'snapshots.ofVolume': ({ ontap, ctx, prepared }) => ontap.snapshots.ofVolume(ctx, prepared('v1')),
  'snapshots.create': ({ ontap, ctx, prepared }) => ontap.snapshots.create(ctx, prepared('v1'), 's1', ''),
  'snapshots.remove': ({ ontap, ctx, prepared }) => ontap.snapshots.remove(ctx, prepared('v1'), 's3'),
  'snapshots.restore': ({ ontap, ctx, prepared }) => ontap.snapshots.restore(ctx, prepared('v1'), 's4'),

  'qtrees.create': ({ ontap, ctx }) =>
    ontap.qtrees.create(ctx, { ...qtree, unixPermissions: 0o755, securityStyle: 'unix' }),
  'qtrees.changeMode': ({ ontap, ctx }) => ontap.qtrees.changeMode(ctx, qtree, 0o700),
  'qtrees.named': ({ ontap, ctx }) => ontap.qtrees.named(ctx, 'q1', 'v'),
  'qtrees.inVolumes': ({ ontap, ctx }) => ontap.qtrees.inVolumes(ctx, 'v'),
  'quotas.setTreeRule': async ({ ontap, ctx }) => {
    await ontap.quotas.setTreeRule(ctx, { volume: 'v1', qtree: 'q1', hardLimit: GIB })
    await ontap.quotas.setTreeRule(ctx, { volume: 'v1', qtree: 'q1', hardLimit: (2 * GIB) as Bytes })
  },
  'quotas.treeRules': ({ ontap, ctx }) => ontap.quotas.treeRules(ctx, 'v'),
  'quotas.apply': async ({ ontap, ctx, prepared }) => {
    await ontap.quotas.apply(ctx, prepared('v1'))
    await ontap.quotas.apply(ctx, prepared('v1'))
  },
  'quotas.removeTreeRule': ({ ontap, ctx }) => ontap.quotas.removeTreeRule(ctx, qtree),
  'qtrees.rename': ({ ontap, ctx }) => ontap.qtrees.rename(ctx, qtree, 'q2'),
  'qtrees.remove': ({ ontap, ctx }) => ontap.qtrees.remove(ctx, { ...qtree, name: 'q2' }),

  'exports.createPolicy': ({ ontap, ctx }) => ontap.exports.createPolicy(ctx, 'p1'),
  'exports.addRule': ({ ontap, ctx }) => ontap.exports.addRule(ctx, 'p1', '10.0.0.1'),
  'exports.rules': async ({ ontap, ctx }) => {
    await ontap.exports.rules(ctx, 'p1')
    await ontap.exports.rules(ctx, 'p2')
  },

  'roles.ofUser': ({ array, ontap, ctx }) => ontap.roles.ofUser(ctx, array.user),
}

/** ONTAP has qtrees in FlexVols only. */
const FLEXVOLS_ONLY = /^(?:qtrees|quotas)\./

/** Calls that nothing here can bring about: the array is given a minute to be done at once. */
const LATE = ['GET /cluster/jobs/{}']

const SUBJECTS = [
  { dialect: 'rest', release: '9.15.1', style: 'flexvol' },
  { dialect: 'rest', release: '9.12.1', style: 'flexgroup' },
  { dialect: 'zapi', release: '9.11.1', style: 'flexvol' },
  { dialect: 'zapi', release: '9.8', style: 'flexgroup' },
] as const

for (const { dialect, release, style } of SUBJECTS) {
  const name = `a ${style} over ${dialect} with ONTAP ${release}`

  test(`what is done with ${name} takes just the calls that roles are made for`, async (t) => {
    const made = new Map<Deed, readonly string[]>()
    const subject = { dialect, release, useREST: dialect === 'rest', ...NO_OPERATIONS }
    const started = await scene(t, subject)
    const stage: Stage = {
      ...started,
      style,
      prepared: (volume) => refOf(started.array, volume, style),
      again: () => open(t, subject, started.array),
    }
    const first = await callsOf(started.array, () => makeVolume(stage, 'v1'))
    for (const [deed, work] of Object.entries(WORK) as [Deed, Work][]) {
      if (style === 'flexgroup' && FLEXVOLS_ONLY.test(deed)) continue
      await BEFORE[deed]?.(stage)
      made.set(deed, await callsOf(started.array, () => work(stage)))
    }
    // That jobs cannot be seen is found out once.
    made.set('volumes.create', [...(made.get('volumes.create') ?? []), ...first])
    const purged = stage.prepared('v5')
    made.set(
      'volumes.purge',
      await callsOf(started.array, () => started.ontap.volumes.remove(started.ctx, purged, { purge: true })),
    )
    const cluster = await scene(t, subject, { scope: 'cluster' })
    made.set('aggregates.usage', await callsOf(cluster.array, () => cluster.ontap.aggregates.usage(cluster.ctx)))
    compare(tableOf(dialect), made, { release, style })
  })
}

/** Each call that a deed made is in the table as one of its calls, and each that is there for deeds is made by one. */
function compare(
  table: readonly RatedCall[],
  made: ReadonlyMap<Deed, readonly string[]>,
  { release, style }: { readonly release: string; readonly style: OntapVolumeStyle },
): void {
  const rows = table
    .filter((call) => call.style === undefined || call.style === style)
    .map((call) => ({ ...call, operation: plain(call.operation) }))
  for (const [deed, operations] of made) {
    const listed = rows.filter(({ deeds }) => deeds.includes(deed)).map(({ operation }) => operation)
    assert.deepEqual(operations.filter((operation) => !listed.includes(operation)).sort(), [], `${deed} calls`)
  }
  for (const { operation, deeds, until } of rows) {
    if (LATE.includes(operation) || !deeds.some((deed) => made.has(deed))) continue
    if (until !== undefined && release !== '9.12.1') continue
    const users = deeds.filter((deed) => made.get(deed)?.includes(operation))
    assert.notDeepEqual(users, [], `nothing makes the call ${operation}`)
  }
}

/** What a key is called is nobody's business: `{id}` and `{policy.id}` are one. */
function plain(operation: string): string {
  return operation.replace(/\{[^}]+\}/g, '{}')
}

function tableOf(dialect: OntapDialect): readonly RatedCall[] {
  return dialect === 'rest' ? REST_CALLS : ZAPI_CALLS
}

async function callsOf(array: OntapSimulator, work: () => Promise<unknown>): Promise<readonly string[]> {
  array.resetCounts()
  await work()
  return Object.entries(array.counts()).flatMap(([operation, count]) => (count > 0 ? [plain(operation)] : []))
}

function refOf({ array }: OntapSimulator, name: string, style: OntapVolumeStyle): OntapVolumeRef {
  const volume = [...array.volumes.all()].find((each) => each.name === name)
  assert.ok(volume, `there is no "${name}"`)
  return { name, uuid: volume.uuid, style }
}

function makeVolume({ ontap, ctx, style }: Stage, name: string): Promise<unknown> {
  const place = style === 'flexgroup' ? { style, aggregates: ['aggr1', 'aggr2'], size: (8 * GIB) as Bytes } : { style }
  return ontap.volumes.create(ctx, newVolume(name, { ...place, snapshotDirectory: false, junctionPath: `/${name}` }))
}

const NO_OPERATIONS = { operations: { create: '', find: '', remove: '', change: '' }, rightToCreate: /./ }

suite('rights', () => {
  const call = (operation: string, table: readonly RatedCall[] = REST_CALLS) =>
    table.find((row) => row.operation === operation)!
  const [list, make, remove] = ['GET /storage/volumes', 'POST /storage/volumes', 'DELETE /storage/volumes/{uuid}'].map(
    (operation) => call(operation),
  ) as [RatedCall, RatedCall, RatedCall]

  test('the least access is asked for that has all calls in it', () => {
    const access = (...calls: readonly RatedCall[]) => rightsFor(calls).map((right) => right.access)
    assert.deepEqual(access(list), ['readonly'])
    assert.deepEqual(access(list, make), ['read_create'])
    assert.deepEqual(access(list, remove), ['all'])
    assert.deepEqual(access(call('volume-create', ZAPI_CALLS)), ['all'])
  })

  test('a right that another has in it is not asked for by itself', () => {
    const rights = rightsFor([call('GET /cluster/jobs/{uuid}'), call('GET /cluster')])
    assert.deepEqual(
      rights.map(({ to }) => to),
      ['/api/cluster'],
    )
    assert.match(rights[0]!.whys.join(), /release.*done/)
  })

  test('the most exact right decides', () => {
    const role = [
      { to: '/api', access: 'all' },
      { to: '/api/storage/volumes', access: 'readonly' },
      { to: '/api/storage/volumes/*/snapshots', access: 'all' },
    ] as const
    assert.deepEqual(
      [list, make].map((one) => allows(role, one)),
      [true, false],
    )
    assert.equal(allows(role, call('POST /storage/volumes/{volume.uuid}/snapshots')), true)
    assert.equal(
      allows(
        [
          { to: 'DEFAULT', access: 'none' },
          { to: 'volume', access: 'all' },
        ],
        call('volume-create', ZAPI_CALLS),
      ),
      true,
    )
    assert.equal(allows([{ to: 'volume c', access: 'all' }], call('volume-create', ZAPI_CALLS)), false)
  })

  test('what is broader, higher or for something else is too much', () => {
    const excess = (to: string, access: 'none' | 'readonly' | 'all') => excessOf([{ to, access }], [list]).length > 0
    assert.equal(excess('/api/storage/volumes', 'readonly'), false)
    assert.equal(excess('/api/storage/volumes', 'all'), true)
    assert.equal(excess('/api/storage', 'readonly'), true)
    assert.equal(excess('/api/security', 'readonly'), true)
    assert.equal(excess('/api/security', 'none'), false)
  })
})
