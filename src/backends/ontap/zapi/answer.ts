/**
 * Makes elements of an answer's XML, and refuses what no array sends: half an answer, entities of its own.
 *
 * The rows of a list are read some at a time, and let everything else go on in between. They may be cut anywhere behind
 * the end tag of one, as text has no `<` in it. A parser for all of XML takes 0.4 ms for a volume; rows.ts is for that.
 */

import type { XMLParser } from 'fast-xml-parser'
import { BackendError } from '../../../errors.ts'
import { Slices } from '../../../slices.ts'
import { MIB } from '../../../units.ts'
import { ATTRIBUTE, type Parsed, TEXT, XmlFields } from './fields.ts'
import { readElements } from './rows.ts'
import { withoutControls } from './xml.ts'

export interface Rows {
  /** Name of the elements in `attributes-list`. */
  readonly name: string
  take(row: XmlFields): void
}

/** Bytes that no answer has. A page of 1000 volumes has 2 MB. */
export function mostBytesOf(rows: Rows | undefined): number {
  return (rows ? 16 : 1) * MIB
}

/**
 * @param source `the answer of 10.0.0.5:443 to volume-get-iter`
 * @param rows gets each row of `attributes-list`, which is left out of the results
 * @returns the element `results`
 */
export async function readAnswer(source: string, body: Buffer, rows?: Rows): Promise<XmlFields> {
  const text = withoutProlog(source, withoutControls(body.toString('utf8')))
  if (!/<\/netapp\s*>\s*$|^\s*<netapp\b[^<>]*\/>\s*$/.test(text.slice(-TAIL))) {
    throw malformed(source, `it is not XML of ONTAP, or only a part of it (${body.length} bytes)`)
  }
  const parse = await parserFor(source, body.length)
  const list = rows && rowsIn(text)
  if (rows && list) await takeRows(source, list.rows, rows, parse)
  const { netapp } = parse(list ? list.rest : text)
  const results = typeof netapp === 'object' && !Array.isArray(netapp) ? (netapp as Tree)['results'] : undefined
  if (results === undefined || Array.isArray(results)) throw malformed(source, 'it has no "results"')
  const answer = new XmlFields(results, 'results', source)
  // A list whose tag is written in another way than arrays do would be taken for none.
  if (rows && !list && answer.has('attributes-list')) throw malformed(source, 'its "attributes-list" is not plain')
  return answer
}

const TAIL = 1024

type Tree = { readonly [name: string]: Parsed }
type Parse = (text: string) => Tree

/** Answers name a document type, which is never looked up. One that declares anything is no array's. */
function withoutProlog(source: string, text: string): string {
  const rest = text.replace(
    /^\uFEFF?\s*(?:<\?xml[^<>]*\?>)?\s*(?:<!DOCTYPE\s+netapp\s+SYSTEM\s+(?:'[^'<>]*'|"[^"<>]*")\s*>)?\s*/,
    '',
  )
  if (!/<!(?:DOCTYPE|ENTITY)/i.test(rest)) return rest
  throw malformed(source, 'it declares entities of its own, which no array does')
}

function rowsIn(text: string): { readonly rows: string; readonly rest: string } | undefined {
  const begin = text.indexOf(LIST)
  const end = text.lastIndexOf(LIST_END)
  if (begin < 0 || end < begin) return undefined
  return { rows: text.slice(begin + LIST.length, end), rest: text.slice(0, begin) + text.slice(end + LIST_END.length) }
}

const LIST = '<attributes-list>'
const LIST_END = '</attributes-list>'

async function takeRows(source: string, text: string, { name, take }: Rows, parse: Parse): Promise<void> {
  const rowEnd = `</${name}>`
  const slices = new Slices()
  for (let begin = 0; begin < text.length; ) {
    const cut = text.indexOf(rowEnd, begin + CHUNK)
    const end = cut < 0 ? text.length : cut + rowEnd.length
    const chunk = text.slice(begin, end)
    for (const row of rowsOf(
      source,
      name,
      readElements(chunk) ?? parse(`${LIST}${chunk}${LIST_END}`)['attributes-list'],
    )) {
      take(new XmlFields(row, name, source))
    }
    begin = end
    if (slices.isOver) await slices.next()
  }
}

function rowsOf(source: string, name: string, list: Parsed | undefined): readonly Parsed[] {
  if (list === undefined || typeof list === 'string') return []
  const { [name]: rows = [], [TEXT]: _, ...others } = list as Tree
  if (Object.keys(others).length > 0) throw malformed(source, `its "attributes-list" has other elements than "${name}"`)
  return Array.isArray(rows) ? rows : [rows]
}

/** Characters that are read at a time: a millisecond's worth. */
const CHUNK = 32 * 1024

/** The parser is loaded with the first answer: the start of the daemon does not wait for it. */
async function parserFor(source: string, bytes: number): Promise<Parse> {
  parser ??= import('fast-xml-parser').then(
    (library) =>
      new library.XMLParser({
        ignoreAttributes: false,
        attributeNamePrefix: ATTRIBUTE,
        textNodeName: TEXT,
        parseTagValue: false,
        parseAttributeValue: false,
        trimValues: false,
        processEntities: false,
      }),
  )
  const loaded = await parser
  return (text) => {
    try {
      return loaded.parse(text, true) as Tree
    } catch {
      // What the parser says quotes the text, which may hold a secret.
      throw malformed(source, `it is not XML, or only a part of it (${bytes} bytes)`)
    }
  }
}

let parser: Promise<XMLParser> | undefined

export function malformed(source: string, found: string): BackendError {
  return new BackendError(
    'MALFORMED',
    `Cannot use ${source}: ${found}. Check that the setting "managementLIF" is a management LIF of an ONTAP cluster or SVM.`,
  )
}
