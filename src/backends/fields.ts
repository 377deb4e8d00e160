/** Reading an array's answer member by member: each is there and of its type, or the answer is MALFORMED. */

import { BackendError } from '../errors.ts'
import type { Bytes } from '../units.ts'

/** The members of one object. */
export class Fields {
  readonly #values: Readonly<Record<string, unknown>>
  readonly #at: string
  readonly #source: string

  /** @param at where in the answer: `result`. @param source `the answer of 10.0.0.5:443 to ListVolumes` */
  constructor(value: unknown, at: string, source: string) {
    this.#at = at
    this.#source = source
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw malformed(source, at, value, 'an object')
    this.#values = value as Readonly<Record<string, unknown>>
  }

  /** True when there is such a member, and it is not null. */
  has(name: string): boolean {
    return this.#values[name] !== undefined && this.#values[name] !== null
  }

  /** A whole number that is not negative. */
  count(name: string): number {
    const value = this.#values[name]
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value
    throw this.wrong(name, 'a whole number')
  }

  bytes(name: string): Bytes {
    return this.count(name) as Bytes
  }

  text(name: string): string {
    const value = this.#values[name]
    if (typeof value === 'string') return value
    throw this.wrong(name, 'text')
  }

  /** Text, or a whole number as text: some arrays write the one for the other. */
  word(name: string): string {
    const value = this.#values[name]
    if (typeof value === 'string' || Number.isSafeInteger(value)) return String(value)
    throw this.wrong(name, 'text or a whole number')
  }

  matching(name: string, pattern: RegExp, kind: string): string {
    const value = this.#values[name]
    if (typeof value === 'string' && pattern.test(value)) return value
    throw this.wrong(name, kind)
  }

  flag(name: string): boolean {
    const value = this.#values[name]
    if (typeof value === 'boolean') return value
    throw this.wrong(name, 'true or false')
  }

  /** ISO 8601. */
  date(name: string): Date {
    const value = this.#values[name]
    const date = new Date(typeof value === 'string' ? value : Number.NaN)
    if (!Number.isNaN(date.getTime())) return date
    throw this.wrong(name, 'a date')
  }

  fields(name: string): Fields {
    return new Fields(this.#values[name], `${this.#at}.${name}`, this.#source)
  }

  /** Any object, as it is; empty when there is none. */
  object(name: string): Readonly<Record<string, unknown>> {
    const value = this.#values[name] ?? {}
    if (typeof value === 'object' && !Array.isArray(value)) return value as Readonly<Record<string, unknown>>
    throw this.wrong(name, 'an object')
  }

  list<T>(name: string, read: (item: Fields) => T): readonly T[] {
    return this.#items(name).map((item, index) => read(new Fields(item, `${this.#at}.${name}[${index}]`, this.#source)))
  }

  counts(name: string): readonly number[] {
    const items = this.#items(name)
    if (items.every((item) => Number.isSafeInteger(item))) return items as readonly number[]
    throw this.wrong(name, 'a list of whole numbers')
  }

  texts(name: string): readonly string[] {
    const items = this.#items(name)
    if (items.every((item) => typeof item === 'string')) return items
    throw this.wrong(name, 'a list of texts')
  }

  #items(name: string): readonly unknown[] {
    const value = this.#values[name]
    if (Array.isArray(value)) return value
    throw this.wrong(name, 'a list')
  }

  /** The fault of a member that is something else than `expected`. */
  wrong(name: string, expected: string): BackendError {
    return malformed(this.#source, `${this.#at}.${name}`, this.#values[name], expected)
  }
}

/** Tells what kind of value was found, never the value: it may be a secret. */
function malformed(source: string, at: string, value: unknown, expected: string): BackendError {
  return new BackendError(
    'MALFORMED',
    `Cannot use ${source}: ${at} is ${kindOf(value)}, where ${expected} belongs. Report this with the version of the array.`,
  )
}

function kindOf(value: unknown): string {
  if (value === undefined) return 'missing'
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  switch (typeof value) {
    case 'string':
      return value === '' ? 'empty' : 'text of another shape'
    case 'number':
      return 'another number'
    case 'boolean':
      return 'true or false'
    default:
      return 'an object'
  }
}
