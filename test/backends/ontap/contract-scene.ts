/** What the contract of both dialects is held against: a simulated array, and an SVM opened on it. */

import type { TestContext } from 'node:test'
import { openOntap } from '../../../src/backends/ontap/connect.ts'
import type { NewOntapVolume, Ontap, OntapDialect } from '../../../src/backends/ontap/ontap.ts'
import type { OntapSettings } from '../../../src/backends/ontap/settings.ts'
import type { Context } from '../../../src/context.ts'
import { silentLog } from '../../../src/log.ts'
import { Secret } from '../../../src/secret.ts'
import {
  type OntapSimulator,
  type OntapSimulatorOptions,
  startOntapSimulator,
} from '../../../src/simulators/ontap/simulator.ts'
import { type Bytes, MIB } from '../../../src/units.ts'
import { context, temporaryDirectory } from '../../host/fakes.ts'

/** One dialect with one release. */
export interface Subject {
  readonly dialect: OntapDialect
  readonly release: string
  readonly useREST?: boolean
  /** What the array calls the calls that do these, for faults and counts. */
  readonly operations: {
    readonly create: string
    readonly find: string
    /** The one that makes a volume go. */
    readonly remove: string
    readonly change: string
  }
  /** Of the array's own errors the one that asks to come back later; absent where there is none for sure. */
  readonly busy?: string
  /** How a right to make volumes is named to the administrator. */
  readonly rightToCreate: RegExp
  /** Since when things are: absent ones are there. */
  readonly lacks?: readonly ('encryption' | 'tiering' | 'adaptive QoS' | 'FlexGroup' | 'FlexGroup clones')[]
}

export interface Scene {
  readonly array: OntapSimulator
  readonly ontap: Ontap
  readonly ctx: Context
}

export async function scene(
  t: TestContext,
  subject: Subject,
  options: OntapSimulatorOptions = {},
  settings: Partial<OntapSettings> = {},
): Promise<Scene> {
  const array = await startOntapSimulator({ release: subject.release, jobMs: 20, report: () => {}, ...options })
  t.after(() => array.close())
  return { array, ontap: await open(t, subject, array, settings), ctx: context() }
}

export async function open(
  t: TestContext,
  { useREST }: Subject,
  array: OntapSimulator,
  settings: Partial<OntapSettings> = {},
): Promise<Ontap> {
  const ontap = await openOntap({
    managementLIF: array.address,
    credentials: { username: array.user, password: new Secret(array.password) },
    ...(useREST !== undefined && { useREST }),
    tls: {},
    stateDirectory: await temporaryDirectory(t),
    maxConcurrentRequests: 20,
    log: silentLog,
    signal: new AbortController().signal,
    firstPauseMs: 5,
    ...settings,
  })
  t.after(() => ontap.close())
  return ontap
}

export function newVolume(name: string, more: Partial<NewOntapVolume> = {}): NewOntapVolume {
  return {
    name,
    style: 'flexvol',
    aggregates: ['aggr1'],
    size: (100 * MIB) as Bytes,
    spaceGuarantee: 'none',
    snapshotPolicy: 'none',
    snapshotReserve: 0,
    unixPermissions: 0o777,
    securityStyle: 'unix',
    exportPolicy: 'default',
    snapshotDirectory: false,
    junctionPath: `/${name}`,
    comment: `a mark of ${name}`,
    ...more,
  }
}

/** Names, in order. */
export function namesOf(things: readonly { readonly name: string }[]): readonly string[] {
  return things.map(({ name }) => name).sort()
}
