/**
 * What is kept with a pool in its comment, beside what every volume of this plugin has:
 *
 *     {"netappdvp":{"name":"ndvp_qtree_pool_…","prefix":"netappdvp_","version":"0.1.0","pool":["none","none",0,…],
 *      "going":true}}
 *
 * `pool` is what the pool was made for, so that what the array makes of it (a QoS policy it gives every volume, say)
 * does not count. `going`: about to be deleted. Pools of nDVP and Trident have no comment, or labels.
 */

import type { OntapVolume } from '../../../backends/ontap/ontap.ts'
import { commentOf, type Labels } from '../../ontap/marks.ts'

export function poolComment(name: string, prefix: string, kind: string, labels: Labels): string {
  const comment = changed(commentOf({ name, prefix }, labels), { pool: JSON.parse(kind) })
  return comment.length <= LONGEST ? comment : changed(commentOf({ name, prefix }), { pool: JSON.parse(kind) })
}

/** ONTAP's. */
const LONGEST = 1023

/** The kind it was made as; undefined where that is not on record. */
export function kindIn({ comment }: Pick<OntapVolume, 'comment'>): string | undefined {
  const { pool } = markIn(comment)
  return pool === undefined ? undefined : JSON.stringify(pool)
}

export function isGoing({ comment }: Pick<OntapVolume, 'comment'>): boolean {
  return markIn(comment)['going'] === true
}

/** The same comment of a pool that is about to be deleted, or is not any more. */
export function withGoing({ comment }: Pick<OntapVolume, 'comment'>, going: boolean): string {
  return changed(comment, { going: going || undefined })
}

/** Whether somebody wrote something there that no program did. */
export function isAnnotated({ comment }: Pick<OntapVolume, 'comment'>): boolean {
  return comment.trim() !== '' && Object.keys(parse(comment)).length === 0
}

function changed(comment: string, change: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({ ...parse(comment), [MARK]: { ...markIn(comment), ...change } })
}

const MARK = 'netappdvp'

function markIn(comment: string): Record<string, unknown> {
  const mark = parse(comment)[MARK]
  return isObject(mark) ? mark : {}
}

function parse(comment: string): Record<string, unknown> {
  try {
    const whole: unknown = JSON.parse(comment)
    return isObject(whole) ? whole : {}
  } catch {
    return {}
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
