/** Query strings: which fields, which records, how many, and how long to wait. */

import type { OntapArray } from '../state.ts'
import { badValue, unexpected } from './errors.ts'
import { type Match, parseMatch } from './matching.ts'
import type { Field, Shape } from './shape.ts'

export interface Query {
  /** As asked for; empty when nothing was. */
  readonly fields: readonly string[]
  /** Everything that is not a parameter of the API itself: filters, and what a cursor has. */
  readonly others: readonly (readonly [string, string])[]
  readonly maxRecords?: number
  readonly orderBy?: string
  /** Seconds. */
  readonly returnTimeout?: number
  readonly returnRecords?: boolean
  readonly ignoreUnknownFields: boolean
  /** Of a page after the first. */
  readonly start: ReadonlyMap<string, string>
}

/** @throws RestError 262197 */
export function parseQuery(text: string): Query {
  const pairs = text.split('&').flatMap((pair): (readonly [string, string])[] => {
    if (pair === '') return []
    const [, name = '', value = ''] = /^([^=]*)=?(.*)$/s.exec(pair) ?? []
    return [[decode(name), decode(value)]]
  })
  const last = (name: string) => pairs.findLast(([key]) => key === name)?.[1]
  const maxRecords = whole('max_records', last('max_records'), 1, 2 ** 31)
  const returnTimeout = whole('return_timeout', last('return_timeout'), 0, 120)
  const returnRecords = truth('return_records', last('return_records'))
  const orderBy = last('order_by')
  return {
    fields: fieldsOf(last('fields') ?? ''),
    others: pairs.filter(([name]) => !OWN.has(name) && !name.startsWith('start.')),
    ...(maxRecords !== undefined && { maxRecords }),
    ...(orderBy && { orderBy }),
    ...(returnTimeout !== undefined && { returnTimeout }),
    ...(returnRecords !== undefined && { returnRecords }),
    ignoreUnknownFields: truth('ignore_unknown_fields', last('ignore_unknown_fields')) ?? false,
    start: new Map(pairs.filter(([name]) => name.startsWith('start.'))),
  }
}

export interface Filter<T> {
  readonly field: string
  readonly matches: (row: T) => boolean
}

/** @throws RestError 262179 for a name that is no field, 262197 for a value that is none of the field's */
export function filtersOf<T>(array: OntapArray, shape: Shape<T>, query: Query): readonly Filter<T>[] {
  return query.others.map(([name, value]) => {
    const [path, field] = fieldNamed(shape, name)
    if (!field) throw unexpected(name)
    const match = parseMatch(value, field.type === 'list' ? 'text' : field.type)
    if (!match) throw badValue(name, value, field.type === 'number' ? 'integer' : 'true|false')
    return { field: name, matches: matcher(array, field, name.slice(path.length + 1), match) }
  })
}

export function fieldNamed<T>(shape: Shape<T>, name: string): readonly [string, Field<T> | undefined] {
  if (shape[name] && shape[name].type !== 'list') return [name, shape[name]]
  const list = Object.entries(shape).find(
    ([path, field]) => field.type === 'list' && field.members.some((member) => name === `${path}.${member}`),
  )
  return list ?? [name, undefined]
}

function matcher<T>(array: OntapArray, field: Field<T>, member: string, match: Match): (row: T) => boolean {
  if (field.type === 'list') {
    return (row) => {
      const items = field.items(row, array) ?? []
      return items.length === 0 ? match(undefined) : items.some((item) => match(item[member]))
    }
  }
  return (row) => {
    const value = field.value(row, array)
    return Array.isArray(value) ? value.some((part) => match(part)) : match(value)
  }
}

const OWN: ReadonlySet<string> = new Set([
  'fields',
  'max_records',
  'order_by',
  'return_timeout',
  'return_records',
  'ignore_unknown_fields',
])

/** `uuid,svm{name,uuid},nas.path` */
function fieldsOf(text: string): readonly string[] {
  const fields: string[] = []
  const prefixes: string[] = []
  let name = ''
  const end = () => {
    if (name !== '') fields.push([...prefixes, name].join('.'))
    name = ''
  }
  for (const character of text.replaceAll(/\s/g, '')) {
    if (character === ',') end()
    else if (character === '{') {
      prefixes.push(name)
      name = ''
    } else if (character === '}') {
      end()
      prefixes.pop()
    } else name += character
  }
  end()
  return fields
}

function whole(name: string, text: string | undefined, least: number, most: number): number | undefined {
  if (text === undefined || text === '') return undefined
  const number = Number(text)
  if (/^\d+$/.test(text) && number >= least && number <= most) return number
  throw badValue(name, text, `integer (${least}..${most})`)
}

function truth(name: string, text: string | undefined): boolean | undefined {
  if (text === undefined || text === '') return undefined
  if (/^(?:true|false)$/i.test(text)) return text.toLowerCase() === 'true'
  throw badValue(name, text, 'true|false')
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    throw badValue('query', text, 'text')
  }
}
