import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { main } from '../../src/cli/main.ts'
import { FLAG_KINDS, runOptionsOf } from '../../src/cli/options.ts'
import { UsageError } from '../../src/cli/usage-error.ts'

async function type(...argv: readonly string[]) {
  const said = { stdout: '', stderr: '' }
  const exitCode = await main(argv, {
    stdout: { write: (text) => (said.stdout += text) },
    stderr: { write: (text) => (said.stderr += text) },
  })
  return { exitCode, ...said }
}

test('-version prints nDVP’s four lines and succeeds, with one dash or two', async () => {
  for (const flag of ['-version', '--version', '--version=true']) {
    const { exitCode, stdout, stderr } = await type(flag, '-config', 'missing.json')
    assert.match(stdout, /^NetApp Docker Volume Plugin\nVersion: \S+\nBuild: \S+\nBuilt: \S+\n$/)
    assert.deepEqual([exitCode, stderr], [0, ''])
  }
})

test('a wrong command line is told on stderr with the usage, and exits 2', async () => {
  const wrong: Readonly<Record<string, readonly string[]>> = {
    'Unknown argument: nope': ['--nope'],
    'Unknown argument: x': ['-x'],
    'Unknown argument: dance': ['dance'],
    'Unknown argument: port': ['check', '--port=1'],
    'Unknown argument: no-debug': ['--no-debug'],
    'flag needs an argument: -config': ['-config'],
    'invalid boolean value "2" for -debug': ['-debug=2'],
    '--volume-driver cannot be "../x"': ['--volume-driver=../x'],
    '--log-level cannot be "loud"': ['-log-level', 'loud'],
    '--log-format cannot be "xml"': ['--log-format=xml'],
    '--port cannot be "70000"': ['-port=70000'],
    '--root cannot be "here"': ['check', '--root=here'],
    'Say which array: element or ontap': ['simulate'],
    'Unknown command: tape': ['simulate', 'tape'],
    'Unknown argument: svip': ['simulate', 'ontap', '--svip=127.0.0.1:1'],
    '--qtrees cannot be "-1"': ['simulate', 'ontap', '--qtrees=-1'],
    '--nfs-versions cannot have "2"': ['simulate', 'ontap', '--nfs-versions=2,3'],
    '--data-lif is empty': ['simulate', 'ontap', '--data-lif=,'],
    'Unknown argument: config': ['simulate', 'element', '--config=x'],
    '--volumes cannot be "many"': ['simulate', 'element', '--volumes=many'],
    '--svip can be given only once': ['simulate', 'element', '--svip=127.0.0.1:1', '--svip=127.0.0.1:2'],
  }
  for (const [message, argv] of Object.entries(wrong)) {
    const { exitCode, stdout, stderr } = await type(...argv)
    assert.ok(stderr.startsWith(message), stderr.slice(0, 200))
    assert.match(stderr, /\n\nnetappdvp[\s\S]*--help/)
    assert.deepEqual([exitCode, stdout], [2, ''], message)
  }
})

test('the usage is that of the command that was meant', async () => {
  const usageOf = async (...argv: readonly string[]) => (await type(...argv)).stderr.split('\n\n').slice(1).join('\n\n')
  for (const argv of [['--nope'], ['dance'], ['-config']]) {
    assert.match(await usageOf(...argv), /^netappdvp: Docker volumes[\s\S]*check[\s\S]*--log-level/)
  }
  assert.match(await usageOf('check', '--port=1'), /^netappdvp check\n[\s\S]*--json/)
  assert.match(await usageOf('simulate', 'tape'), /^netappdvp simulate\n[\s\S]*simulate ontap/)
  const ontap = await usageOf('simulate', 'ontap', '--svip=127.0.0.1:1')
  assert.match(ontap, /^netappdvp simulate ontap\n[\s\S]*--release/)
  assert.doesNotMatch(ontap, /--volume-driver/)
})

test('help is asked for in any of its forms and goes to stdout', async () => {
  for (const argv of [['--help'], ['-help'], ['-h'], ['check', '--help']]) {
    const { exitCode, stdout, stderr } = await type(...argv)
    assert.match(stdout, /--volume-driver/)
    assert.deepEqual([exitCode, stderr], [0, ''])
  }
})

