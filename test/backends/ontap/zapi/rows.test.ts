import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { XMLParser } from 'fast-xml-parser'
import { readElements } from '../../../../src/backends/ontap/zapi/rows.ts'
import { escapeXml, unescapeXml, writeXml } from '../../../../src/backends/ontap/zapi/xml.ts'

const parser = new XMLParser({ parseTagValue: false, trimValues: false, processEntities: false })
const names = fc.constantFrom('a', 'b', 'volume-info', 'x.y', '_z')
const texts = fc.string({ unit: fc.constantFrom('a', ' ', '&lt;', '\n', '"', '>', '/', 'ü', ']') })
const { trees } = fc.letrec<{ trees: string }>((tie) => ({
  trees: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    names.map((name) => `<${name}/>`),
    fc.tuple(names, texts).map(([name, text]) => `<${name}>${text}</${name}>`),
    fc
      .tuple(names, fc.array(tie('trees'), { maxLength: 4 }))
      .map(([name, inner]) => `<${name}>${inner.join('')}</${name}>`),
  ),
}))

test('rows are read as a parser for all of XML reads them', () => {
  fc.assert(
    fc.property(fc.array(trees, { minLength: 1 }), (rows) => {
      const xml = rows.join('')
      const read = readElements(xml)
      assert.notEqual(read, undefined)
      assert.equal(JSON.stringify(sorted(read)), JSON.stringify(sorted(parser.parse(`<r>${xml}</r>`).r)))
    }),
  )
})

test('blanks between elements are not content', () => {
  const read = readElements('\n  <a>\n    <b>1</b>\n    <b> 2 </b>\n  </a>\n'.trimStart())
  assert.equal(JSON.stringify(read), '{"a":{"b":["1"," 2 "]}}')
})

for (const xml of [
  '<a x="1">1</a>',
  '<a><!-- c --></a>',
  '<a><![CDATA[1]]></a>',
  '<a>text<b/></a>',
  '<a><b/>text</a>',
  '<a><b></a></b>',
  '<a>',
  '</a>',
  '<a></a></a>',
  '<a></a',
  'text',
  '<a></a/>',
]) {
  test(`${xml} is not read, as it is not only elements and text`, () => {
    assert.equal(readElements(xml), undefined)
  })
}

test('an element may be called as what every object has', () => {
  const read = readElements('<__proto__>1</__proto__><constructor>2</constructor>')
  assert.deepEqual(Object.entries(read ?? {}), [
    ['__proto__', '1'],
    ['constructor', '2'],
  ])
})

test('text comes back from XML as it went in, but for what no XML may hold', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      assert.equal(unescapeXml(escapeXml(text)), text.replace(/[^\P{Cc}\t\n\r]/gu, ''))
    }),
  )
})

test('what is undefined is not written, and lists are written element by element', () => {
  assert.equal(
    writeXml({ a: undefined, b: '', c: ['1', '2'], d: [{ e: true }, {}], f: { g: 0 } }),
    '<b/><c>1</c><c>2</c><d><e>true</e></d><d/><f><g>0</g></f>',
  )
})

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(sorted)
  const members = Object.entries(value).filter(([name]) => name !== '#text')
  // A parser may keep the blanks between elements.
  return members.length === 0
    ? ''
    : Object.fromEntries(members.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, member]) => [name, sorted(member)]))
}
