/**
 * What is kept with a FlexVol in its comment, as JSON beside what Trident keeps there:
 *
 *     {"provisioning":{"tier":"gold"},
 *      "netappdvp":{"name":"db-1","prefix":"netappdvp_","version":"0.1.0","intent":"…","from":"netappdvp_db"}}
 *
 * nDVP wrote no comments. Its volumes are told by their shape: the instance's prefix, and mounted at their own name.
 */

import type { OntapVolume } from '../../backends/ontap/ontap.ts'
import { version } from '../../version.ts'
import type { IntentId } from '../driver.ts'
import { entriesOf, fits, MARK, markOf, withMark } from './comment.ts'

/** Trident's, and ours for the labels of a pool. */
const LABELS = 'provisioning'

export interface Marks {
  /** As Docker says it. */
  readonly name: string
  /** Of the instance, as its config has it. */
  readonly prefix: string
  /** The attempt that made it, until somebody counts on it. */
  readonly intent?: IntentId
  /** The volume it was cloned from, by the array's name. */
  readonly from?: string
  /** Cloned as it was then, by a snapshot that the array took for it; else by one that somebody named. */
  readonly asOfNow?: boolean
}

export type Labels = Readonly<Record<string, string>>

/** Labels that leave no room are left out: they tell people something, and the rest recovery. */
export function commentOf({ name, prefix, intent, from, asOfNow }: Marks, labels: Labels = {}): string {
  const others = Object.keys(labels).length > 0 ? JSON.stringify({ [LABELS]: labels }) : ''
  const mark = { name, prefix, version: version.text, intent, from, asOfNow: asOfNow || undefined }
  const whole = withMark(others, mark)
  return fits(whole) ? whole : withMark('', mark)
}

export function marksIn(comment: string): Marks | undefined {
  const { name, prefix, intent, from, asOfNow } = markOf(comment) ?? {}
  if (typeof name !== 'string' || typeof prefix !== 'string') return undefined
  return {
    name,
    prefix,
    ...(typeof intent === 'string' && { intent: intent as IntentId }),
    ...(typeof from === 'string' && { from }),
    ...(asOfNow === true && { asOfNow }),
  }
}

/** The same comment, now of a volume that somebody counts on; undefined when it is one already. */
export function withoutIntent(comment: string): string | undefined {
  return marksIn(comment)?.intent === undefined ? undefined : withMark(comment, { intent: undefined })
}

/** True for a volume that neither this product nor nDVP or Trident made, as far as it shows. */
export function isForeign({ name, comment, junctionPath }: OntapVolume, prefix: string): boolean {
  const entries = entriesOf(comment) ?? {}
  if (MARK in entries) return false
  // Without a prefix, Trident's volumes for others than Docker look the same.
  if (prefix === '' || !name.startsWith(prefix)) return true
  if (LABELS in entries) return false
  return comment.trim() !== '' || junctionPath !== `/${name}`
}
