/** One log line as text, in nDVP's format, or as JSON. */

import { strike } from '../secret.ts'
import { plain } from './log-values.ts'

export type Level = 'debug' | 'info' | 'warn' | 'error' | 'fatal'

export interface LogRecord {
  readonly time: Date
  readonly level: Level
  readonly message: string
  readonly fields: Readonly<Record<string, unknown>>
}

export type LineFormat = (record: LogRecord) => string

const MESSAGE_WIDTH = 44

/**
 * nDVP 17's line, without its end:
 *   INFO[2026-11-22T14:03:07+01:00] Mounted.                                      id=mount-41 ms=840 volume=db1
 *
 * Keys are sorted. Text is quoted as in Go unless it is made of letters, digits, `.` and `-` only. A message is not
 * quoted; its control characters are escaped, so that one record stays one line.
 */
export const textLine: LineFormat = ({ time, level, message, fields }) => {
  const head = `${level.slice(0, 4).toUpperCase()}[${rfc3339(time)}] ${pad(escapeControls(message))} `
  const pairs = Object.keys(fields)
    .sort()
    .map((key) => [key, plain(fields[key])] as const)
    .filter(([, value]) => value !== undefined)
  return head + pairs.map(([key, value]) => ` ${escapeControls(key)}=${textValue(value)}`).join('')
}

/** One JSON object; a field named as one of the first three keys becomes `fields.<name>`. */
export const jsonLine: LineFormat = ({ time, level, message, fields }) => {
  const own = { time: time.toISOString(), level, message }
  const others = Object.entries(fields).map(([key, value]) => [key in own ? `fields.${key}` : key, plain(value)])
  return JSON.stringify({ ...own, ...Object.fromEntries(others) }, struck)
}

/** Secrets go before escaping, so that what is left of a value is whole. */
function struck(_key: string, value: unknown): unknown {
  return typeof value === 'string' ? strike(value) : value
}

/** Local time with its offset, to the second. */
function rfc3339(time: Date): string {
  const offset = -time.getTimezoneOffset()
  const local = new Date(time.getTime() + offset * 60_000).toISOString().slice(0, 19)
  if (offset === 0) return `${local}Z`
  const minutes = Math.abs(offset)
  return `${local}${offset < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`
}

function two(number: number): string {
  return String(number).padStart(2, '0')
}

/** By characters rather than UTF-16 units. */
function pad(message: string): string {
  return message + ' '.repeat(Math.max(0, MESSAGE_WIDTH - [...message].length))
}

function textValue(value: unknown): string {
  if (typeof value !== 'string') return JSON.stringify(value)
  return /^[A-Za-z0-9.-]*$/.test(value) ? value : goQuoted(value)
}

/** As Go's `%q`: backslash escapes for `"`, `\` and whatever does not print. */
function goQuoted(text: string): string {
  return `"${escapeControls(text.replace(/["\\]/g, '\\$&'))}"`
}

/** Letters, marks, numbers, punctuation, symbols and the space print; the rest is escaped. */
const UNPRINTABLE = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu

function escapeControls(text: string): string {
  return text.replace(UNPRINTABLE, (char) => {
    const code = char.codePointAt(0) ?? 0
    const hex = code.toString(16)
    if (code < 0x80) return SHORT_ESCAPES[char] ?? `\\x${hex.padStart(2, '0')}`
    return code < 0x1_0000 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`
  })
}

const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  '\u0007': '\\a',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\v': '\\v',
  '\f': '\\f',
  '\r': '\\r',
}
