/** What a schema found wrong with a value, in a shape of our own: the same from ajv and from generated validators. */

import type { ErrorObject } from 'ajv'

export interface Fault {
  /** Where in the value, as a JSON pointer: `/defaults/size`. Empty for the whole. */
  readonly path: string
  /** The rule of JSON Schema that was broken: `type`, `enum`, `required` … */
  readonly keyword: string
  /** What the rule asks for, as ajv tells it: `{ missingProperty: 'version' }`. */
  readonly params: Readonly<Record<string, unknown>>
  readonly message: string
}

/** Each fault once, in the order of their places. */
export function faultsOf(errors: readonly ErrorObject[] | null | undefined): readonly Fault[] {
  const faults = (errors ?? []).map(({ instancePath, keyword, params, message }) => ({
    path: instancePath,
    keyword,
    params,
    message: message ?? keyword,
  }))
  const unique = new Map(faults.map((fault) => [JSON.stringify(fault), fault]))
  return [...unique.values()].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))
}