test('completion prints a script, which asks for commands and flags', async () => {
  const script = await type('completion')
  assert.match(script.stdout, /netappdvp --get-yargs-completions/)
  const commands = await type('--get-yargs-completions', 'netappdvp', '')
  assert.deepEqual(commands.stdout.trim().split('\n'), ['check', 'role', 'simulate', 'completion'])
  const flags = await type('--get-yargs-completions', 'netappdvp', 'check', '--')
  assert.match(flags.stdout, /^--json$/m)
})

const options = (flags: Readonly<Record<string, unknown>>) =>
  runOptionsOf({ 'volume-driver': 'netapp', root: '/', 'log-level': 'info', 'log-format': 'text', ...flags })

test('flags become options; an empty one is an absent one', () => {
  assert.deepEqual(options({ config: '', port: '' }), {
    volumeDriver: 'netapp',
    root: '/',
    logLevel: 'info',
    logFormat: 'text',
    debug: false,
  })
  assert.deepEqual(options({ config: 'x.json', port: '8080', debug: true, 'volume-driver': 'sf-1' }), {
    config: 'x.json',
    port: 8080,
    volumeDriver: 'sf-1',
    root: '/',
    logLevel: 'info',
    logFormat: 'text',
    debug: true,
  })
})

test('a level goes by every name nDVP’s logger took', () => {
  const levels = ['debug', 'INFO', 'warning', 'warn', 'error', 'fatal', 'panic'].map((name) =>
    options({ 'log-level': name }),
  )
  assert.deepEqual(
    levels.map(({ logLevel }) => logLevel),
    ['debug', 'info', 'warn', 'warn', 'error', 'fatal', 'fatal'],
  )
})

test('a driver name that could not name a file, or is too long for a socket, is refused', () => {
  for (const name of ['', '.x', '-x', 'a/b', 'a b', 'ä', 'x'.repeat(83)]) {
    assert.throws(() => options({ 'volume-driver': name }), UsageError, name)
  }
  assert.equal(options({ 'volume-driver': 'x'.repeat(82) }).volumeDriver.length, 82)
})

test('every flag has a kind for reading it as Go did', () => {
  assert.deepEqual([...FLAG_KINDS.keys()].sort(), [
    'account',
    'api-version',
    'clone-ms',
    'cluster',
    'config',
    'data-lif',
    'data-plane',
    'debug',
    'fault',
    'help',
    'job-ms',
    'json',
    'latency-ms',
    'listen',
    'load-sharing',
    'log-format',
    'log-level',
    'nfs-versions',
    'password-file',
    'port',
    'qtrees',
    'release',
    'root',
    'state',
    'svip',
    'svm',
    'user',
    'version',
    'volume-driver',
    'volumes',
  ])
})

function configFile(t: TestContext, text: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'netappdvp-test-'))
  t.after(() => rmSync(directory, { recursive: true, force: true }))
  const path = join(directory, 'config.json')
  writeFileSync(path, text)
  return path
}

test('check of a faulty config exits 1 and names each fault', async (t) => {
  const path = configFile(t, '{"version":1,"storageDriverName":"local-file","directry":"/x","limitVolumeSize":"big"}')
  const { exitCode, stdout } = await type('check', `-config=${path}`, '--volume-driver=local-file')
  assert.equal(exitCode, 1)
  assert.match(stdout, /^error {4}config: .*"directry" is unknown to local-file\. Did you mean "directory"\?$/m)
  assert.match(stdout, /^error {4}config: .*limitVolumeSize "big"/m)
})

test('check --json is one document that says whether all is well', async (t) => {
  const path = configFile(t, '{"version":1,"storageDriverName":"local-file","debug":true}')
  const { exitCode, stdout } = await type('check', '--json', '--config', path, '--volume-driver=local-file')
  const { ok, findings } = JSON.parse(stdout)
  assert.equal(exitCode, ok ? 0 : 1)
  assert.equal(findings[0].level, 'ok')
  assert.match(findings[1].message, /"debug" has no effect/)
})
