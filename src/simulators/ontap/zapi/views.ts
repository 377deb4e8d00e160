/** Values as the array writes them into its answers. */

export type Scalar = string | number | boolean

/** Elements by name, each in its place in the alphabet. A list is the same element as often; undefined is none. */
export interface View {
  readonly [element: string]: Value | readonly Value[] | undefined
}

export type Value = Scalar | View

/** `<a>1</a><b><c>x</c><c>y</c></b>` for `{a: 1, b: {c: ['x', 'y']}}`. */
export function written(view: View): string {
  return Object.keys(view)
    .sort()
    .map((name) => elements(name, view[name]))
    .join('')
}

/** What `written` gives back, but for characters that XML cannot have, which arrays send all the same. */
export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? character)
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
}

function elements(name: string, value: Value | readonly Value[] | undefined): string {
  if (value === undefined) return ''
  if (isList(value)) return value.map((one) => element(name, one)).join('')
  return element(name, value)
}

function element(name: string, value: Value): string {
  const content = typeof value === 'object' ? written(value) : escaped(String(value))
  return content === '' ? `<${name}/>` : `<${name}>${content}</${name}>`
}

function isList(value: Value | readonly Value[] | undefined): value is readonly Value[] {
  return Array.isArray(value)
}
