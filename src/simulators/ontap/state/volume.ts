/** Volumes and their snapshots. */

import type { Quota } from './qtree.ts'

export interface Volume {
  /** `uuid` of REST, `instance-uuid` of ZAPI. */
  readonly uuid: string
  readonly name: string
  /** UUID of its SVM. */
  readonly svm: string
  readonly style: 'flexvol' | 'flexgroup' | 'constituent'
  /** `del`: in the recovery queue, renamed to `NAME_DSID`. */
  readonly type: 'rw' | 'dp' | 'ls' | 'del'
  readonly isRoot: boolean
  readonly state: 'online' | 'offline' | 'restricted' | 'mixed'
  readonly createdAt: number
  readonly msid: number
  readonly dsid: number
  /** Names. One for a FlexVol or constituent. A FlexGroup's room is taken by its constituents. */
  readonly aggregates: readonly string[]
  /** UUID of the FlexGroup a constituent is part of. */
  readonly flexgroup?: string
  /** Snapshot reserve included. */
  readonly size: number
  /** Percent. */
  readonly snapshotReserve: number
  readonly guarantee: 'none' | 'volume'
  readonly snapshotPolicy: string
  readonly comment: string
  /** Absolute path in the SVM's namespace; absent: not mounted. */
  readonly junction?: string
  readonly securityStyle: 'unix' | 'ntfs' | 'mixed'
  /** `0o755` */
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly exportPolicy: string
  /** Whether clients see `.snapshot`. */
  readonly snapshotDirectory: boolean
  readonly language: string
  readonly encryption: boolean
  readonly tieringPolicy: 'none' | 'snapshot-only' | 'auto' | 'all'
  /** A name, of an adaptive policy or not. */
  readonly qosPolicy?: string
  readonly clone?: CloneOf
  readonly quota: Quota
  /** Of the default qtree's siblings; numbers are not used again. */
  readonly lastQtree: number
  readonly deletedAt?: number
  /** What it was called before it was deleted. */
  readonly deletedName?: string
}

export interface CloneOf {
  /** UUID */
  readonly parent: string
  readonly snapshot: string
  /** When the split that is under way will be done. */
  readonly splitBegun?: number
  readonly splitUntil?: number
}

export interface Snapshot {
  readonly uuid: string
  readonly name: string
  /** UUID of its volume. */
  readonly volume: string
  readonly createdAt: number
  readonly size: number
  readonly comment: string
  readonly mirrorLabel: string
}
