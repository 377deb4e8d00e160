/** XML as ONTAPI writes and wants it: elements and text, hardly an attribute. */

/** What stands in an element; several of the same name are a list. Nothing is written for `undefined`. */
export interface Input {
  readonly [element: string]: InputValue
}

type InputValue = string | number | boolean | undefined | Input | readonly (string | Input)[]

/** `{ volume: 'v', size: 5 }` is `<volume>v</volume><size>5</size>`. */
export function writeXml(input: Input): string {
  return Object.entries(input).map(writeElements).join('')
}

function writeElements([name, value]: readonly [string, InputValue]): string {
  if (value === undefined) return ''
  if (isList(value)) return value.map((item) => writeElements([name, item])).join('')
  const content = typeof value === 'object' ? writeXml(value) : escapeXml(String(value))
  return content === '' ? `<${name}/>` : `<${name}>${content}</${name}>`
}

function isList(value: InputValue): value is readonly (string | Input)[] {
  return Array.isArray(value)
}

/** For text and for values of attributes. What no XML may hold is left out. */
export function escapeXml(text: string): string {
  return withoutControls(text).replace(/[&<>"'\r]/g, (character) => ESCAPES[character] ?? character)
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  '\r': '&#13;',
}

/** The five entities XML has of its own, and characters by number. Any other stays as it is. */
export function unescapeXml(text: string): string {
  if (!text.includes('&')) return text
  return text.replace(/&(?:(amp|lt|gt|quot|apos)|#(\d{1,7})|#x([0-9a-f]{1,6}));/gi, (whole, name, decimal, hex) => {
    if (name !== undefined) return NAMED[name] ?? whole
    const code = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal)
    return code <= LAST_CHARACTER ? withoutControls(String.fromCodePoint(code)) : ''
  })
}

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }
const LAST_CHARACTER = 0x10ffff

/** Arrays put terminal control characters into what they quote of their command line, which is no XML then. */
export function withoutControls(text: string): string {
  return text.replace(/[^\P{Cc}\t\n\r]/gu, '')
}
