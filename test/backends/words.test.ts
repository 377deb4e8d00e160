import assert from 'node:assert/strict'
import { test } from 'node:test'
import { quotable } from '../../src/backends/words.ts'

test('what an array says is quoted on one line, without what a terminal obeys', () => {
  assert.equal(quotable(' Not\r\n\u001b[31mthere.\u0007\u2028 '), 'Not [31mthere')
  assert.equal(quotable(' \n\u0000'), '')
})

test('of a long story the beginning is told, and 50 MB take no time', () => {
  assert.equal(quotable('x'.repeat(50_000_000)).length, 500)
  assert.equal(quotable(`${' '.repeat(400)}y`), 'y')
})
