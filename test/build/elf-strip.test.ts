import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { stripSymbols } from '../../scripts/executable/elf-strip.ts'

test('Node without its symbols is smaller and still runs', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'netappdvp-strip-'))
  t.after(() => rmSync(directory, { recursive: true }))
  const node = readFileSync(process.execPath)
  const stripped = stripSymbols(node)
  assert.ok(stripped.length < node.length - 10_000_000)

  const path = join(directory, 'node')
  writeFileSync(path, stripped, { mode: 0o755 })
  assert.equal(execFileSync(path, ['-p', 'process.version'], { encoding: 'utf8' }).trim(), process.version)
})

test('stripping what has been stripped changes nothing', () => {
  const stripped = stripSymbols(readFileSync('/bin/true'))
  assert.ok(stripSymbols(stripped).equals(stripped))
})

test('what is no executable is refused', () => {
  assert.throws(() => stripSymbols(Buffer.from('#!/bin/sh\nexit 0\n')), /not a 64-bit little-endian ELF file/)
})
