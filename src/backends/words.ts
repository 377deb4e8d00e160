/** An array's own words, as messages quote them. */

const MOST = 500

/** On one line, without control characters and the full stop, and not endless. Empty when the array said nothing. */
export function quotable(words: string): string {
  return words
    .slice(0, 2 * MOST)
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim()
    .replace(/\.$/, '')
    .slice(0, MOST)
}
