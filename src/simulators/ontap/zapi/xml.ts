/** Reads the XML of a request, as strictly as an array does: what is not well-formed is refused. */

export interface Element {
  readonly name: string
  readonly attributes: ReadonlyMap<string, string>
  readonly children: readonly Element[]
  /** Of this element itself, blanks at both ends taken off. */
  readonly text: string
}

/**
 * One document: prolog, DOCTYPE and comments are passed over, entities are the five of XML and numbered characters. A
 * DOCTYPE with declarations of its own is refused, so nothing is ever expanded.
 *
 * @throws SyntaxError
 */
export function parseXml(text: string): Element {
  const reader = new Reader(text)
  reader.skipProlog()
  const root = reader.element(1)
  reader.skipBlanksAndComments()
  if (!reader.atEnd) throw reader.fault('something stands after the document')
  return root
}

/** Elements of a request lie in each other a dozen deep at most. */
const DEEPEST = 64

const NAME = /[A-Za-z_][\w.:-]*/y
const BLANKS = /[ \t\r\n]+/y
const ATTRIBUTE = /[ \t\r\n]+([A-Za-z_][\w.:-]*)[ \t\r\n]*=[ \t\r\n]*(?:"([^"<]*)"|'([^'<]*)')/y
const PASSED_OVER = /[ \t\r\n]+|<!--[\s\S]*?-->|<\?[\s\S]*?\?>|<!DOCTYPE[^[\]>]*>/y
const BLANKS_AND_COMMENTS = /[ \t\r\n]+|<!--[\s\S]*?-->/y
const TAG_END = /[ \t\r\n]*(\/?)>/y
const CHARACTERS = /[^<]+/y
const CDATA = /<!\[CDATA\[([\s\S]*?)\]\]>/y
const COMMENT = /<!--[\s\S]*?-->/y

class Reader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text.replace(/^\uFEFF/, '')
  }

  get atEnd(): boolean {
    return this.#at === this.#text.length
  }

  skipProlog(): void {
    while (this.#take(PASSED_OVER));
  }

  skipBlanksAndComments(): void {
    while (this.#take(BLANKS_AND_COMMENTS));
  }

  element(depth: number): Element {
    if (depth > DEEPEST) throw this.fault('elements lie too deep in each other')
    if (!this.#literal('<')) throw this.fault('an element was expected')
    const name = this.#name()
    const attributes = this.#attributes()
    const end = this.#take(TAG_END)
    if (!end) throw this.fault(`<${name}> does not end`)
    if (end[1] === '/') return { name, attributes, children: [], text: '' }
    return { name, attributes, ...this.#content(name, depth) }
  }

  fault(what: string): SyntaxError {
    return new SyntaxError(`${what}, at character ${this.#at}`)
  }

  #content(name: string, depth: number): Pick<Element, 'children' | 'text'> {
    const children: Element[] = []
    let text = ''
    while (!this.#literal('</')) {
      const cdata = this.#take(CDATA)
      const characters = cdata ? undefined : this.#take(CHARACTERS)
      if (cdata) text += cdata[1]
      else if (characters) text += this.#decoded(characters[0])
      else if (!this.#take(COMMENT)) children.push(this.element(depth + 1))
    }
    if (this.#name() !== name) throw this.fault(`<${name}> is closed by another name`)
    this.#take(BLANKS)
    if (!this.#literal('>')) throw this.fault(`</${name}> does not end`)
    return { children, text: text.trim() }
  }

  #attributes(): ReadonlyMap<string, string> {
    const attributes = new Map<string, string>()
    for (let found = this.#take(ATTRIBUTE); found; found = this.#take(ATTRIBUTE)) {
      const [, name = '', double, single] = found
      if (attributes.has(name)) throw this.fault(`attribute ${name} is there twice`)
      attributes.set(name, this.#decoded(double ?? single ?? ''))
    }
    return attributes
  }

  #name(): string {
    const found = this.#take(NAME)
    if (!found) throw this.fault('a name was expected')
    return found[0]
  }

  #decoded(text: string): string {
    return text.replace(/&(?:#(\d{1,7})|#x([0-9A-Fa-f]{1,6})|(\w+))?;?/g, (whole, decimal, hexadecimal, name) => {
      const character = whole.endsWith(';') ? characterOf(decimal, hexadecimal, name) : undefined
      if (character === undefined) throw this.fault(`${whole} is no entity`)
      return character
    })
  }

  #take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#text) ?? undefined
    if (found) this.#at = pattern.lastIndex
    return found
  }

  #literal(text: string): boolean {
    if (!this.#text.startsWith(text, this.#at)) return false
    this.#at += text.length
    return true
  }
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

function characterOf(decimal?: string, hexadecimal?: string, name?: string): string | undefined {
  if (name !== undefined) return ENTITIES[name]
  const code = decimal === undefined ? Number.parseInt(hexadecimal ?? '', 16) : Number(decimal)
  const isCharacter = code === 9 || code === 10 || code === 13 || (code >= 32 && code <= 0x10ffff)
  return isCharacter ? String.fromCodePoint(code) : undefined
}
