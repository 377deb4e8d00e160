/**
 * Reading an answer of ONTAPI element by element: each is there and of its kind, or the answer is MALFORMED.
 *
 * All values are text, and the array leaves out, leaves empty, or writes `-` for what it has no value for.
 */

import { BackendError } from '../../../errors.ts'
import type { Bytes } from '../../../units.ts'
import { unescapeXml } from './xml.ts'

/** What the parser makes of an element: text, or its children and attributes by name, those of a name in a list. */
export type Parsed = string | { readonly [name: string]: Parsed } | readonly Parsed[]

/** Before the names of attributes; no element's name begins like this. */
export const ATTRIBUTE = '@'
export const TEXT = '#text'

export class XmlFields {
  readonly #element: Parsed
  readonly #at: string
  readonly #source: string

  /** @param at where in the answer: `results`. @param source `the answer of 10.0.0.5:443 to volume-get-iter` */
  constructor(element: Parsed, at: string, source: string) {
    this.#element = element
    this.#at = at
    this.#source = source
  }

  attribute(name: string): string | undefined {
    const value = childOf(this.#element, `${ATTRIBUTE}${name}`)
    return typeof value === 'string' ? unescapeXml(value) : undefined
  }

  /** True when there is such an element, and it has a value. */
  has(name: string): boolean {
    return this.optionalText(name) !== undefined || typeof this.#one(name) === 'object'
  }

  /** May be empty. */
  text(name: string): string {
    const text = textOf(this.#one(name))
    if (text !== undefined) return text
    throw this.wrong(name, 'text')
  }

  optionalText(name: string): string | undefined {
    const text = textOf(this.#one(name))
    return text === '' || text === NO_VALUE ? undefined : text
  }

  /** A whole number that is not negative. */
  count(name: string): number {
    const count = this.optionalCount(name)
    if (count !== undefined) return count
    throw this.wrong(name, 'a whole number')
  }

  optionalCount(name: string): number | undefined {
    const text = this.optionalText(name)?.trim()
    if (text === undefined) return undefined
    const count = /^\d+$/.test(text) ? Number(text) : Number.NaN
    if (Number.isSafeInteger(count)) return count
    throw this.wrong(name, 'a whole number')
  }

  optionalBytes(name: string): Bytes | undefined {
    return this.optionalCount(name) as Bytes | undefined
  }

  optionalFlag(name: string): boolean | undefined {
    const text = this.optionalText(name)?.trim().toLowerCase()
    if (text === undefined) return undefined
    if (text === 'true' || text === 'false') return text === 'true'
    throw this.wrong(name, 'true or false')
  }

  /** Seconds since 1970. */
  optionalDate(name: string): Date | undefined {
    const seconds = this.optionalCount(name)
    return seconds === undefined ? undefined : new Date(seconds * 1000)
  }

  /** The elements within; none when there is no such element. */
  fields(name: string): XmlFields {
    const element = this.#one(name)
    return new XmlFields(typeof element === 'object' ? element : '', `${this.#at}.${name}`, this.#source)
  }

  /** Elements called `item` within the one called `name`; none is an answer. */
  list(name: string, item: string): readonly XmlFields[] {
    return all(childOf(this.#one(name), item)).map(
      (element, index) => new XmlFields(element, `${this.#at}.${name}.${item}[${index}]`, this.#source),
    )
  }

  /** Texts of the elements called `item` within the one called `name`. */
  texts(name: string, item: string): readonly string[] {
    return all(childOf(this.#one(name), item)).map((element) => textOf(element) ?? '')
  }

  /** The fault of an element that is something else than `expected`. Tells what kind of value was found, never the value. */
  wrong(name: string, expected: string): BackendError {
    return new BackendError(
      'MALFORMED',
      `Cannot use ${this.#source}: ${this.#at}.${name} is ${kindOf(this.#one(name))}, where ${expected} belongs. Report this with the version of the array.`,
    )
  }

  #one(name: string): Parsed | undefined {
    return all(childOf(this.#element, name))[0]
  }
}

type Known<T> = { readonly [K in keyof T]?: Exclude<T[K], undefined> }

/** Without the members that are undefined. */
export function known<T extends object>(members: T): Known<T> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Known<T>
}

const NO_VALUE = '-'

function childOf(element: Parsed | undefined, name: string): Parsed | undefined {
  if (typeof element !== 'object' || !Object.hasOwn(element, name)) return undefined
  return (element as { readonly [name: string]: Parsed })[name]
}

function all(element: Parsed | undefined): readonly Parsed[] {
  if (element === undefined) return []
  return Array.isArray(element) ? (element as readonly Parsed[]) : [element]
}

function textOf(element: Parsed | undefined): string | undefined {
  const text = typeof element === 'object' ? childOf(element, TEXT) : element
  return typeof text === 'string' && !hasElements(element) ? unescapeXml(text) : undefined
}

function hasElements(element: Parsed | undefined): boolean {
  return (
    typeof element === 'object' && Object.keys(element).some((name) => !name.startsWith(ATTRIBUTE) && name !== TEXT)
  )
}

function kindOf(element: Parsed | undefined): string {
  if (element === undefined) return 'missing'
  if (typeof element === 'object') return 'an element with others in it'
  return element === '' ? 'empty' : 'text of another shape'
}
