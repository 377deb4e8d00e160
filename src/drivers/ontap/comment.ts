/** The comment of a volume on the array: JSON in which this plugin has one entry, its mark, beside those of others. */

export type Entries = Readonly<Record<string, unknown>>

/** Our entry's name. */
export const MARK = 'netappdvp'

/** Characters. @see ONTAP, volume modify, comment */
const LONGEST = 1023

/** What is in it, by programs' names; undefined where somebody wrote in words, or nothing. */
export function entriesOf(comment: string): Entries | undefined {
  if (!comment.trimStart().startsWith('{')) return undefined
  try {
    return objectOf(JSON.parse(comment))
  } catch {
    return undefined
  }
}

export function markOf(comment: string): Entries | undefined {
  return objectOf(entriesOf(comment)?.[MARK])
}

/** The same comment with the mark changed, the rest as it was; what is undefined is left out. */
export function withMark(comment: string, change: Entries): string {
  return JSON.stringify({ ...entriesOf(comment), [MARK]: { ...markOf(comment), ...change } })
}

export function fits(comment: string): boolean {
  return comment.length <= LONGEST
}

function objectOf(value: unknown): Entries | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Entries) : undefined
}
