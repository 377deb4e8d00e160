/**
 * Names of qtrees on their way out, in nDVP's form: `deleted_NAME_ABCDE`, NAME cut so that all of it has 64 characters.
 * The array empties a qtree in its own time, and its name has to be free at once.
 */

import { capitals } from '../pools/names.ts'

const LEAD = 'deleted_'
const LETTERS = 5
const LONGEST = 64

export function leavingNameOf(name: string): string {
  const room = LONGEST - LEAD.length - LETTERS - '_'.length
  return `${LEAD}${name.slice(0, room)}_${capitals(LETTERS)}`
}

/** Whether it is none of anybody's volumes any more, nDVP's and Trident's neither. */
export function isLeaving(name: string): boolean {
  return name.startsWith(LEAD)
}

/** Whether this instance, or nDVP under its prefix, has begun to remove it. */
export function isLeavingFrom(name: string, prefix: string): boolean {
  return name.startsWith(LEAD + prefix) && /_[A-Z]{5}$/.test(name)
}
