/** Bodies of requests, read by dotted paths. What was never asked for is what the array does not know. */

import { badJson, badValue, missing, RestError, unexpected } from './errors.ts'

export class Body {
  readonly #values = new Map<string, unknown>()
  readonly #known = new Set<string>()

  /** @throws RestError 262199 */
  constructor(text: string) {
    if (text.trim() === '') return
    let value: unknown
    try {
      value = JSON.parse(text)
    } catch {
      throw badJson()
    }
    if (!isObject(value)) throw badJson()
    this.#fill('', value)
  }

  get isEmpty(): boolean {
    return this.#values.size === 0
  }

  has(path: string): boolean {
    this.#known.add(path)
    return this.#values.get(path) !== undefined
  }

  /** @throws RestError 262197 */
  text(path: string): string | undefined {
    const value = this.#take(path)
    if (value === undefined || typeof value === 'string') return value
    if (typeof value === 'number' || typeof value === 'boolean') return String(value)
    throw badValue(path, JSON.stringify(value), 'text')
  }

  /** @throws RestError 262177 | 262197 */
  neededText(path: string): string {
    const value = this.text(path)
    if (value === undefined) throw missing(path)
    return value
  }

  /** @throws RestError 262197 */
  number(path: string): number | undefined {
    const value = this.#take(path)
    if (value === undefined) return undefined
    const number = typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value
    if (typeof number === 'number' && Number.isInteger(number)) return number
    throw badValue(path, JSON.stringify(value), 'integer')
  }

  /** Bytes, as a number or as `300G`. @throws RestError 262197 */
  size(path: string): number | undefined {
    const value = this.#take(path)
    if (value === undefined) return undefined
    const [, digits, unit = ''] = /^(-?\d+)([KMGTP]?)B?$/i.exec(String(value)) ?? []
    if (digits === undefined) throw badValue(path, JSON.stringify(value), 'size')
    return Number(digits) * 1024 ** ' KMGTP'.indexOf(unit.toUpperCase() || ' ')
  }

  /** @throws RestError 262197 */
  flag(path: string): boolean | undefined {
    const value = this.#take(path)
    if (value === undefined || typeof value === 'boolean') return value
    if (value === 'true' || value === 'false') return value === 'true'
    throw badValue(path, JSON.stringify(value), 'true|false')
  }

  /** @throws RestError 262197 */
  oneOf<T extends string>(path: string, values: readonly T[]): T | undefined {
    const value = this.text(path)
    if (value === undefined) return undefined
    const found = values.find((known) => known === value.toLowerCase())
    if (found !== undefined) return found
    throw badValue(path, value, values.join('|'))
  }

  /** @throws RestError 262197 */
  texts(path: string): readonly string[] | undefined {
    const value = this.#take(path)
    if (value === undefined) return undefined
    if (Array.isArray(value) && value.every((part) => typeof part === 'string')) return value
    throw badValue(path, JSON.stringify(value), 'list of text')
  }

  /** Items of a list, each as a body. @throws RestError 262197 */
  items(path: string): readonly Body[] | undefined {
    const value = this.#take(path)
    if (value === undefined) return undefined
    if (!Array.isArray(value) || !value.every(isObject)) throw badValue(path, JSON.stringify(value), 'list')
    return value.map((item) => {
      const body = new Body('')
      body.#fill('', item)
      return body
    })
  }

  /** Of each `{name}` or `{uuid}` in a list. */
  namesIn(path: string): readonly { readonly name?: string | undefined; readonly uuid?: string | undefined }[] {
    return (this.items(path) ?? []).map((item) => ({ name: item.text('name'), uuid: item.text('uuid') }))
  }

  /** The same body, its fields called otherwise. */
  renamed(rename: (path: string) => string): Body {
    const body = new Body('')
    for (const [path, value] of this.#values) body.#values.set(rename(path), value)
    return body
  }

  /** @throws RestError 262179 for what nobody asked about */
  checkNothingElse(): void {
    for (const path of this.#values.keys()) {
      if (!this.#known.has(path)) throw unexpected(path)
    }
  }

  /** @throws RestError 262198 */
  checkEmpty(): void {
    if (!this.isEmpty) throw new RestError(400, 262_198, 'A body is not allowed for this request.')
  }

  #take(path: string): unknown {
    this.#known.add(path)
    const value = this.#values.get(path)
    return value === null ? undefined : value
  }

  /** Empty objects are as if they were not there. */
  #fill(prefix: string, value: Readonly<Record<string, unknown>>): void {
    for (const [name, part] of Object.entries(value)) {
      const path = `${prefix}${name}`
      if (name === '_links') continue
      if (isObject(part)) this.#fill(`${path}.`, part)
      else this.#values.set(path, part)
    }
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
