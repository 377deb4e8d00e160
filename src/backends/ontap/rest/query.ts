/** The part of a REST address behind the `?`. */

export type Query = Readonly<Record<string, string | number | boolean>>

/** Begins with `?`; empty for no query. */
export function written(query: Query): string {
  const parts = Object.entries(query).map(([name, value]) => `${name}=${encoded(String(value))}`)
  return parts.length === 0 ? '' : `?${parts.join('&')}`
}

/** Lists of fields stay readable. */
function encoded(value: string): string {
  return encodeURIComponent(value).replaceAll('%2C', ',')
}

/**
 * A filter for exactly this value. Unquoted, `*` `|` `!` `<` `>` `..` and some words mean something else.
 *
 * @see docs.netapp.com, ONTAP REST API: "query operators"
 */
export function exactly(value: string): string {
  return /^[A-Za-z0-9_/:@-]+(?:\.[A-Za-z0-9_/:@-]+)*$/.test(value) && value !== 'null'
    ? value
    : `"${value.replace(/[\\"]/g, '\\$&')}"`
}

/** A filter for values that begin so. */
export function beginningWith(prefix: string): string {
  return `${prefix.replace(/[\\"*|!<>{},]|\.(?=\.)/g, '\\$&')}*`
}
