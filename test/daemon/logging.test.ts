import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { inspect } from 'node:util'
import { type DaemonLog, type LogSettings, openLog } from '../../src/daemon/logging.ts'
import { hasCode } from '../../src/errors.ts'
import { Secret } from '../../src/secret.ts'
import { captured, temporaryDirectory } from './log-capture.ts'

async function logInto(t: TestContext, settings: Partial<LogSettings> = {}) {
  const file = join(temporaryDirectory(t), 'netappdvp', 'local-file.log')
  const streams = captured()
  const log = await openLog({ file, level: 'info', format: 'text', console: true, streams, ...settings })
  t.after(() => log.close())
  const read = async () => {
    await log.flush()
    return readFileSync(file, 'utf8')
  }
  return { log, file, read, ...streams }
}

test('a line goes to the file and to the console alike', async (t) => {
  const { log, read, stdout } = await logInto(t)
  log.info('Mounted.', { volume: 'db1' })
  const text = await read()
  assert.match(text, /^INFO\[\S+\] Mounted\. {36} {2}volume=db1\n$/)
  assert.equal(stdout.text, text)
})

test('debug, info and warnings go to stdout, errors and fatal faults to stderr', async (t) => {
  const { log, stdout, stderr, read } = await logInto(t, { level: 'debug' })
  log.debug('one')
  log.info('two')
  log.warn('three')
  log.error('four')
  log.fatal('five')
  const levels = (text: string) => [...text.matchAll(/^(\w{4})\[/gm)].map(([, level]) => level)
  assert.deepEqual(levels(await read()), ['DEBU', 'INFO', 'WARN', 'ERRO', 'FATA'])
  assert.deepEqual(levels(stdout.text), ['DEBU', 'INFO', 'WARN'])
  assert.deepEqual(levels(stderr.text), ['ERRO', 'FATA'])
})

test('what is below the level is not said', async (t) => {
  const { log, read, stdout } = await logInto(t, { level: 'error' })
  log.warn('no')
  log.error('yes')
  assert.match(await read(), /^ERRO\[\S+\] yes *\n$/)
  assert.equal(stdout.text, '')
})

test('a child says its fields on every line, and a line’s own fields win', async (t) => {
  const { log, read } = await logInto(t)
  const child = log.child({ id: 'mount-1', step: 1 }).child({ step: 2 })
  child.info('x')
  child.info('y', { step: 3 })
  assert.deepEqual(
    [...(await read()).matchAll(/id=(\S+) step=(\d)/g)].map(([, id, step]) => `${id} ${step}`),
    ['mount-1 2', 'mount-1 3'],
  )
})

test('a terminal gets its level coloured; a pipe and JSON do not', async (t) => {
  for (const [format, coloured] of [
    ['text', true],
    ['json', false],
  ] as const) {
    const streams = captured(true)
    const { log } = await logInto(t, { format, streams })
    log.error('x')
    await log.flush()
    assert.equal(streams.stderr.text.startsWith('\x1b[31mERRO\x1b[0m['), coloured)
    assert.equal(streams.stderr.text.includes('\x1b'), coloured)
  }
})

test('a line over 64,000 bytes is cut on the console and whole in the file', async (t) => {
  const { log, read, stdout } = await logInto(t)
  log.info('long', { text: 'ö'.repeat(50_000) })
  assert.ok((await read()).endsWith('ö"\n'))
  assert.match(stdout.text, /<truncated>\n$/)
  assert.ok(Buffer.byteLength(stdout.text) < 64_100)
})

test('the directory is made 0750 and the file 0640, also where an older plugin left 0666', async (t) => {
  const { file, log, read } = await logInto(t)
  assert.equal(statSync(file).mode & 0o777, 0o640)
  assert.equal(statSync(join(file, '..')).mode & 0o777, 0o750)
  await log.close()
  chmodSync(file, 0o666)
  const again = await openLog({ file, level: 'info', format: 'text', console: false })
  again.info('x')
  await again.close()
  assert.equal(statSync(file).mode & 0o777, 0o640)
  assert.match(await read(), /x/)
})

test('what stands in the place of the log file is named', async (t) => {
  const directory = temporaryDirectory(t)
  const open = (name: string) => openLog({ file: join(directory, name), level: 'info', format: 'text', console: false })
  symlinkSync('/etc/passwd', join(directory, 'link.log'))
  mkdirSync(join(directory, 'directory.log'))
  writeFileSync(join(directory, 'file'), '')
  const faults: Readonly<Record<string, RegExp>> = {
    'link.log': /Cannot open log file .*link\.log: it is a symbolic link\. Move it away\./,
    'directory.log': /it is a directory\. Move it away\./,
    'file/x.log': /^Log path .*\/file exists and is not a directory, please remove\.$/,
    'file/deeper/x.log': /^Log path .*\/deeper exists and is not a directory, please remove\.$/,
  }
  for (const [name, fault] of Object.entries(faults)) {
    await assert.rejects(open(name), (error) => hasCode(error, 'PATH_INVALID') && fault.test(error.message), name)
  }
})

test('at 10,485,760 bytes the file becomes .old, and the new one begins by saying so', async (t) => {
  const { log, file, read } = await logInto(t, { console: false })
  const filler = 'x'.repeat(1_000_000)
  for (let count = 0; count < 12; count++) log.info(filler)
  const text = await read()
  const old = statSync(`${file}.old`).size
  assert.ok(old >= 10_485_760 && old < 11_600_000, String(old))
  const rotated =
    /INFO\[\S+\] Rotated log file\. {27} {2}logFileLocation="(.+)" logFileSize=(\d+) oldLogFileLocation="(.+)"/.exec(
      text,
    )
  assert.deepEqual(rotated?.slice(1), [file, String(old), `${file}.old`])
  assert.equal((readFileSync(`${file}.old`, 'utf8') + text).match(/x{1000000}/g)?.length, 12)
})

test('a rotation that is refused is said on the console, and the file grows on', async (t) => {
  const { log, file, read, stderr } = await logInto(t)
  mkdirSync(join(`${file}.old`, 'not empty'), { recursive: true })
  const filler = 'x'.repeat(3_000_000)
  for (let count = 0; count < 5; count++) log.info(filler)
  assert.equal((await read()).match(/x{3000000}/g)?.length, 5)
  assert.match(stderr.text, /Cannot rotate log file .*local-file\.log to .*\.old: .*It goes on growing\./)
})

test('reopen goes on in a new file after another program has moved the old one away', async (t) => {
  const { log, file, read } = await logInto(t)
  log.info('before')
  await log.flush()
  renameSync(file, `${file}.1`)
  log.info('between')
  await log.reopen()
  log.info('after')
  assert.match(await read(), /^INFO\[\S+\] after *\n$/)
  assert.match(readFileSync(`${file}.1`, 'utf8'), /before[\s\S]*between/)
})

test('a reopen that fails leaves the log as it was', async (t) => {
  const { log, file } = await logInto(t)
  renameSync(file, `${file}.1`)
  symlinkSync('/dev/null', file)
  await assert.rejects(log.reopen(), (error) => hasCode(error, 'PATH_INVALID'))
  log.info('still here')
  await log.flush()
  assert.match(readFileSync(`${file}.1`, 'utf8'), /still here/)
})

test('lines come in order, and all of them before close returns', async (t) => {
  const { log, file } = await logInto(t, { console: false })
  for (let count = 0; count < 5_000; count++) log.info(`line ${count}.`)
  await log.close()
  const numbers = [...readFileSync(file, 'utf8').matchAll(/line (\d+)\./g)].map(([, number]) => Number(number))
  assert.deepEqual(
    numbers,
    Array.from({ length: 5_000 }, (_, index) => index),
  )
})

test('saying something after close hurts nobody', async (t) => {
  const { log } = await logInto(t)
  await log.close()
  log.error('too late')
  await log.flush()
  await log.close()
})

test('without a file the console is all there is, and without either nothing happens', async () => {
  const streams = captured()
  const log = await openLog({ level: 'info', format: 'text', console: true, streams })
  log.info('x')
  await log.reopen()
  await log.close()
  assert.match(streams.stdout.text, /^INFO/)

  const silent = await openLog({ level: 'info', format: 'text', console: false, streams })
  silent.error('y')
  await silent.close()
  assert.ok(!streams.stderr.text.includes('y'))
})

test('a console that has gone away does not end the daemon', async (t) => {
  const streams = captured()
  const { log, read } = await logInto(t, { streams })
  streams.stdout.destroy(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }))
  log.info('x')
  log.info('y')
  assert.match(await read(), /x[\s\S]*y/)
})

