/** Modes of files as the API writes them: an integer whose decimal digits are meant as octal ones. */

import type { Body } from '../body.ts'
import { badValue } from '../errors.ts'

/** `755` for 0o755. */
export function digitsOf(mode: number): number {
  return Number(mode.toString(8))
}

/** @throws RestError 262197 */
export function modeIn(body: Body, path: string): number | undefined {
  const text = body.text(path)
  if (text === undefined) return undefined
  if (/^[0-7]{1,4}$/.test(text)) return Number.parseInt(text, 8)
  throw badValue(path, text, 'integer')
}
