/** Operators of query values: `*`, `|`, `!`, `<`, `>`, `<=`, `>=`, `a..b`, `null`; quotes and backslashes make literals. */

export type Match = (value: unknown) => boolean

/** @returns undefined when a number or truth value was asked for that is none */
export function parseMatch(text: string, type: 'text' | 'number' | 'flag'): Match | undefined {
  const parts = alternatives(text).map((part) => parseOne(part, type))
  if (parts.some((part) => part === undefined)) return undefined
  return (value) => parts.some((part) => part!(value))
}

/** Splits at `|` that is neither quoted nor escaped. */
function alternatives(text: string): readonly string[] {
  const parts = ['']
  let quoted = false
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index]!
    if (character === '"') quoted = !quoted
    if (character === '\\') {
      parts.push(`${parts.pop()}${character}${text[index + 1] ?? ''}`)
      index += 1
    } else if (character === '|' && !quoted) parts.push('')
    else parts.push(`${parts.pop()}${character}`)
  }
  return parts
}

function parseOne(text: string, type: 'text' | 'number' | 'flag'): Match | undefined {
  if (text === 'null') return (value) => value === undefined
  if (text === '!null') return (value) => value !== undefined
  if (text.startsWith('!')) {
    const match = parseOne(text.slice(1), type)
    return match && ((value) => !match(value))
  }
  const [, operator, bound] = /^(<=|>=|<|>)(.*)$/s.exec(text) ?? []
  if (operator !== undefined) return comparison(operator, bound!, type)
  const [, low, high] = /^([^.]+(?:\.[^.]+)*)\.\.(.+)$/s.exec(text) ?? []
  if (low !== undefined && type === 'number') return range(low, high!, type)
  if (type === 'flag')
    return /^(?:true|false)$/i.test(text) ? (value) => String(value) === text.toLowerCase() : undefined
  if (type === 'number') return numberMatch(text)
  return textMatch(text)
}

function comparison(operator: string, bound: string, type: string): Match | undefined {
  const limit = comparable(literal(bound))
  if (type === 'number' && typeof limit !== 'number') return undefined
  const holds = (difference: number) =>
    operator === '<'
      ? difference < 0
      : operator === '>'
        ? difference > 0
        : operator === '<='
          ? difference <= 0
          : difference >= 0
  return (value) => value !== undefined && holds(difference(comparable(String(value)), limit))
}

function range(low: string, high: string, type: string): Match | undefined {
  const [from, to] = [comparison('>=', low, type), comparison('<=', high, type)]
  return from && to && ((value) => from(value) && to(value))
}

function numberMatch(text: string): Match | undefined {
  if (text === '*') return (value) => value !== undefined
  const number = Number(literal(text))
  return Number.isNaN(number) || text === '' ? undefined : (value) => value === number
}

/** Wildcards only where they are neither quoted nor escaped. */
function textMatch(text: string): Match {
  const pattern = [...text.matchAll(/\\(.)|"([^"]*)"|([^\\"])/gs)]
    .map(([, escaped, quoted, plain]) => (plain === '*' ? '.*' : asPattern(escaped ?? quoted ?? plain ?? '')))
    .join('')
  const whole = new RegExp(`^${pattern}$`, 's')
  return (value) => value !== undefined && whole.test(String(value))
}

function asPattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
}

function literal(text: string): string {
  return text.replace(/\\(.)|"/gs, '$1')
}

/** Numbers as numbers, times as times. */
function comparable(text: string): number | string {
  if (/^-?\d+(?:\.\d+)?$/.test(text)) return Number(text)
  const time = /^\d{4}-\d\d-\d\dT/.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(time) ? text : time
}

function difference(a: number | string, b: number | string): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  return String(a) < String(b) ? -1 : String(a) > String(b) ? 1 : 0
}
