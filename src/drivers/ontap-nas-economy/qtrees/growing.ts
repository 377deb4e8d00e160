/** Growing a volume: its limit, and the FlexVol around it. */

import type { Ontap, OntapQtree, OntapVolume } from '../../../backends/ontap/ontap.ts'
import type { Context } from '../../../context.ts'
import { BackendError } from '../../../errors.ts'
import { type Bytes, printSize } from '../../../units.ts'
import type { Placement } from '../../ontap/placement.ts'
import { withReserve } from '../../ontap/sizes.ts'
import type { Upkeep } from '../keeping/upkeep.ts'
import { type PoolTable, sumOf } from '../pools/table.ts'
import { usableOf } from '../pools/wish.ts'

export interface GrowingParts {
  readonly ontap: Ontap
  readonly table: PoolTable
  readonly upkeep: Upkeep
  readonly placement: Placement
  /** Of a FlexVol, snapshot reserve included. */
  readonly largest: Bytes
}

/** Resolves once the array enforces the new limit. @throws BackendError REFUSED | FULL */
export async function grow(
  { ontap, table, upkeep, placement, largest }: GrowingParts,
  ctx: Context,
  { name }: OntapQtree,
  { pool, size }: { readonly pool: OntapVolume; readonly size: Bytes },
): Promise<void> {
  const rules = await table.rulesIn(ctx, pool.name)
  const before = rules.find((rule) => rule.qtree === name)?.hardLimit
  refuseShrinking(name, before ?? usableOf(pool), size)
  refuseTooLarge(name, withReserve((sumOf(rules) - (before ?? 0) + size) as Bytes, pool.snapshotReserve), largest)
  const reserved = (pool.spaceGuarantee === 'volume' ? size - (before ?? size) : 0) as Bytes
  await placement.refuseAboveLimit(ctx, pool.aggregates, reserved)

  const rule = { volume: pool.name, qtree: name }
  await ontap.quotas.setTreeRule(ctx, { ...rule, hardLimit: size })
  try {
    await upkeep.grow(ctx, pool.name)
  } catch (error) {
    await ontap.quotas.setTreeRule(ctx, { ...rule, ...(before !== undefined && { hardLimit: before }) }).catch(() => {})
    throw error
  }
  await upkeep.enforce(ctx, pool)
}

function refuseShrinking(name: string, before: Bytes, size: Bytes): void {
  if (size >= before) return
  throw new BackendError('REFUSED', `Cannot shrink volume "${name}" from ${printSize(before)} to ${printSize(size)}.`)
}

function refuseTooLarge(name: string, needed: Bytes, largest: Bytes): void {
  if (needed <= largest) return
  throw new BackendError(
    'FULL',
    `Cannot grow volume "${name}": its FlexVol would have to be larger than ${printSize(largest)}. Raise limitVolumePoolSize in the configuration, if it is given, or copy the data to a new volume.`,
  )
}
