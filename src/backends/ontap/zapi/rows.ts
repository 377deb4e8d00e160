/**
 * Reads the rows of a list, which are elements and text and nothing else, some ten times faster than a parser for all of
 * XML. 10,000 volumes are 15 MB, and the daemon keeps V8 from optimising (daemon/settle-memory.ts).
 */

import type { Parsed } from './fields.ts'

/** A tag, and the text up to the next one. */
const TAG = /<(\/?)([A-Za-z_][\w.-]*)(\/?)>([^<]*)/y

/**
 * Children by their name, those of the same name in a list, as the parser in answer.ts would have it; undefined for
 * what is anything else: attributes, comments, text beside elements, tags that do not match.
 */
export function readElements(xml: string): Children | undefined {
  const root: Open = { name: '', text: '', children: childless() }
  const open: Open[] = [root]
  let top = root
  TAG.lastIndex = 0
  while (TAG.lastIndex < xml.length) {
    const tag = TAG.exec(xml)
    if (!tag) return undefined
    const [, ends, name = '', empty, text = ''] = tag
    if (ends === '') {
      if (!isBlank(top.text)) return undefined
      if (empty === '') {
        top = { name, text, children: undefined }
        open.push(top)
        continue
      }
      add(top, name, '')
    } else {
      const closed = open.pop()
      const parent = open.at(-1)
      if (closed?.name !== name || empty !== '' || !parent) return undefined
      add(parent, name, closed.children ?? closed.text)
      top = parent
    }
    if (!isBlank(text)) return undefined
  }
  return open.length === 1 ? root.children : undefined
}

type Children = Record<string, Parsed>

interface Open {
  readonly name: string
  readonly text: string
  children: Children | undefined
}

function add(parent: Open, name: string, element: Parsed): void {
  parent.children ??= childless()
  const others = parent.children[name]
  if (others === undefined) parent.children[name] = element
  else if (Array.isArray(others)) others.push(element)
  else parent.children[name] = [others, element]
}

/** Nothing is inherited: an element may be called `__proto__`. */
function childless(): Children {
  return Object.create(null)
}

function isBlank(text: string): boolean {
  return text === '' || text.trim() === ''
}
