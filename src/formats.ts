/** The `format`s our schemas use. Generated validators import this file too, so it imports nothing of ajv. */

import { parseSize } from './units.ts'

export const formats = {
  /** As units.ts reads it: `10g`. */
  size(text: string): boolean {
    try {
      parseSize(text)
      return true
    } catch {
      return false
    }
  },

  /** `80`, `80%`, `12.5%`; above 100 where more than all may be promised. */
  percent: /^\d{1,6}(?:\.\d{1,6})?%?$/,

  /** Absolute, and without a NUL, which the system cannot take. */
  path: /^\/[^\0]*$/,
} as const
