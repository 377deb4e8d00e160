/** Values nobody may read in a log, an answer or a stack: hidden in the program, struck from what leaves it. */

import { inspect } from 'node:util'

const HIDDEN = '***'

/**
 * A value that shows itself only when asked by name; every other way of printing it gives `***`.
 * Making one enters the value in the registry that `strike` reads, for the life of the process. So does the password
 * inside it when it is a URL.
 */
export class Secret {
  readonly #value: string

  constructor(value: string) {
    this.#value = value
    register(value)
    const password = passwordIn(value)
    if (password !== undefined) register(password)
  }

  reveal(): string {
    return this.#value
  }

  toString(): string {
    return HIDDEN
  }

  toJSON(): string {
    return HIDDEN
  }

  [inspect.custom](): string {
    return HIDDEN
  }
}

/** The password of `https://user:password@host`, decoded. */
function passwordIn(value: string): string | undefined {
  const password = URL.parse(value)?.password
  if (!password) return undefined
  try {
    return decodeURIComponent(password)
  } catch {
    return password
  }
}

/** A pattern for each value; longer values first, since one may contain another. */
let registered: readonly Registered[] = []

interface Registered {
  readonly value: string
  readonly pattern: RegExp
}

function register(value: string): void {
  if (value === '' || registered.some((secret) => secret.value === value)) return
  const pattern = new RegExp(waysToWrite(value).join('|'), 'gu')
  registered = [...registered, { value, pattern }].sort((a, b) => b.value.length - a.value.length)
}

/**
 * The text with every registered secret replaced by `***`, in whatever way it is spelled: as it is, percent-encoded,
 * base64 (also within a longer value, such as `user:password` of HTTP's basic authentication), or with the escapes of
 * JSON, Go, JavaScript or XML, nested or mixed.
 *
 * A secret of one to three characters is struck only as it is and where it stands alone, between characters that are
 * neither letters nor digits: struck everywhere, it would tear every line apart and so show itself.
 */
export function strike(text: string): string {
  return registered.reduce((rest, { pattern }) => rest.replace(pattern, HIDDEN), text)
}

const SHORT = 4

function waysToWrite(secret: string): readonly string[] {
  if ([...secret].length < SHORT) return [`(?<![\\p{L}\\p{N}])${[...secret].map(itself).join('')}(?![\\p{L}\\p{N}])`]
  return [spelled(secret), ...base64(Buffer.from(secret))]
}

/** A pattern in which each character may be itself or any escape for it. */
function spelled(secret: string): string {
  const runs = secret.match(/\\+|[^\\]/gu) ?? []
  return runs.map((run) => (run.startsWith('\\') ? backslashes(run.length) : character(run))).join('')
}

/** Text escaped four times over has 15 backslashes before a character. The limit keeps matching fast. */
const MOST_BACKSLASHES = 15

/** Escaping multiplies backslashes; a run is one pattern, again so that matching stays fast. */
function backslashes(count: number): string {
  return `(?:\\\\|%5[cC]|&#92;|&#[xX]5[cC];){${count},${count * (MOST_BACKSLASHES + 1)}}`
}

function character(char: string): string {
  if (/[A-Za-z0-9]/.test(char)) return char

  const units = Array.from({ length: char.length }, (_, index) => anyCase(char.charCodeAt(index).toString(16), 4))
  const code = char.codePointAt(0) ?? 0
  const escapes = [
    units.map((unit) => `u${unit}`).join(`\\\\{1,${MOST_BACKSLASHES}}`),
    `U${anyCase(code.toString(16), 8)}`,
    `u\\{${anyCase(code.toString(16), 1)}\\}`,
    ...(code < 0x100 ? [`x${anyCase(code.toString(16), 2)}`] : []),
    ...(LETTER_ESCAPES[char] ?? []),
  ]
  const entities = [`#0*${code}`, `#[xX]0*${anyCase(code.toString(16), 1)}`, ...(ENTITIES[char] ?? [])]
  const bytes = [...Buffer.from(char)].map((byte) => `%${anyCase(byte.toString(16), 2)}`)
  const ways = [
    `\\\\{0,${MOST_BACKSLASHES}}${itself(char)}`,
    `\\\\{1,${MOST_BACKSLASHES}}(?:${escapes.join('|')})`,
    `&(?:${entities.join('|')});`,
    bytes.join(''),
    ...(char === ' ' ? ['\\+'] : []),
  ]
  return `(?:${ways.join('|')})`
}

const LETTER_ESCAPES: Readonly<Record<string, readonly string[]>> = {
  '\0': ['0'],
  '\u0007': ['a'],
  '\b': ['b'],
  '\t': ['t'],
  '\n': ['n'],
  '\v': ['v'],
  '\f': ['f'],
  '\r': ['r'],
}

const ENTITIES: Readonly<Record<string, readonly string[]>> = {
  '&': ['amp'],
  '<': ['lt'],
  '>': ['gt'],
  '"': ['quot'],
  "'": ['apos'],
}

/** Exactly this character, none of them special. */
function itself(char: string): string {
  return `\\u{${char.codePointAt(0)?.toString(16)}}`
}

/** Hexadecimal digits, padded, each letter in either case. */
function anyCase(digits: string, width: number): string {
  return digits.padStart(width, '0').replace(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`)
}

const SIX_BITS = '[A-Za-z0-9+/_-]'

/**
 * Patterns for the bytes within base64, plain or URL-safe. Three bytes are four characters, so there are three ways
 * to lie; at either end a character may hold bits of a neighbour besides ours, and is struck whatever it is.
 */
function base64(bytes: Buffer): readonly string[] {
  return [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64')
    const bits = 8 * (before + bytes.length)
    const ours = text.slice(Math.ceil((8 * before) / 6), Math.floor(bits / 6))
    const head = before === 0 ? '' : SIX_BITS
    const tail = bits % 6 === 0 ? '' : `${SIX_BITS}(?:=|%3[dD]){0,2}`
    return head + [...ours].map((char) => BASE64_SPELLINGS[char] ?? char).join('') + tail
  })
}

const BASE64_SPELLINGS: Readonly<Record<string, string>> = {
  '+': '(?:[+-]|%2[bB])',
  '/': '(?:\\\\*/|_|%2[fF])',
}
