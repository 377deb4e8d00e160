/** Patterns in queries: `*` is anything, `|` or, `!` not, `<` `>` `..` compare, quotes keep what is between as it is. */

/** Exactly this value. */
export function exactly(value: string): string {
  return literal(value)
}

export function beginningWith(prefix: string): string {
  return `${literal(prefix)}*`
}

export function endingWith(suffix: string): string {
  return `*${literal(suffix)}`
}

/** True for what a query cannot ask for exactly, so that the answer may have more than was meant. */
function literal(value: string): string {
  if (!SPECIAL.test(value)) return value
  return value.includes('"') ? value.replace(/[*|!<>"]|\.\.+/g, '*') : `"${value}"`
}

const SPECIAL = /[*|!<>"\s]|\.\.|^-?$/
