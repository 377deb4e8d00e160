/** Makes a FlexVol that will hold qtrees. */

import type { Ontap, OntapVolume } from '../../../backends/ontap/ontap.ts'
import type { Context } from '../../../context.ts'
import { Defect, hasCode } from '../../../errors.ts'
import type { Bytes } from '../../../units.ts'
import type { HostRules } from '../../ontap/host-rules.ts'
import type { Placement } from '../../ontap/placement.ts'
import { LEAST_FLEXVOL, withReserve } from '../../ontap/sizes.ts'
import { poolComment } from './marks.ts'
import { OPEN_POLICY, type PoolNames } from './names.ts'
import { type PoolWish, printKind } from './wish.ts'

export interface PoolMaking {
  readonly ontap: Ontap
  readonly names: PoolNames
  readonly placement: Placement
  readonly prefix: string
  readonly hostRules?: HostRules
  /** What nDVP's policy lets in: all addresses of the family that hosts mount by. */
  readonly everywhere: string
}

export class PoolMaker {
  readonly #making: PoolMaking

  constructor(making: PoolMaking) {
    this.#making = making
  }

  /**
   * On the first aggregate that has room. One whose answer was lost is found, empty, by the next survey.
   *
   * @throws BackendError FULL | REFUSED; RequestError OPTION_INVALID
   */
  async make(ctx: Context, wish: PoolWish): Promise<OntapVolume> {
    const { ontap, placement } = this.#making
    await this.#ensurePolicy(ctx, wish.exportPolicy)
    const size = sizeOf(wish)
    const reserved = (wish.kind.spaceReserve === 'volume' ? size : 0) as Bytes
    const candidates = await placement.candidates(ctx, { allowed: wish.aggregates, reserved })
    for (const [index, aggregate] of candidates.entries()) {
      try {
        const pool = await ontap.volumes.create(ctx, this.#planOf(wish, size, aggregate))
        ctx.log.info('Made a FlexVol for volumes.', { pool: pool.name, aggregate })
        await ontap.network.updateLoadSharing(ctx)
        return pool
      } catch (error) {
        if (index === candidates.length - 1 || !hasCode(error, 'FULL')) throw error
        ctx.log.warn('No room; trying another aggregate.', { aggregate })
      }
    }
    throw new Defect('Placement answered no aggregate to try.')
  }

  #planOf(wish: PoolWish, size: Bytes, aggregate: string) {
    const { names, prefix } = this.#making
    const { kind, exportPolicy, labels } = wish
    const { encryption, tieringPolicy, qosPolicy } = kind
    const name = names.another()
    return {
      name,
      style: 'flexvol',
      aggregates: [aggregate],
      size,
      spaceGuarantee: kind.spaceReserve,
      snapshotPolicy: kind.snapshotPolicy,
      snapshotReserve: kind.snapshotReserve,
      unixPermissions: PASSABLE,
      securityStyle: 'unix',
      exportPolicy,
      snapshotDirectory: kind.snapshotDir,
      junctionPath: `/${name}`,
      comment: poolComment(name, prefix, printKind(kind), labels),
      ...(encryption !== undefined && { encryption }),
      ...(tieringPolicy !== undefined && { tieringPolicy }),
      ...(qosPolicy !== undefined && { qosPolicy }),
    } as const
  }

  async #ensurePolicy(ctx: Context, policy: string): Promise<void> {
    const { hostRules } = this.#making
    if (policy === hostRules?.policy) return hostRules.ensurePolicy(ctx)
    if (policy === OPEN_POLICY) await this.#open(ctx)
  }

  /**
   * As nDVP did: what lets hosts into a volume is the policy of its qtree; that of the FlexVol lets them pass. Rules that
   * an administrator has put there instead stay as they are.
   */
  async #open(ctx: Context): Promise<void> {
    const { ontap, everywhere } = this.#making
    const rules = await ontap.exports.rules(ctx, OPEN_POLICY)
    if (rules === undefined) {
      await ontap.exports.createPolicy(ctx, OPEN_POLICY).catch((error) => {
        if (!hasCode(error, 'ALREADY_EXISTS')) throw error
      })
    }
    if (rules !== undefined && rules.length > 0) return
    await ontap.exports.addRule(ctx, OPEN_POLICY, everywhere)
    ctx.log.warn(
      'FlexVols of this instance can be mounted from everywhere, as with nDVP; who gets into a volume is for its own export policy to say. Set "exportPolicy" or "autoExportPolicy" to keep others from the FlexVols too.',
      { exportPolicy: OPEN_POLICY, clients: everywhere },
    )
  }
}

function sizeOf({ size, kind }: PoolWish): Bytes {
  return withReserve(Math.max(size, LEAST_FLEXVOL) as Bytes, kind.snapshotReserve)
}

/** nDVP's: hosts pass through, and do not see what else there is. */
const PASSABLE = 0o711
