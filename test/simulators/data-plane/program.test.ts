import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { runProgram, startProgram } from '../../../src/simulators/data-plane/program.ts'

const bin = join(import.meta.dirname, '../../fake-bin')

test('a program’s output is handed back', async () => {
  assert.match(await runProgram(join(bin, 'print-arguments'), ['a b', 'c']), /a b/)
})

test('a program that fails is told with its arguments and its last words', async () => {
  await assert.rejects(runProgram(join(bin, 'exit-with'), ['3']), /exit-with 3" failed: /)
  await assert.rejects(runProgram('no-such-program', []), /"no-such-program" failed: .*ENOENT/)
})

const soon = async () => false

test('a program that goes on is there until it is ended, and ending it may be repeated', async () => {
  const program = await startProgram('sleep', ['infinity'], async () => true)
  assert.ok(program.running())
  for (const _ of [1, 2]) await program.end()
  assert.ok(!program.running())
  assert.throws(() => process.kill(program.pid, 0), { code: 'ESRCH' })
})

test('a program that ends before it is ready is told with its arguments and its last words', async () => {
  await assert.rejects(startProgram('ls', ['/not-there'], soon), /^Error: "ls \/not-there" ended: .*No such file/)
})

test('a program that is not installed is told', async () => {
  await assert.rejects(startProgram('no-such-program', [], soon), /"no-such-program" ended: .*No such file/)
})
