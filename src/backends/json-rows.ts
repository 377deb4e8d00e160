/**
 * Reads JSON whose bulk is one long list, some rows at a time, and lets everything else go on in between.
 *
 * JSON.parse of 10,000 volumes (14 MB) takes some 60 ms in which no request is answered. It is also all that is fast: the
 * daemon keeps V8 from optimising (daemon/settle-memory.ts), and a look at each byte would take seconds. So the places to
 * cut at are looked for with indexOf, and JSON.parse itself says whether a cut was right: text that begins with a row and
 * is a list of JSON when put in brackets ends with a row.
 */

import { Slices } from '../slices.ts'

/**
 * Rows are the objects within a list that is a member of a member of the value, `{"result":{"volumes":[{…},{…}]}}`, or
 * of the value itself, `{"records":[{…},{…}]}`. White space is fine where it is the same between all rows.
 *
 * @param take gets each row and its number; what it throws ends the reading
 * @returns the value with 0 in place of each row
 * @throws SyntaxError when it is not JSON
 */
export async function readRows(
  json: Buffer,
  take: (row: unknown, index: number) => void,
  lists: Lists = 'of a member',
): Promise<unknown> {
  const reader = new RowReader(take, lists)
  const list = json.length > CHUNK ? longListOf(json, lists) : undefined
  if (!list) return reader.readAtOnce(json)

  let position = list.begin
  const slices = new Slices()
  while (json.length - position > CHUNK) {
    const chunk = rowsFrom(json, position, list.between)
    if (!chunk) return reader.readAtOnce(json)
    reader.takeAll(chunk.rows)
    position = chunk.end + ','.length
    if (slices.isOver) await slices.next()
  }
  const last = lastRowsFrom(json, position)
  if (!last) return reader.readAtOnce(json)
  reader.takeAll(last.rows)
  const zeros = new Array(reader.count).fill(0).join(',')
  return JSON.parse(json.toString('utf8', 0, list.begin) + zeros + json.toString('utf8', last.end))
}

/** Which lists hold rows. */
export type Lists = 'of the value' | 'of a member'

/** Bytes that are parsed at a time: about a millisecond's worth. */
const CHUNK = 128 * 1024

/** Text within a row may look like its end; a list that does so more often is read at once. */
const MOST_TRIES = 64

class RowReader {
  readonly #take: (row: unknown, index: number) => void
  readonly #lists: Lists
  count = 0

  constructor(take: (row: unknown, index: number) => void, lists: Lists) {
    this.#take = take
    this.#lists = lists
  }

  takeAll(rows: readonly unknown[]): void {
    for (const row of rows) this.#take(row, this.count++)
  }

  /** Those that were taken before a cut could not be found are not taken again: their order is the same. */
  readAtOnce(json: Buffer): unknown {
    const value: unknown = JSON.parse(json.toString('utf8'))
    const rows: unknown[] = []
    const owners = this.#lists === 'of the value' ? [value] : membersOf(value)
    for (const list of owners.flatMap(membersOf).filter((inner) => Array.isArray(inner))) {
      list.forEach((item, index) => {
        if (!isObject(item)) return
        rows.push(item)
        list[index] = 0
      })
    }
    this.takeAll(rows.slice(this.count))
    return value
  }
}

interface LongList {
  /** Where its first row begins. */
  readonly begin: number
  /** From the end of a row to the beginning of the next. */
  readonly between: string
}

/** Undefined when there is surely none, or when that is not sure. */
function longListOf(json: Buffer, lists: Lists): LongList | undefined {
  const head = json.toString('latin1', 0, HEAD)
  const [opening, space = ''] = /:\s*\[(\s*)(?=\{)/.exec(head) ?? []
  if (opening === undefined) return undefined
  const begin = head.indexOf(opening) + opening.length
  const closed = `${json.toString('utf8', 0, begin)}${lists === 'of the value' ? ']}' : ']}}'}`
  return parsed(closed) === undefined ? undefined : { begin, between: `},${space}{` }
}

/** Bytes within which the first row begins. */
const HEAD = 4 * 1024

interface Rows {
  readonly rows: readonly unknown[]
  /** Just behind the last of them. */
  readonly end: number
}

function rowsFrom(json: Buffer, begin: number, between: string): Rows | undefined {
  let from = begin + CHUNK
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const cut = json.indexOf(between, from)
    if (cut < 0) return undefined
    const rows = listOf(json, begin, cut + 1)
    if (rows) return { rows, end: cut + 1 }
    from = cut + 1
  }
  return undefined
}

function lastRowsFrom(json: Buffer, begin: number): Rows | undefined {
  let from = json.length
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const closing = json.lastIndexOf(']', from)
    if (closing < begin) return undefined
    const end = json.lastIndexOf('}', closing) + 1
    const rows = json.toString('latin1', end, closing).trim() === '' ? listOf(json, begin, end) : undefined
    if (rows) return { rows, end }
    from = closing - 1
  }
  return undefined
}

/** Undefined unless it is objects with commas between. */
function listOf(json: Buffer, begin: number, end: number): readonly unknown[] | undefined {
  const list = parsed(`[${json.toString('utf8', begin, end)}]`)
  return Array.isArray(list) && list.every(isObject) ? list : undefined
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function membersOf(value: unknown): readonly unknown[] {
  return isObject(value) ? Object.values(value) : []
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