test('a full disk loses lines, not the daemon; once there is room the log says how many', async (t) => {
  const file = join(temporaryDirectory(t), 'x.log')
  const program = join(import.meta.dirname, 'log-on-full-disk.ts')
  const command = `ulimit -S -f 8 && exec "${process.execPath}" "${program}" "${file}"`
  const { status, stdout, stderr } = spawnSync('bash', ['-c', command], { encoding: 'utf8' })
  assert.equal(status, 0, stderr)
  assert.equal(stdout.match(/INFO/g)?.length, 4)
  assert.equal(stderr.match(/Cannot write log file .*x\.log: EFBIG.*dropped until it can be written/g)?.length, 1)
  const [first, torn, back, missing, ...rest] = readFileSync(file, 'utf8').trimEnd().split('\n')
  assert.match(first ?? '', /^INFO\S+ first/)
  assert.match(torn ?? '', /^INFO\S+ x+$/)
  assert.match(back ?? '', /^INFO\S+ room again/)
  assert.match(missing ?? '', /^WARN\S+ The log file can be written again; lines are missing\. +lost=2$/)
  assert.deepEqual(rest, [])
})

test('a log file that is emptied under the daemon goes on', async (t) => {
  const { log, file, read } = await logInto(t)
  log.info('before')
  await log.flush()
  truncateSync(file)
  log.info('after')
  assert.match(await read(), /^INFO\[\S+\] after *\n$/)
})

