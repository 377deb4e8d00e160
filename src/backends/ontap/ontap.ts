/**
 * An ONTAP storage virtual machine in our words, one property a noun. connect.ts makes one; `rest/` and `zapi/` are it,
 * with a file of the same name for each of `nouns/`.
 */

import type { Context } from '../../context.ts'
import type { OntapAggregates } from './nouns/aggregates.ts'
import type { OntapEvents } from './nouns/events.ts'
import type { OntapExports } from './nouns/exports.ts'
import type { OntapNetwork } from './nouns/network.ts'
import type { OntapQtrees } from './nouns/qtrees.ts'
import type { OntapQuotas } from './nouns/quotas.ts'
import type { OntapRoles } from './nouns/roles.ts'
import type { OntapSnapshots } from './nouns/snapshots.ts'
import type { OntapVolumes } from './nouns/volumes.ts'

export type * from './nouns/aggregates.ts'
export type * from './nouns/events.ts'
export type * from './nouns/exports.ts'
export type * from './nouns/network.ts'
export type * from './nouns/qtrees.ts'
export type * from './nouns/quotas.ts'
export type * from './nouns/roles.ts'
export type * from './nouns/snapshots.ts'
export type * from './nouns/volumes.ts'

/**
 * Every call may throw BackendError, with one of these codes besides those that are named with it:
 *
 * - `UNREACHABLE`: no answer, or none that says what became of the call. What makes something may have made it all the
 *   same, and is never repeated here. Look for what carries your mark.
 * - `UNAUTHORIZED`: wrong credentials, or a role without the right, which is named as an administrator would grant it.
 * - `TOO_OLD`, `MALFORMED`, `REFUSED` (the array's words are quoted).
 * - `BUSY`: the array asked to come back later, and did so at every try. It has done nothing.
 *
 * What is worth repeating is repeated in here, as long as somebody waits (`ctx.gone`, `ctx.signal`). Jobs of the array
 * are waited for: when a call resolves, what it did can be seen.
 */
export interface Ontap {
  readonly dialect: OntapDialect
  readonly release: OntapRelease
  readonly svm: OntapSvm
  /**
   * To be asked before "there is none" is believed of a volume that was there.
   *
   * @throws BackendError REFUSED when this user can no longer see the SVM
   */
  ensureSeen(ctx: Context): Promise<void>
  readonly volumes: OntapVolumes
  readonly snapshots: OntapSnapshots
  readonly qtrees: OntapQtrees
  readonly quotas: OntapQuotas
  readonly exports: OntapExports
  readonly aggregates: OntapAggregates
  readonly network: OntapNetwork
  readonly events: OntapEvents
  readonly roles: OntapRoles
  /** Ends all connections; calls under way fail. */
  close(): Promise<void>
}

export type OntapDialect = 'rest' | 'zapi'

export interface OntapRelease {
  readonly generation: number
  readonly major: number
  readonly minor: number
  /** As the array says it: `NetApp Release 9.15.1P3: …`. */
  readonly text: string
}

export interface OntapSvm {
  readonly name: string
  readonly uuid: string
}
