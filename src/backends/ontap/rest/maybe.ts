/** Reading members that an array may leave out: undefined when they are, or when what they belong to is. */

import type { Bytes } from '../../../units.ts'
import type { Fields } from '../../fields.ts'

export function part(of: Fields | undefined, name: string): Fields | undefined {
  return of?.has(name) ? of.fields(name) : undefined
}

export function textIn(of: Fields | undefined, name: string): string | undefined {
  return of?.has(name) ? of.text(name) : undefined
}

/** Text, or a whole number as text. */
export function wordIn(of: Fields | undefined, name: string): string | undefined {
  return of?.has(name) ? of.word(name) : undefined
}

export function countIn(of: Fields | undefined, name: string): number | undefined {
  return of?.has(name) ? of.count(name) : undefined
}

export function bytesIn(of: Fields | undefined, name: string): Bytes | undefined {
  return of?.has(name) ? of.bytes(name) : undefined
}

export function flagIn(of: Fields | undefined, name: string): boolean | undefined {
  return of?.has(name) ? of.flag(name) : undefined
}

export function dateIn(of: Fields | undefined, name: string): Date | undefined {
  return of?.has(name) ? of.date(name) : undefined
}

/** The `name` of each object in a list. */
export function namesIn(of: Fields | undefined, name: string): readonly string[] {
  return of?.has(name) ? of.list(name, (item) => item.text('name')) : []
}
