/** Flags as Go's `flag` package took them, which nDVP's users and units still write, to the one form yargs reads. */

import { UsageError } from './usage-error.ts'

export type FlagKind = 'boolean' | 'text'

/**
 * One or two dashes, `=` or a space: `-config x`, `--config=x` and so on all become `--config=x`; `-debug` becomes
 * `--debug=true`. A value may begin with a dash. Only flags in `known` are touched, and nothing after `--`.
 *
 * @throws UsageError in Go's words: a value is missing, or is no boolean
 */
export function goFlags(argv: readonly string[], known: ReadonlyMap<string, FlagKind>): readonly string[] {
  const normal: string[] = []
  const rest = [...argv]
  for (let argument = rest.shift(); argument !== undefined; argument = rest.shift()) {
    if (argument === '--') return [...normal, argument, ...rest]
    const { name, value } = parse(argument)
    const kind = name === undefined ? undefined : known.get(name)
    if (kind === undefined) normal.push(argument)
    else if (kind === 'boolean') normal.push(`--${name}=${readBoolean(name, value ?? 'true')}`)
    else normal.push(`--${name}=${value ?? rest.shift() ?? missing(name)}`)
  }
  return normal
}

const FLAG = /^--?([A-Za-z][A-Za-z0-9-]*)(?:=(.*))?$/s

function parse(argument: string): { readonly name?: string | undefined; readonly value?: string | undefined } {
  const [, name, value] = FLAG.exec(argument) ?? []
  return { name, value }
}

/** Go's strconv.ParseBool. */
const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ...['1', 't', 'T', 'TRUE', 'true', 'True'].map((text) => [text, true] as const),
  ...['0', 'f', 'F', 'FALSE', 'false', 'False'].map((text) => [text, false] as const),
])

function readBoolean(name: string | undefined, text: string): boolean {
  const value = BOOLEANS.get(text)
  if (value === undefined) throw new UsageError(`invalid boolean value ${JSON.stringify(text)} for -${name}`)
  return value
}

function missing(name: string | undefined): never {
  throw new UsageError(`flag needs an argument: -${name}`)
}
