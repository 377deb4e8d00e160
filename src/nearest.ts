/** Did you mean …? */

/**
 * The known word closest to what was written, or undefined when none is close enough to be meant.
 * Case, `_`, `-` and `.` do not count; a swap of neighbours is one slip, and three letters may hold one slip.
 */
export function suggest(written: string, known: Iterable<string>): string | undefined {
  const plain = plainOf(written)
  let best: { readonly word: string; readonly slips: number } | undefined
  for (const word of known) {
    const slips = distance(plain, plainOf(word))
    if (slips < (best?.slips ?? Math.floor(Math.max(plain.length, 3) / 3) + 1)) best = { word, slips }
  }
  return best?.word
}

const LONGEST = 100

function plainOf(word: string): string {
  return word.slice(0, LONGEST).toLowerCase().replace(/[_.-]/g, '')
}

/** Insertions, removals, replacements and swaps of neighbours that make one word of the other. */
function distance(a: string, b: string): number {
  let beforeLast: readonly number[] = []
  let last: readonly number[] = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = last[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      const swapped = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? (beforeLast[j - 2] ?? Infinity) + 1 : Infinity
      row.push(Math.min(last[j]! + 1, row[j - 1]! + 1, replaced, swapped))
    }
    beforeLast = last
    last = row
  }
  return last[b.length]!
}
