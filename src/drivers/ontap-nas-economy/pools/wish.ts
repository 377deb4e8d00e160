/** What a volume asks of the FlexVol around it, and which FlexVols are so. */

import type { OntapVolume } from '../../../backends/ontap/ontap.ts'
import type { Bytes } from '../../../units.ts'
import type { Labels } from '../../ontap/marks.ts'
import { reserveOf } from '../../ontap/nas-options.ts'
import { withoutReserve } from '../../ontap/sizes.ts'
import type { EconomyOptions } from '../options.ts'
import { kindIn } from './marks.ts'
import { isOpen } from './names.ts'

export interface PoolWish {
  readonly kind: PoolKind
  /** Nobody asked for a snapshot reserve: nDVP’s FlexVols have what was the array's default. */
  readonly anyReserve: boolean
  /** Of the FlexVol; a qtree may have another. One that lets everybody pass will do as well. */
  readonly exportPolicy: string
  /** Empty: any. */
  readonly aggregates: readonly string[]
  /** Of the volume. */
  readonly size: Bytes
  /** Of the config's pool, kept with a new FlexVol. */
  readonly labels: Labels
}

/** What is the same for all volumes in a FlexVol. */
export interface PoolKind {
  readonly spaceReserve: 'none' | 'volume'
  readonly snapshotPolicy: string
  readonly snapshotReserve: number
  readonly snapshotDir: boolean
  readonly encryption?: boolean
  readonly tieringPolicy?: string
  readonly qosPolicy?: string
}

export function kindOf(options: EconomyOptions): PoolKind {
  const { spaceReserve, snapshotPolicy, snapshotDir, encryption, tieringPolicy, qosPolicy } = options
  return {
    spaceReserve,
    snapshotPolicy,
    snapshotReserve: reserveOf(options),
    snapshotDir,
    ...(encryption !== undefined && { encryption }),
    ...(tieringPolicy !== undefined && { tieringPolicy }),
    ...(qosPolicy !== undefined && { qosPolicy }),
  }
}

/** As it is kept with a FlexVol: two that are the same have the same. */
export function printKind(kind: PoolKind): string {
  const { spaceReserve, snapshotPolicy, snapshotReserve, snapshotDir, encryption, tieringPolicy, qosPolicy } = kind
  const optional = [encryption, tieringPolicy, qosPolicy].map((value) => value ?? null)
  return JSON.stringify([spaceReserve, snapshotPolicy, snapshotReserve, snapshotDir, ...optional])
}

/** Whether volumes of the wish may be in there; that there is room, or that it is ours, is another question. */
export function suits(pool: OntapVolume, wish: PoolWish): boolean {
  const { kind, exportPolicy, aggregates } = wish
  if (pool.style !== 'flexvol' || pool.state !== 'online') return false
  if (aggregates.length > 0 && !pool.aggregates.some((name) => aggregates.includes(name))) return false
  if (pool.exportPolicy !== undefined && pool.exportPolicy !== exportPolicy && !isOpen(pool.exportPolicy)) return false
  const made = kindIn(pool)
  return made === undefined ? isSo(pool, wish) : made === printKind(kind)
}

/** By what the array says of it. Encryption and tiering that nobody asked for may be as the aggregate has them. */
function isSo(pool: OntapVolume, { kind, anyReserve }: PoolWish): boolean {
  const { spaceReserve, snapshotPolicy, snapshotReserve, snapshotDir, encryption, tieringPolicy, qosPolicy } = kind
  return (
    (pool.spaceGuarantee ?? spaceReserve) === spaceReserve &&
    (pool.snapshotPolicy ?? snapshotPolicy) === snapshotPolicy &&
    (anyReserve || pool.snapshotReserve === snapshotReserve) &&
    (pool.snapshotDirectory ?? snapshotDir) === snapshotDir &&
    (encryption === undefined || (pool.encryption ?? false) === encryption) &&
    (tieringPolicy === undefined
      ? !MOVES_DATA.includes(pool.tieringPolicy ?? '')
      : pool.tieringPolicy === tieringPolicy) &&
    pool.qosPolicy === qosPolicy
  )
}

/** Policies that no array has by default. */
const MOVES_DATA = ['auto', 'backup', 'all']

/** What containers can fill of a pool, all together. */
export function usableOf({ size, snapshotReserve }: OntapVolume): Bytes {
  return withoutReserve(size, snapshotReserve)
}
