import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { runProgram } from '../../../src/simulators/data-plane/program.ts'

const bin = join(import.meta.dirname, '../../fake-bin')

test('a program’s output is handed back', async () => {
  assert.match(await runProgram(join(bin, 'print-arguments'), ['a b', 'c']), /a b/)
})

test('a program that fails is told with its arguments and its last words', async () => {
  await assert.rejects(runProgram(join(bin, 'exit-with'), ['3']), /exit-with 3" failed: /)
  await assert.rejects(runProgram('no-such-program', []), /"no-such-program" failed: .*ENOENT/)
})
