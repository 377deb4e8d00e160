/** Collections and single records as replies. */

import type { Reply } from '../../server.ts'
import type { OntapArray } from '../state.ts'
import type { RestCall } from './call.ts'
import { badValue } from './errors.ts'
import { fieldNamed, filtersOf } from './query.ts'
import { type Build, type Shape, selection, shapeIn } from './shape.ts'

export interface Resource<T> {
  readonly shape: Shape<T>
  /** Fields that come whatever is asked for. */
  readonly keys: readonly string[]
  /** Path of a record, for its link. */
  readonly pathOf?: (row: T, array: OntapArray) => string
  /** Unlike those of other rows, and never changing: rows come in the order of these. */
  readonly orderOf: (row: T) => string
}

/** Rows in the order of their keys. @throws RestError 262179 | 262197 */
export function list<T>(call: RestCall, resource: Resource<T>, rows: readonly T[]): Reply {
  const { array, query } = call
  const shape = shapeIn(resource.shape, array)
  const filters = filtersOf(array, shape, query)
  const wanted = [...resource.keys, ...query.fields, ...filters.map(({ field }) => field)]
  const build = selection(array, shape, wanted)
  const found = filters.length === 0 ? rows : rows.filter((row) => filters.every(({ matches }) => matches(row)))
  const page = pageOf(call, resource, ordered(call, shape, found))
  const records = page.rows.map((row) => recordOf(call, resource, build, row))
  const links = {
    ...(call.hal && { self: { href: `${call.path}${call.queryText && `?${call.queryText}`}` } }),
    ...(page.next !== undefined && { next: { href: page.next } }),
  }
  return reply(call, 200, {
    ...(query.returnRecords !== false && { records }),
    num_records: page.rows.length,
    ...(Object.keys(links).length > 0 && { _links: links }),
  })
}

/** Without `fields`, all that is not expensive. @throws RestError 262179 | 262197 */
export function show<T>(call: RestCall, resource: Resource<T>, row: T): Reply {
  const { array, query } = call
  const shape = shapeIn(resource.shape, array)
  filtersOf(array, shape, query)
  const fields = query.fields.length > 0 ? query.fields : ['*']
  const build = selection(array, shape, [...resource.keys, ...fields])
  return reply(call, 200, recordOf(call, resource, build, row))
}

/** What a write answers with `return_records=true`. */
export function made<T>(call: RestCall, resource: Resource<T>, rows: readonly T[]): Readonly<Record<string, unknown>> {
  if (call.query.returnRecords !== true) return {}
  const build = selection(call.array, shapeIn(resource.shape, call.array), [...resource.keys, '*'])
  return { num_records: rows.length, records: rows.map((row) => recordOf(call, resource, build, row)) }
}

export function reply(
  { hal }: Pick<RestCall, 'hal'>,
  status: number,
  value: unknown,
  headers?: Readonly<Record<string, string>>,
): Reply {
  const type = hal ? 'application/hal+json' : 'application/json'
  return { status, type, body: JSON.stringify(value), ...(headers && { headers }) }
}

function recordOf<T>({ hal, array }: RestCall, { pathOf }: Resource<T>, build: Build<T>, row: T) {
  const record = build(row)
  if (hal && pathOf) record['_links'] = { self: { href: pathOf(row, array) } }
  return record
}

interface Page<T> {
  readonly rows: readonly T[]
  readonly next?: string
}

/** What an array puts on a page when nobody says. */
const PAGE = 10_000

/**
 * A cursor is the key of the next record, so that what is made or deleted meanwhile shifts nothing. With `order_by` it is
 * a count (unsure).
 */
function pageOf<T>(call: RestCall, { orderOf }: Resource<T>, rows: readonly T[]): Page<T> {
  const { tools, query } = call
  const { start, orderBy, maxRecords = PAGE } = query
  const size = Math.min(maxRecords, tools.maxRecords ?? maxRecords)
  const key = start.get('start.key')
  const offset = Number(start.get('start.offset') ?? 0)
  const first = key === undefined ? offset : firstFrom(rows, orderOf, key)
  if (start.has('start.pause')) return { rows: [], next: nextOf(call, { ...cursor(key, offset) }) }
  const page = rows.slice(first, first + size)
  const following = rows[first + size]
  if (following === undefined) return { rows: page }
  const place = orderBy === undefined ? { 'start.key': orderOf(following) } : { 'start.offset': String(first + size) }
  return { rows: page, next: nextOf(call, { ...place, ...(tools.emptyPages && { 'start.pause': '1' }) }) }
}

function cursor(key: string | undefined, offset: number): Readonly<Record<string, string>> {
  return key === undefined ? { 'start.offset': String(offset) } : { 'start.key': key }
}

function firstFrom<T>(rows: readonly T[], orderOf: (row: T) => string, key: string): number {
  const index = rows.findIndex((row) => orderOf(row) >= key)
  return index < 0 ? rows.length : index
}

function nextOf({ path, queryText }: RestCall, place: Readonly<Record<string, string>>): string {
  const kept = queryText.split('&').filter((pair) => pair !== '' && !pair.startsWith('start.'))
  const added = Object.entries(place).map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
  return `${path}?${[...kept, ...added].join('&')}`
}

/** `size desc,name`. @throws RestError 262197 */
function ordered<T>({ array, query }: RestCall, shape: Shape<T>, rows: readonly T[]): readonly T[] {
  if (query.orderBy === undefined) return rows
  const orders = query.orderBy.split(',').map((part) => {
    const [, name = '', direction = 'asc'] = /^\s*(\S+)(?:\s+(asc|desc))?\s*$/i.exec(part) ?? []
    const [, field] = fieldNamed(shape, name)
    if (!field || field.type === 'list') throw badValue('order_by', part, 'field [asc|desc],...')
    return { value: field.value, sign: direction.toLowerCase() === 'desc' ? -1 : 1 }
  })
  const compare = (a: T, b: T) => {
    for (const { value, sign } of orders) {
      const [left, right] = [value(a, array), value(b, array)] as [string | number, string | number]
      if (left !== right) return (left === undefined || left < right ? -1 : 1) * sign
    }
    return 0
  }
  return [...rows].sort(compare)
}
