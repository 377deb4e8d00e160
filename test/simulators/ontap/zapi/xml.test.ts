import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { escaped, type View, written } from '../../../../src/simulators/ontap/zapi/views.ts'
import { type Element, parseXml } from '../../../../src/simulators/ontap/zapi/xml.ts'

test('an element has a name, attributes, children and text, whatever stands before and after it', () => {
  const text = `\uFEFF<?xml version='1.0'?><!DOCTYPE netapp SYSTEM 'file:/etc/netapp_gx.dtd'><!-- x -->
    <netapp version="1.21" vfiler='svm "1"'><a>\n 1 &lt; 2 </a><b/><a><![CDATA[<&>]]></a><!-- y --></netapp>\n<!-- z -->`
  const root = parseXml(text)
  assert.deepEqual(
    [...root.attributes],
    [
      ['version', '1.21'],
      ['vfiler', 'svm "1"'],
    ],
  )
  assert.deepEqual(
    root.children.map(({ name, text }) => [name, text]),
    [
      ['a', '1 < 2'],
      ['b', ''],
      ['a', '<&>'],
    ],
  )
})

test('characters by number and the five of XML are understood, and no other entity', () => {
  assert.equal(parseXml('<a>&#65;&#x42;&amp;&quot;&apos;&gt;</a>').text, 'AB&"\'>')
  for (const text of ['&nbsp;', '&#0;', '&#x1F;', '&amp', '&', '&lol9;']) {
    assert.throws(() => parseXml(`<a>${text}</a>`), SyntaxError, text)
  }
})

test('what is not well-formed is refused', () => {
  const bad = [
    ...['', 'text', '<a>', '<a', '<a></b>', '<a></a', '<a></a><b/>', '</a>', '<a><b></a></b>', '<a>]]</a>x', '<1/>'],
    ...['<a b></a>', '<a b=c></a>', '<a b="1" b="2"/>', '<a b="<"/>', '<a><![CDATA[</a>', '{"a": 1}'],
  ]
  for (const text of bad) assert.throws(() => parseXml(text), SyntaxError, text)
})

test('entities of its own make a request refused, so that none is ever expanded', () => {
  const bomb = '<!DOCTYPE a [<!ENTITY b "bbbbbbbb"><!ENTITY c "&b;&b;&b;">]><a>&c;</a>'
  assert.throws(() => parseXml(bomb), SyntaxError)
})

test('elements lie in each other some dozens deep, and no deeper', () => {
  const nested = (depth: number) => '<a>'.repeat(depth) + '</a>'.repeat(depth)
  assert.equal(parseXml(nested(64)).name, 'a')
  assert.throws(() => parseXml(nested(65)), SyntaxError)
  assert.throws(() => parseXml('<a>'.repeat(100_000)), SyntaxError)
})

test('what is written is read as it was', () => {
  const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/)
  const text = fc.string({ unit: fc.constantFrom(...'ab <>&"\'$?+-é€😀|*;#x'.split('')) }).map((value) => value.trim())
  const tree = fc.letrec<{ tree: View }>((tie) => ({
    tree: fc.dictionary(name, fc.oneof({ depthSize: 'small' }, text, tie('tree'), fc.array(text, { maxLength: 3 })), {
      maxKeys: 4,
    }),
  })).tree
  fc.assert(fc.property(tree, (view) => assert.equal(again(parseXml(`<root>${written(view)}</root>`)), written(view))))
})

function again({ children }: Element): string {
  return children
    .map((child) => {
      const content = child.children.length > 0 ? again(child) : escaped(child.text)
      return content === '' ? `<${child.name}/>` : `<${child.name}>${content}</${child.name}>`
    })
    .join('')
}
