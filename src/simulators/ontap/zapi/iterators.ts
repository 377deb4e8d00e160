/** Iterators: a query, some attributes, a page, and a tag that leads to the next one. */

import type { Release } from '../releases.ts'
import { ApiFault, EINVALIDINPUTERROR, invalidValue } from './errors.ts'
import type { Input } from './input.ts'
import { type Shape, testOf, writerOf } from './records.ts'
import { escaped } from './views.ts'
import { type Element, parseXml } from './xml.ts'

export interface Listing<T> {
  /** The element of one record: `volume-attributes`. */
  readonly record: string
  readonly shape: Shape<T>
  /** In the order of their keys. */
  readonly rows: readonly T[]
  /** What tells a row from all others, most significant first. */
  readonly keys: (row: T) => readonly string[]
}

interface Paging {
  readonly release: Release
  /** Records a page has at most, whatever was asked for: the array's time for it is over. */
  readonly mostRecords?: number | undefined
}

export const ITERATOR_INPUTS = 'query desired-attributes max-records tag'

/** Records of a page unless asked otherwise. */
const DEFAULT_RECORDS = 20

/**
 * `attributes-list`, `num-records` and `next-tag` as XML; the first is absent when there are no records. A page that
 * ends where it had to has a tag even if nothing is behind it: then an empty page follows.
 *
 * @throws ApiFault
 */
export function iterate<T>(input: Input, listing: Listing<T>, paging: Paging): string {
  const { record, shape, rows, keys } = listing
  const { release, mostRecords = Number.POSITIVE_INFINITY } = paging
  const write = writerOf(shape, typed(input, 'desired-attributes', record), release)
  const fits = testOf(shape, typed(input, 'query', record), release)
  const asked = input.optionalNumber('max-records') ?? DEFAULT_RECORDS
  if (asked === 0) throw invalidValue('max-records', input.api, '0')
  const most = Math.min(asked, mostRecords)

  const page: T[] = []
  for (const row of rowsAfter(rows, keys, startOf(input))) {
    if (page.length === most) break
    if (fits(row)) page.push(row)
  }
  const last = page.at(-1)
  const records = page.map((row) => `<${record}>${write(row)}</${record}>`).join('')
  return [
    page.length > 0 ? `<attributes-list>${records}</attributes-list>` : '',
    last !== undefined && page.length === most ? `<next-tag>${escaped(tagOf(input.api, keys(last)))}</next-tag>` : '',
    `<num-records>${page.length}</num-records>`,
  ].join('')
}

/** Rows in the order of their keys, as iterators need them. */
export function sortedBy<T>(rows: readonly T[], keys: (row: T) => readonly string[]): readonly T[] {
  return [...rows].sort((a, b) => {
    const [left, right] = [keys(a), keys(b)]
    const index = left.findIndex((key, at) => key !== right[at])
    return index < 0 ? 0 : (left[index] ?? '') < (right[index] ?? '') ? -1 : 1
  })
}

/** The typed element in a query or in desired attributes; undefined when there is none, or nothing in it. */
export function typed(input: Input, name: string, record: string): Element | undefined {
  const outer = input.element(name)
  const stranger = outer?.children.find((child) => child.name !== record)
  if (stranger) throw new ApiFault(EINVALIDINPUTERROR, `Extra input: ${stranger.name}`)
  const inner = outer?.children[0]
  return inner && inner.children.length > 0 ? inner : undefined
}

/** `<volume-get-iter-key-td><key-0>svm1</key-0>…`: XML itself, escaped in the answer and in the request. */
function tagOf(api: string, keys: readonly string[]): string {
  const content = keys.map((key, index) => `<key-${index}>${escaped(key)}</key-${index}>`).join('')
  return `<${api}-key-td>${content}</${api}-key-td>`
}

/** The keys of the row after which the page begins. @throws ApiFault for what is no tag of this API */
function startOf(input: Input): readonly string[] | undefined {
  const text = input.optionalText('tag')
  if (text === undefined || text === '') return undefined
  try {
    const tag = parseXml(text)
    if (tag.name === `${input.api}-key-td`) return tag.children.map((key) => key.text)
  } catch {
    // As for one of another API.
  }
  throw invalidValue('tag', input.api, text)
}

/** Rows may have come and gone since: what counts is the order of the keys. */
function rowsAfter<T>(
  rows: readonly T[],
  keys: (row: T) => readonly string[],
  start: readonly string[] | undefined,
): readonly T[] {
  if (!start) return rows
  const first = rows.findIndex((row) => isAfter(keys(row), start))
  return first < 0 ? [] : rows.slice(first)
}

function isAfter(keys: readonly string[], start: readonly string[]): boolean {
  const differing = keys.findIndex((key, index) => key !== start[index])
  return differing >= 0 && (keys[differing] ?? '') > (start[differing] ?? '')
}
