/** What an iterator's query says of one field. */

import { sizeOf } from './sizes.ts'
import type { Scalar } from './views.ts'

/** Whether the values of a field, none to many, are what was asked for. */
export type Pattern = (values: readonly Scalar[]) => boolean

/**
 * `*` is any number of characters, `|` parts alternatives, `!` before one negates it, `<` `>` `<=` `>=` and `a..b`
 * compare numbers, `-` is a field without a value. What stands in double quotes means itself.
 */
export function patternOf(text: string): Pattern {
  const alternatives = splitUnquoted(text).map(alternativeOf)
  return (values) => alternatives.some((matches) => matches(values))
}

function alternativeOf(text: string): Pattern {
  if (text.startsWith('!')) {
    const matches = alternativeOf(text.slice(1))
    return (values) => !matches(values)
  }
  if (text === '-') return (values) => values.length === 0 || values.every((value) => value === '' || value === '-')
  const matches = comparisonOf(text) ?? wildcardOf(text)
  return (values) => values.some(matches)
}

function comparisonOf(text: string): ((value: Scalar) => boolean) | undefined {
  const [, sign, limit = ''] = /^(<=|>=|<|>)(.+)$/.exec(text) ?? []
  if (sign !== undefined) {
    const bound = sizeOf(limit)
    return bound === undefined ? undefined : (value) => holds(sign, Number(value), bound)
  }
  const [, low = '', high = ''] = /^([^."]+)\.\.([^."]+)$/.exec(text) ?? []
  const [from, to] = [sizeOf(low), sizeOf(high)]
  if (from === undefined || to === undefined) return undefined
  return (value) => Number(value) >= from && Number(value) <= to
}

function holds(sign: string, value: number, bound: number): boolean {
  if (sign.endsWith('=') && value === bound) return true
  return sign.startsWith('<') ? value < bound : value > bound
}

function wildcardOf(text: string): (value: Scalar) => boolean {
  const parts = text.split(/("[^"]*"|\*)/)
  const source = parts.map((part) => (part === '*' ? '[\\s\\S]*' : literal(unquoted(part)))).join('')
  const whole = new RegExp(`^${source}$`)
  const size = sizeOf(text)
  return (value) => {
    if (typeof value === 'boolean') return String(value) === text.toLowerCase()
    return whole.test(String(value)) || (typeof value === 'number' && value === size)
  }
}

function splitUnquoted(text: string): readonly string[] {
  return text.match(/(?:"[^"]*"|[^|])+/g) ?? ['']
}

function unquoted(part: string): string {
  return /^".*"$/s.test(part) ? part.slice(1, -1) : part
}

function literal(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')
}
