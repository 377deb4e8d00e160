/** Bytes: parse what people write, print what people read. */

import { RequestError } from './errors.ts'

/** A whole, non-negative number of bytes, exact (below 2^53). */
export type Bytes = number & { readonly [bytesBrand]: true }
declare const bytesBrand: unique symbol

export const KIB = 1024 as Bytes
export const MIB = (1024 * KIB) as Bytes
export const GIB = (1024 * MIB) as Bytes

/** Units by every suffix nDVP took, up to peta; decimal ones need their `b`. No suffix means GiB. */
const UNITS: ReadonlyMap<string, number> = new Map([
  ['', GIB],
  ['b', 1],
  ['bytes', 1],
  ...['k', 'm', 'g', 't', 'p'].flatMap((letter, index): readonly (readonly [string, number])[] => [
    [letter, 1024 ** (index + 1)],
    [`${letter}i`, 1024 ** (index + 1)],
    [`${letter}ib`, 1024 ** (index + 1)],
    [`${letter}b`, 1000 ** (index + 1)],
  ]),
])

/**
 * Reads `10`, `10g`, `512MiB`, `20gb` as nDVP 17 did: any case, whole numbers, no unit means GiB,
 * `k m g t p` with or without `i`/`ib` are powers of 1024, `kb mb gb tb pb` powers of 1000, `b`/`bytes` are bytes.
 *
 * Unlike nDVP, nothing overflows, turns negative or is guessed: `1e` (one exbibyte, or a number half typed?) is refused.
 *
 * @throws RequestError OPTION_INVALID, naming `setting`
 */
export function parseSize(text: string, setting = 'size'): Bytes {
  const refuse = (reason: string) =>
    new RequestError(
      'OPTION_INVALID',
      `Cannot read ${setting} ${JSON.stringify(text)}: ${reason}. Write a whole number and a unit, such as 10g (GiB), 512m (MiB) or 20gb (10^9 bytes); a bare number means GiB.`,
    )

  const match = /^(\d+)([a-z]*)$/.exec(text.trim().toLowerCase())
  if (!match)
    throw refuse(
      /^[-+]/.test(text.trim()) ? 'it must be positive and without a sign' : 'it is not a whole number with a unit',
    )

  const [, digits, unit] = match as unknown as [string, string, string]
  const factor = UNITS.get(unit)
  if (factor === undefined)
    throw refuse(
      /^[ezy]i?b?$/.test(unit) ? `the unit "${unit}" is larger than any volume` : `the unit "${unit}" is unknown`,
    )

  const bytes = Number(digits) * factor
  if (bytes === 0) throw refuse('it must be more than zero')
  if (!Number.isSafeInteger(bytes)) throw refuse('it is larger than any volume')
  return bytes as Bytes
}

/** `10 GiB`, `1.5 GiB`, `700 B`: at most one decimal, never rounded to a larger unit than it has reached. */
export function printSize(bytes: number): string {
  const names = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']
  const reached = names.findLastIndex((_, power) => bytes >= 1024 ** power)
  const index = Math.max(reached, 0)
  const value = bytes / 1024 ** index
  return `${Number.isInteger(value) ? value : (Math.floor(value * 10) / 10).toFixed(1)} ${names[index]}`
}

/** The next multiple of `step` that is not below `bytes`. */
export function roundUp(bytes: Bytes, step: number): Bytes {
  const over = bytes % step
  return (over === 0 ? bytes : bytes - over + step) as Bytes
}