const CANARIES = [
  `p@ss:w/ö?r#d&%20`,
  `quote"back\\slash\nline`,
  `$(rm -rf /)^.*[a-z]+|{2}`,
  `žluťoučký😀kůň`,
  `${'long-'.repeat(50)}end`,
]

test('no secret reaches a log, whatever the format, the place in the line and the way it is written', async (t) => {
  for (const canary of CANARIES) new Secret(canary)
  for (const format of ['text', 'json'] as const) {
    const { log, read, stdout, stderr } = await logInto(t, { format, level: 'debug' })
    for (const canary of CANARIES) sayEverywhere(log, canary)
    const text = (await read()) + stdout.text + stderr.text
    for (const canary of CANARIES) {
      for (const [name, spelling] of Object.entries(spellingsOf(canary))) {
        assert.ok(!text.includes(spelling), `${canary} as ${name} in ${format}`)
      }
    }
    if (format === 'json') for (const line of text.trimEnd().split('\n')) JSON.parse(line)
  }
})

function sayEverywhere(log: DaemonLog, canary: string): void {
  const spellings = Object.values(spellingsOf(canary))
  for (const spelling of spellings) log.info(`logging in with ${spelling} failed`, { password: spelling })
  log.debug('nested', { request: { auth: [canary, { inner: spellings }] }, map: new Map([[canary, canary]]) })
  log.warn('key', { [canary]: 1 })
  log.error('error', { error: new Error(`bad password ${canary}`, { cause: new Error(canary) }) })
  log.child({ id: canary }).error(canary)
  log.fatal('secret', { secret: new Secret(canary), text: `${new Secret(canary)}` })
}

function spellingsOf(canary: string): Readonly<Record<string, string>> {
  return {
    raw: canary,
    percent: encodeURIComponent(canary),
    base64: Buffer.from(canary).toString('base64'),
    'basic authentication': Buffer.from(`usr${canary}`).toString('base64').slice(4),
    JSON: JSON.stringify(canary).slice(1, -1),
    inspected: inspect({ canary }).slice(10, -2),
  }
}

test('opening nothing makes nothing', async (t) => {
  const file = join(temporaryDirectory(t), 'x.log')
  const log = await openLog({ level: 'info', format: 'text', console: false })
  await log.close()
  assert.ok(!existsSync(file))
})
