/**
 * JSON for people's files: says on which line and column it breaks, on which line each key is, and which keys of one
 * object are the same. JSON.parse takes the last of two equal keys without a word, and tells places only in prose.
 */

export interface Json {
  readonly value: unknown
  readonly twins: readonly Twins[]
  /** The line of a key, by its JSON pointer in any case; undefined where the text has none there. */
  lineOf(pointer: string): number | undefined
}

/** Two keys of one object that are equal but perhaps for their case. */
export interface Twins {
  /** JSON pointer of the object. */
  readonly within: string
  readonly first: Key
  readonly second: Key
}

export interface Key {
  readonly name: string
  readonly line: number
}

/** Where the text stops being JSON. Lines and columns count from 1; columns are UTF-16 units. */
export class JsonFault extends Error {
  readonly line: number
  readonly column: number

  constructor(reason: string, line: number, column: number) {
    super(reason)
    this.name = 'JsonFault'
    this.line = line
    this.column = column
  }
}

/**
 * Parses as JSON.parse does, for every text.
 *
 * @throws JsonFault
 */
export function parseJson(text: string): Json {
  const scanner = new Scanner(text)
  const value = scanner.document()
  return { value, twins: scanner.twins, lineOf: (pointer) => scanner.lines.get(pointer.toLowerCase()) }
}

/** The JSON pointer of a key or index within `parent`. */
export function pointerTo(parent: string, key: string | number): string {
  return `${parent}/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`
}

const SPACE = /[ \t\n\r]*/y
/** Control characters, which come before the space, must be escaped. */
const STRING = /"[ !#-[\]-\uffff]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[ !#-[\]-\uffff]*)*"/y
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const WORD = /[A-Za-z]+/y
const WORDS: Readonly<Record<string, unknown>> = { true: true, false: false, null: null }

/** Deeper than any config, and far from the end of the stack. */
const DEEPEST = 200

class Scanner {
  readonly twins: Twins[] = []
  /** By pointer in lower case. */
  readonly lines = new Map<string, number>()
  readonly #text: string
  #at = 0
  #line = 1
  #lineStart = 0

  constructor(text: string) {
    this.#text = text
  }

  document(): unknown {
    const value = this.#value('', 0)
    this.#skipSpace()
    if (this.#at < this.#text.length) this.#unexpected('the end of the file')
    return value
  }

  #value(pointer: string, depth: number): unknown {
    if (depth > DEEPEST) this.#fail(`"{" and "[" are nested more than ${DEEPEST} deep`)
    const next = this.#peek()
    if (next === '{') return this.#object(pointer, depth)
    if (next === '[') return this.#array(pointer, depth)
    if (next === '"') return this.#string()
    const number = this.#take(NUMBER)
    if (number !== undefined) return Number(number)
    return this.#word()
  }

  #object(pointer: string, depth: number): unknown {
    const entries: [string, unknown][] = []
    const keys = new Map<string, Key>()
    this.#at++
    for (let more = this.#peek() !== '}'; more; more = this.#another('}')) {
      if (this.#peek() !== '"') this.#unexpected(`a key in double quotes${afterComma(entries)}`)
      const key: Key = { line: this.#line, name: this.#string() }
      const place = pointerTo(pointer, key.name)
      this.#note(pointer, place, keys, key)
      if (this.#peek() !== ':') this.#unexpected(`":" after the key ${JSON.stringify(key.name)}`)
      this.#at++
      entries.push([key.name, this.#value(place, depth + 1)])
    }
    this.#at++
    return Object.fromEntries(entries)
  }

  #note(within: string, place: string, keys: Map<string, Key>, key: Key): void {
    const lower = key.name.toLowerCase()
    const first = keys.get(lower)
    if (first) this.twins.push({ within, first, second: key })
    else keys.set(lower, key)
    this.lines.set(place.toLowerCase(), key.line)
  }

  #array(pointer: string, depth: number): unknown {
    const items: unknown[] = []
    this.#at++
    for (let more = this.#peek() !== ']'; more; more = this.#another(']')) {
      const place = pointerTo(pointer, items.length)
      if (this.#peek() === ']') this.#unexpected(`a value${afterComma(items)}`)
      this.lines.set(place.toLowerCase(), this.#line)
      items.push(this.#value(place, depth + 1))
    }
    this.#at++
    return items
  }

  /** True after a comma; false at the closing bracket. */
  #another(close: '}' | ']'): boolean {
    const next = this.#peek()
    if (next === close) return false
    if (next !== ',') this.#unexpected(`"," or "${close}"`)
    this.#at++
    return true
  }

  #string(): string {
    const literal = this.#take(STRING)
    if (literal === undefined)
      this.#fail('the text that begins here does not end on its line, or has a "\\" that is not doubled')
    return JSON.parse(literal)
  }

  #word(): unknown {
    const start = this.#at
    const word = this.#take(WORD)
    if (word !== undefined && Object.hasOwn(WORDS, word)) return WORDS[word]
    this.#at = start
    return this.#unexpected('a value: text in double quotes, a number, true, false, null, "{" or "["')
  }

  #take(token: RegExp): string | undefined {
    token.lastIndex = this.#at
    const found = token.exec(this.#text)?.[0]
    if (found !== undefined) this.#at += found.length
    return found
  }

  #peek(): string | undefined {
    this.#skipSpace()
    return this.#text[this.#at]
  }

  /** The only place that passes an end of line: JSON has none inside its other tokens. */
  #skipSpace(): void {
    const start = this.#at
    const space = this.#take(SPACE) ?? ''
    for (let end = space.indexOf('\n'); end >= 0; end = space.indexOf('\n', end + 1)) {
      this.#line++
      this.#lineStart = start + end + 1
    }
  }

  #unexpected(expected: string): never {
    return this.#fail(`expected ${expected}, found ${this.#found()}`)
  }

  #fail(reason: string): never {
    throw new JsonFault(reason, this.#line, this.#at - this.#lineStart + 1)
  }

  /** One character only: the text may hold secrets. */
  #found(): string {
    const code = this.#text.codePointAt(this.#at)
    if (code === undefined) return 'the end of the file'
    const char = String.fromCodePoint(code)
    if (char === '\n' || char === '\r') return 'the end of the line'
    const comment = char === '#' || (char === '/' && /[/*]/.test(this.#text[this.#at + 1] ?? ''))
    return `${JSON.stringify(char)}${comment ? ' (JSON has no comments)' : ''}`
  }
}

function afterComma(earlier: readonly unknown[]): string {
  return earlier.length > 0 ? ' after the "," (the last one takes no comma)' : ''
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
