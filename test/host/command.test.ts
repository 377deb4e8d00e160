import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { before, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { hasCode, reasonOf } from '../../src/errors.ts'
import { findProgram, lastWordsOf, run } from '../../src/host/command.ts'
import { context, FAKE_BIN, rememberingLog, temporaryDirectory } from './fakes.ts'

before(() => {
  process.env['PATH'] = `${FAKE_BIN}:${process.env['PATH']}`
})

test('arguments reach the program as they are, never through a shell', async () => {
  const args = ['two words', '$(id)', '', '*', "it's", 'a\nb']
  const { stdout } = await run(context(), 'print-arguments', args)
  assert.equal(stdout, `${args.join('\n')}\n`)
})

test('a program gets a C locale and the system directories, and nothing else of our environment', async (t) => {
  process.env['NETAPPDVP_TEST_PASSWORD'] = 'hunter2'
  t.after(() => delete process.env['NETAPPDVP_TEST_PASSWORD'])
  const { stdout } = await run(context(), 'print-environment', [])
  const [directory, ...environment] = stdout.trimEnd().split('\n')
  const names = environment
    .map((line) => line.split('=')[0])
    .filter((name) => !['PWD', '_', 'SHLVL', 'OLDPWD'].includes(name!))
  assert.equal(directory, '/')
  assert.deepEqual(names.sort(), ['LC_ALL', 'PATH'])
  assert.match(stdout, /^PATH=.*:\/usr\/sbin(:|$)/m)
})

test('stdin is what was given, and otherwise empty', async () => {
  assert.equal((await run(context(), 'print-input', [], { stdin: 'yes\n' })).stdout, 'yes\n')
  assert.equal((await run(context(), 'print-input', [])).stdout, '')
})

test('a program that ends without reading its input is judged by its exit code', async () => {
  const finished = await run(context(), 'exit-with', ['0'], { stdin: 'x'.repeat(1024 * 1024) })
  assert.equal(finished.exitCode, 0)
})

test('an exit code that was said to be an answer is one', async () => {
  const finished = await run(context(), 'exit-with', ['21', 'no sessions'], { accept: [21] })
  assert.deepEqual(finished, { exitCode: 21, stdout: '', stderr: 'no sessions\n' })
})

test('any other exit code is an error with the command, the code and its last words', async () => {
  await assert.rejects(run(context(), 'exit-with', ['3', 'first\n\nno such LUN.']), (error) => {
    assert.ok(hasCode(error, 'COMMAND_FAILED'))
    assert.match(error.message, /"exit-with 3 [^"]*" ended with exit code 3: first; no such LUN\.$/)
    return true
  })
})

test('a program that a signal ends is an error that names the signal', async () => {
  await assert.rejects(run(context(), 'end-by', ['SEGV']), (error) => {
    return hasCode(error, 'COMMAND_FAILED') && /was ended by SIGSEGV/.test(error.message)
  })
})

test('a program that is not installed is an error that names the package', async () => {
  const path = process.env['PATH']
  process.env['PATH'] = '/nowhere'
  try {
    await assert.rejects(run(context(), 'xfs_growfs-not-there', []), (error) => {
      return hasCode(error, 'TOOL_MISSING') && /"xfs_growfs-not-there" in \/nowhere:/.test(error.message)
    })
  } finally {
    process.env['PATH'] = path
  }
})

test('what cannot be executed is an error that says why', async () => {
  await assert.rejects(run(context(), '/etc/passwd', []), (error) => {
    return hasCode(error, 'COMMAND_FAILED') && /could not be started: .*EACCES/.test(error.message)
  })
})

test('output beyond a MiB is cut, and says so, on either stream', async () => {
  const { stdout, stderr } = await run(context(), 'spam', [])
  const cut = 2.5 * 1024 * 1024 - 1024 * 1024
  assert.equal(stdout, `${'o'.repeat(1024 * 1024)}\n[${cut} more bytes cut]`)
  assert.equal(stderr, `${'e'.repeat(1024 * 1024)}\n[${cut} more bytes cut]`)
})

test('a program that runs out of time dies, with its children', async (t) => {
  const pids = join(await temporaryDirectory(t), 'pids')
  await assert.rejects(run(context(), 'hang', [pids], { timeoutMs: 300 }), (error) => {
    return hasCode(error, 'COMMAND_TIMEOUT') && /"hang .*" did not end in 0\.3 s and was killed\.$/.test(error.message)
  })
  await assertDead(pids)
})

test('a program that ignores SIGTERM is killed after a grace, with its children', async (t) => {
  const pids = join(await temporaryDirectory(t), 'pids')
  const startedAt = performance.now()
  await assert.rejects(run(context(), 'hang', [pids, 'hard'], { timeoutMs: 300 }), (error) =>
    hasCode(error, 'COMMAND_TIMEOUT'),
  )
  assert.ok(performance.now() - startedAt > 2000)
  await assertDead(pids)
})

test('when the work is stopped, so is the program, and the reason goes on', async (t) => {
  const pids = join(await temporaryDirectory(t), 'pids')
  const stopping = new AbortController()
  const running = run(context(undefined, stopping.signal), 'hang', [pids])
  setTimeout(() => stopping.abort(new Error('the daemon goes down')), 300)
  await assert.rejects(running, (error) => reasonOf(error) === 'the daemon goes down')
  await assertDead(pids)
})

test('nothing is started for work that was stopped before', async (t) => {
  const pids = join(await temporaryDirectory(t), 'pids')
  await assert.rejects(run(context(undefined, AbortSignal.abort(new Error('too late'))), 'hang', [pids]), /too late/)
  await assert.rejects(readFile(pids), /ENOENT/)
})

test('a daemon that a program leaves behind lives on and is not waited for', async () => {
  const startedAt = performance.now()
  const { stdout } = await run(context(), 'leave-daemon', [])
  assert.ok(performance.now() - startedAt < 5000)
  assert.ok(process.kill(Number(stdout), 'SIGKILL'))
})

test('each command is one debug line: what was run, how it ended, how long it took', async () => {
  const { log, lines } = rememberingLog()
  await run(context(log), 'exit-with', ['4'], { accept: [4] })
  assert.equal(lines.length, 1)
  assert.equal(lines[0]!.level, 'debug')
  const { ms, ...rest } = lines[0]!.fields
  assert.deepEqual(rest, { command: 'exit-with 4', exit: 4 })
  assert.ok(Number.isInteger(ms))
})

test('secrets are struck from the log and from errors, the longer one first', async () => {
  const { log, lines } = rememberingLog()
  const secrets = ['pass', 'password', '', 'a$&b']
  const running = run(context(log), 'exit-with', ['1', 'bad password a$&b pass'], { secrets })
  await assert.rejects(running, (error) => {
    assert.match(reasonOf(error), /"exit-with 1 bad \*\*\* \*\*\* \*\*\*" .*: bad \*\*\* \*\*\* \*\*\*$/)
    return true
  })
  assert.doesNotMatch(JSON.stringify(lines), /pass|a\$&b/)
})

test('secrets are struck when a program runs out of time, too', async (t) => {
  const { log, lines } = rememberingLog()
  const pids = join(await temporaryDirectory(t), 'pids')
  const running = run(context(log), 'hang', [pids, 'hunter2'], { timeoutMs: 200, secrets: ['hunter2'] })
  await assert.rejects(running, (error) => !reasonOf(error).includes('hunter2'))
  assert.doesNotMatch(JSON.stringify(lines), /hunter2/)
})

test('programs are found where they would be run from', async () => {
  assert.equal(await findProgram('hang'), join(FAKE_BIN, 'hang'))
  assert.equal(await findProgram('no-such-program'), undefined)
})

test('last words are the last few lines of stderr, or of stdout when there is no stderr', () => {
  const lines = Array.from({ length: 9 }, (_, index) => `line ${index}`).join('\n')
  assert.equal(lastWordsOf({ stdout: 'out', stderr: `${lines}.\n\n` }), 'line 4; line 5; line 6; line 7; line 8')
  assert.equal(lastWordsOf({ stdout: 'out\n', stderr: ' \n' }), 'out')
  assert.equal(lastWordsOf({ stdout: '', stderr: '' }), 'it said nothing')
})

/** The kernel needs a moment to bury them. */
async function assertDead(file: string): Promise<void> {
  const pids = (await readFile(file, 'utf8')).trim().split(' ').map(Number)
  assert.equal(pids.length, 2)
  for (let attempt = 0; attempt < 20 && (await Promise.all(pids.map(isAlive))).includes(true); attempt++) {
    await delay(50)
  }
  assert.deepEqual(await Promise.all(pids.map(isAlive)), [false, false])
}

/** A zombie that its new parent has not buried is dead. */
async function isAlive(pid: number): Promise<boolean> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
  return text !== undefined && !/\) Z /.test(text)
}
