/** Which fields a resource has, and which of them a request gets. Rows are built from those only. */

import { isAtLeast } from '../releases.ts'
import type { OntapArray } from '../state.ts'
import { badValue } from './errors.ts'

/** By dotted path. */
export type Shape<T> = Readonly<Record<string, Field<T>>>

export type Field<T> = Leaf<T> | List<T>

export interface Leaf<T> {
  readonly type: 'text' | 'number' | 'flag'
  /** Undefined: the record lacks the field. Lists of plain values match when one of them does. */
  readonly value: (row: T, array: OntapArray) => unknown
  /** Left out by `*`. */
  readonly expensive?: boolean
  readonly since?: string
}

export interface List<T> {
  readonly type: 'list'
  /** Undefined, or empty: the record lacks the field. */
  readonly items: (row: T, array: OntapArray) => readonly Readonly<Record<string, unknown>>[] | undefined
  /** Names of what each item has, which may be dotted. */
  readonly members: readonly string[]
  readonly expensive?: boolean
  readonly since?: string
}

type Options = Pick<Leaf<unknown>, 'expensive' | 'since'>

export const text = <T>(value: Leaf<T>['value'], options: Options = {}): Leaf<T> => ({
  type: 'text',
  value,
  ...options,
})

export const number = <T>(value: Leaf<T>['value'], options: Options = {}): Leaf<T> => ({
  type: 'number',
  value,
  ...options,
})

export const flag = <T>(value: Leaf<T>['value'], options: Options = {}): Leaf<T> => ({
  type: 'flag',
  value,
  ...options,
})

export const list = <T>(members: readonly string[], items: List<T>['items'], options: Options = {}): List<T> => ({
  type: 'list',
  members,
  items,
  ...options,
})

/** Only what the release has. */
export function shapeIn<T>(shape: Shape<T>, { release }: OntapArray): Shape<T> {
  return Object.fromEntries(
    Object.entries(shape).filter(([, { since }]) => since === undefined || isAtLeast(release, since)),
  )
}

export type Build<T> = (row: T) => Record<string, unknown>

/** @throws RestError 262197 for a field there is not */
export function selection<T>(array: OntapArray, shape: Shape<T>, wanted: readonly string[]): Build<T> {
  for (const field of wanted) {
    if (!isKnown(shape, field)) throw badValue('fields', field, 'field,...')
  }
  const setters = Object.entries(shape).flatMap(([path, field]) => setter(array, path, field, wanted) ?? [])
  return (row) => {
    const record: Record<string, unknown> = {}
    for (const set of setters) set(row, record)
    return record
  }
}

function isKnown<T>(shape: Shape<T>, wanted: string): boolean {
  if (wanted === '*' || wanted === '**') return true
  const prefix = `${wanted.replace(/\.\*$/, '')}`
  return Object.entries(shape).some(
    ([path, field]) =>
      path === prefix ||
      path.startsWith(`${prefix}.`) ||
      (field.type === 'list' && field.members.some((member) => covers(prefix, `${path}.${member}`))),
  )
}

type Setter<T> = (row: T, record: Record<string, unknown>) => void

function setter<T>(array: OntapArray, path: string, field: Field<T>, wanted: readonly string[]): Setter<T> | undefined {
  const parts = path.split('.')
  const isWanted = wanted.some((name) => picks(name, path, field.expensive === true))
  if (field.type !== 'list') {
    if (!isWanted) return undefined
    return (row, record) => put(record, parts, field.value(row, array))
  }
  const members = isWanted
    ? field.members
    : field.members.filter((member) => wanted.some((name) => covers(name, `${path}.${member}`)))
  if (members.length === 0) return undefined
  const split = members.map((member) => [member, member.split('.')] as const)
  return (row, record) => {
    const items = field.items(row, array)
    if (!items?.length) return
    put(
      record,
      parts,
      items.map((item) => pick(item, split)),
    )
  }
}

function picks(wanted: string, path: string, expensive: boolean): boolean {
  if (wanted === '**') return true
  if (wanted === '*') return !expensive
  return covers(wanted.replace(/\.\*$/, ''), path)
}

function covers(wanted: string, path: string): boolean {
  return path === wanted || path.startsWith(`${wanted}.`)
}

function pick(item: Readonly<Record<string, unknown>>, members: readonly (readonly [string, readonly string[]])[]) {
  const picked: Record<string, unknown> = {}
  for (const [member, parts] of members) put(picked, parts, item[member])
  return picked
}

function put(record: Record<string, unknown>, parts: readonly string[], value: unknown): void {
  if (value === undefined) return
  let place = record
  for (const part of parts.slice(0, -1)) {
    place[part] ??= {}
    place = place[part] as Record<string, unknown>
  }
  place[parts.at(-1)!] = value
}
