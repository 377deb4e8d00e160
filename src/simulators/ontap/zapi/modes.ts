/** Modes of files: `---rwxr-xr-x` as `ls` has it, or octal digits. */

import { invalidValue } from './errors.ts'
import type { Input } from './input.ts'

/** @throws ApiFault */
export function modeOf(input: Input, name: string): number {
  const text = input.text(name)
  const mode = parseMode(text)
  if (mode === undefined) throw invalidValue(name, input.api, text)
  return mode
}

/** `---rwxr-xr-x` and `0755` are 0o755; the first three of twelve are set-uid, set-gid and sticky. */
export function parseMode(text: string): number | undefined {
  if (/^[0-7]{1,5}$/.test(text)) {
    const mode = Number.parseInt(text, 8)
    return mode <= MOST ? mode : undefined
  }
  if (!/^(?:[s-][g-][t-])?(?:[r-][w-][x-]){3}$/.test(text)) return undefined
  const bits = [...text].map((letter) => (letter === '-' ? '0' : '1')).join('')
  return Number.parseInt(bits, 2)
}

const MOST = 0o7777
