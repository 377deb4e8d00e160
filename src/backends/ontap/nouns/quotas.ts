/** Quotas, as limits of qtrees. */

import type { Context } from '../../../context.ts'
import type { Bytes } from '../../../units.ts'
import type { OntapQtreeRef } from './qtrees.ts'
import type { OntapVolumeRef } from './volumes.ts'

export interface OntapQuotas {
  /**
   * The rules for single qtrees, in volumes whose names begin with `volumePrefix`; with `qtree` only for those of that
   * name. One call a page.
   */
  treeRules(ctx: Context, volumePrefix: string, qtree?: string): Promise<readonly OntapTreeRule[]>
  /**
   * Makes or changes a qtree's rule. Rules count once `apply` is done with the volume, and where the array applies them
   * at once (`appliesAtOnce`), with quotas on, without.
   */
  setTreeRule(ctx: Context, rule: OntapTreeRule): Promise<void>
  /** None is fine. */
  removeTreeRule(ctx: Context, qtree: OntapQtreeRef): Promise<void>
  readonly appliesAtOnce: boolean
  /** Switches quotas of a volume on, or has it take up changed rules, and waits. Needs a rule. @throws NOT_FOUND */
  apply(ctx: Context, volume: OntapVolumeRef): Promise<void>
}

export interface OntapTreeRule {
  readonly volume: string
  /** Empty: the default for qtrees without a rule of their own. */
  readonly qtree: string
  /** Absent: no limit. */
  readonly hardLimit?: Bytes
}
