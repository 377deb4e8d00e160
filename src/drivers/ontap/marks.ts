/**
 * What is kept with a FlexVol in its comment, at most 1023 characters, as JSON beside what Trident keeps there:
 *
 *     {"netappdvp":{"name":"db-1","prefix":"netappdvp_","version":"0.1.0","intent":"…","from":"netappdvp_db"},
 *      "provisioning":{"tier":"gold"}}
 *
 * nDVP wrote no comments. Its volumes are told by their shape: the instance's prefix, and mounted at their own name.
 */

import type { OntapVolume } from '../../backends/ontap/ontap.ts'
import { version } from '../../version.ts'
import type { IntentId } from '../driver.ts'

const MARK = 'netappdvp'
/** Trident's, and ours for the labels of a pool. */
const LABELS = 'provisioning'
const LONGEST = 1023

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
  const mark = {
    name,
    prefix,
    version: version.text,
    ...(intent !== undefined && { intent }),
    ...(from !== undefined && { from }),
    ...(asOfNow && { asOfNow }),
  }
  const whole = JSON.stringify({ [MARK]: mark, ...(Object.keys(labels).length > 0 && { [LABELS]: labels }) })
  return whole.length <= LONGEST ? whole : JSON.stringify({ [MARK]: mark })
}

export function marksIn(comment: string): Marks | undefined {
  const mark = parse(comment)?.[MARK]
  if (!isObject(mark)) return undefined
  const { name, prefix, intent, from, asOfNow } = mark
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
  if (marksIn(comment)?.intent === undefined) return undefined
  const whole = parse(comment)!
  const { intent: _, ...mark } = whole[MARK] as Record<string, unknown>
  return JSON.stringify({ ...whole, [MARK]: mark })
}

/** True for a volume that neither this product nor nDVP or Trident made, as far as it shows. */
export function isForeign({ name, comment, junctionPath }: OntapVolume, prefix: string): boolean {
  const whole = parse(comment)
  if (whole && MARK in whole) return false
  // Without a prefix, Trident's volumes for others than Docker look the same.
  if (prefix === '' || !name.startsWith(prefix)) return true
  if (whole && LABELS in whole) return false
  return comment.trim() !== '' || junctionPath !== `/${name}`
}

function parse(comment: string): Record<string, unknown> | undefined {
  if (!comment.trimStart().startsWith('{')) return undefined
  try {
    const whole: unknown = JSON.parse(comment)
    return isObject(whole) ? whole : undefined
  } catch {
    return undefined
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
