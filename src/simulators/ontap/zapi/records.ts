/** Records of iterators: which fields a kind has, and which of them a request asks about. */

import { isAtLeast, type Release } from '../releases.ts'
import { extraInput } from './errors.ts'
import { type Pattern, patternOf } from './patterns.ts'
import { escaped, type Scalar, type Value, written } from './views.ts'
import type { Element } from './xml.ts'

/** What a field of `row` is; undefined when this row has none. A list repeats the element. */
export type Leaf<T> = (row: T) => Value | readonly Value[] | undefined

/** Elements by name: fields, groups of fields, and fields a release brought. */
export interface Shape<T> {
  readonly [element: string]: Leaf<T> | Shape<T> | Since<T>
}

class Since<T> {
  readonly release: string
  readonly field: Leaf<T> | Shape<T>

  constructor(release: string, field: Leaf<T> | Shape<T>) {
    this.release = release
    this.field = field
  }
}

export const since = <T>(release: string, field: Leaf<T> | Shape<T>) => new Since(release, field)

/** The fields of one row as XML, without the element around them. */
type Writer<T> = (row: T) => string

/**
 * Writes the fields that `desired` names, all when there is no such element. One without content selects what is below
 * it, so a group selects the group. What a row has none of is left out, groups of nothing too.
 *
 * @throws ApiFault for a field this release does not have
 */
export function writerOf<T>(shape: Shape<T>, desired: Element | undefined, release: Release): Writer<T> {
  const parts = fieldsOf(shape, release)
    .filter(([name]) => desired === undefined || isAsked(desired, name))
    .map(([name, field]) => partOf(name, field, childOf(desired, name), release))
  if (desired) refuseStrangers(shape, desired, release)
  return (row) => parts.map((write) => write(row)).join('')
}

/**
 * Tests rows against a query: all of its fields must fit. An element without content asks for nothing.
 *
 * @throws ApiFault for a field this release does not have
 */
export function testOf<T>(shape: Shape<T>, query: Element | undefined, release: Release): (row: T) => boolean {
  if (!query) return () => true
  refuseStrangers(shape, query, release)
  const tests = conditionsOf(shape, query, release)
  return (row) => tests.every((test) => test(row))
}

function conditionsOf<T>(shape: Shape<T>, query: Element, release: Release): readonly ((row: T) => boolean)[] {
  return query.children.flatMap((child) => {
    const field = fieldsOf(shape, release).find(([name]) => name === child.name)?.[1]
    if (typeof field === 'object') return conditionsOf(field, child, release)
    return field === undefined ? [] : leafConditions(field, child, [])
  })
}

/** `path` leads from the value of the field to the value that is asked about. */
function leafConditions<T>(leaf: Leaf<T>, asked: Element, path: readonly string[]): readonly ((row: T) => boolean)[] {
  if (asked.children.length > 0) {
    return asked.children.flatMap((child) => leafConditions(leaf, child, [...path, child.name]))
  }
  if (asked.text === '') return []
  const matches: Pattern = patternOf(asked.text)
  return [(row) => matches(scalarsAt(leaf(row), path))]
}

function scalarsAt(value: Value | readonly Value[] | undefined, path: readonly string[]): readonly Scalar[] {
  if (value === undefined) return []
  if (Array.isArray(value)) return value.flatMap((one: Value) => scalarsAt(one, path))
  if (typeof value !== 'object') return path.length === 0 ? [value] : []
  const [name, ...rest] = path
  return name === undefined ? [] : scalarsAt((value as Exclude<Value, Scalar>)[name], rest)
}

function partOf<T>(
  name: string,
  field: Leaf<T> | Shape<T>,
  desired: Element | undefined,
  release: Release,
): (row: T) => string {
  if (typeof field === 'function') return (row) => fieldText(name, field(row))
  const whole = desired === undefined || desired.children.length === 0
  const write = writerOf(field, whole ? undefined : desired, release)
  return (row) => {
    const content = write(row)
    return content === '' ? '' : `<${name}>${content}</${name}>`
  }
}

/** Most fields are one value: this is the way they are written by the thousand. */
function fieldText(name: string, value: Value | readonly Value[] | undefined): string {
  if (value === undefined) return ''
  if (typeof value === 'object') return written({ [name]: value })
  const text = typeof value === 'string' ? escaped(value) : String(value)
  return text === '' ? `<${name}/>` : `<${name}>${text}</${name}>`
}

/** In the order of their names, as they are written; without those of later releases. */
function fieldsOf<T>(shape: Shape<T>, release: Release): readonly (readonly [string, Leaf<T> | Shape<T>])[] {
  return Object.keys(shape)
    .sort()
    .flatMap((name) => {
      const field = shape[name]
      if (field === undefined) return []
      if (!(field instanceof Since)) return [[name, field] as const]
      return isAtLeast(release, field.release) ? [[name, field.field] as const] : []
    })
}

function refuseStrangers<T>(shape: Shape<T>, asked: Element, release: Release): void {
  const known = fieldsOf(shape, release)
  const stranger = asked.children.find(({ name }) => !known.some(([field]) => field === name))
  if (stranger) throw extraInput(stranger.name)
  for (const child of asked.children) {
    const field = known.find(([name]) => name === child.name)?.[1]
    if (typeof field === 'object') refuseStrangers(field, child, release)
  }
}

function isAsked(desired: Element, name: string): boolean {
  return desired.children.length === 0 || childOf(desired, name) !== undefined
}

function childOf(element: Element | undefined, name: string): Element | undefined {
  return element?.children.find((child) => child.name === name)
}
