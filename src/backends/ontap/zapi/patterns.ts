/** Patterns in queries: `*` is anything, `|` or, `!` not, `<` `>` `..` compare, quotes keep what is between as it is. */

/** This value, and where a query cannot say it as it is, whatever looks like it: the answer may have more than was meant. */
export function exactly(value: string): string {
  if (!SPECIAL.test(value)) return value
  return value.includes('"') ? value.replace(/[*|!<>"]|\.\.+/g, '*') : `"${value}"`
}

const SPECIAL = /[*|!<>"\s]|\.\.|^-?$/

export function beginningWith(prefix: string): string {
  return `${exactly(prefix)}*`
}

export function endingWith(suffix: string): string {
  return `*${exactly(suffix)}`
}
