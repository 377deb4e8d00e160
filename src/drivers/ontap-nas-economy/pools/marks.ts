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
import { entriesOf, fits, markOf, withMark } from '../../ontap/comment.ts'
import { commentOf, type Labels } from '../../ontap/marks.ts'

export function poolComment(name: string, prefix: string, kind: string, labels: Labels): string {
  const pool = { pool: JSON.parse(kind) }
  const comment = withMark(commentOf({ name, prefix }, labels), pool)
  return fits(comment) ? comment : withMark(commentOf({ name, prefix }), pool)
}

/** The kind it was made as; undefined where that is not on record. */
export function kindIn({ comment }: Pick<OntapVolume, 'comment'>): string | undefined {
  const pool = markOf(comment)?.['pool']
  return pool === undefined ? undefined : JSON.stringify(pool)
}

export function isGoing({ comment }: Pick<OntapVolume, 'comment'>): boolean {
  return markOf(comment)?.['going'] === true
}

/** The same comment of a pool that is about to be deleted, or is not any more. */
export function withGoing({ comment }: Pick<OntapVolume, 'comment'>, going: boolean): string {
  return withMark(comment, { going: going || undefined })
}

/** Whether somebody wrote something there that no program did. */
export function isAnnotated({ comment }: Pick<OntapVolume, 'comment'>): boolean {
  return comment.trim() !== '' && Object.keys(entriesOf(comment) ?? {}).length === 0
}
