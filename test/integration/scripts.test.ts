/** scripts/install, uninstall and demo, as a user runs them. Installs only below a directory of its own. */

import assert from 'node:assert/strict'
import { type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { suite, type TestContext, test } from 'node:test'
import { root } from '../house/tree.ts'

const BINARY = 'usr/local/bin/netappdvp'
const UNITS = 'usr/local/lib/systemd/system'
const EXAMPLE = 'etc/netappdvp/local-file.example.json'

suite('scripts/install and scripts/uninstall', () => {
  test('put everything in place with its mode, and take it away again', (t) => {
    const there = destination(t)
    install(there)
    assert.equal(modeOf(there, BINARY), 0o755)
    assert.equal(modeOf(there, `${UNITS}/netappdvp@.service`), 0o644)
    assert.equal(modeOf(there, `${UNITS}/netappdvp@.socket`), 0o644)
    assert.equal(modeOf(there, 'etc/netappdvp'), 0o750)
    assert.equal(modeOf(there, EXAMPLE), 0o600)
    assert.equal(modeOf(there, 'etc/netappdvp/local-file.schema.json'), 0o644)
    assert.match(succeed([join(there, BINARY), '--version']).stdout, /^NetApp Docker Volume Plugin\nVersion: 0\.1\.0/)

    uninstall(there)
    assert.deepEqual(filesBelow(there), [])
    assert.match(uninstall(there), /Nothing to do: netappdvp is not installed below/)
  })

  test('take a directory as --root as well', (t) => {
    const there = destination(t)
    succeed(['scripts/install', '--root', there])
    assert.ok(existsSync(join(there, BINARY)))
    succeed(['scripts/uninstall', `--root=${there}`])
    assert.deepEqual(filesBelow(there), [])
  })

  test('change nothing when run twice', (t) => {
    const there = destination(t)
    install(there)
    const once = filesBelow(there).map((path) => [path, readFileSync(join(there, path), 'latin1').length])
    install(there)
    const twice = filesBelow(there).map((path) => [path, readFileSync(join(there, path), 'latin1').length])
    assert.deepEqual(twice, once)
  })

  test('never touch what the user wrote or changed', (t) => {
    const there = destination(t)
    install(there)
    const config = join(there, 'etc/netappdvp/local-file.json')
    writeFileSync(config, '{ "mine": true }', { mode: 0o600 })
    appendFileSync(join(there, EXAMPLE), '\n')
    const changed = readFileSync(join(there, EXAMPLE), 'utf8')

    assert.match(install(there), /kept {7}\/etc\/netappdvp\/local-file\.example\.json \(it was changed/)
    assert.match(uninstall(there), /\/etc\/netappdvp {2}\(configs\)/)
    assert.equal(readFileSync(config, 'utf8'), '{ "mine": true }')
    assert.equal(readFileSync(join(there, EXAMPLE), 'utf8'), changed)
    assert.deepEqual(filesBelow(there), [EXAMPLE, 'etc/netappdvp/local-file.json'])
  })

  test('keep volumes, and say so', (t) => {
    const there = destination(t)
    install(there)
    const volume = join(there, 'var/lib/netappdvp/local-file/volumes/netappdvp_db1')
    succeed(['mkdir', '-p', volume])
    assert.match(uninstall(there), /var\/lib\/netappdvp {2}\(state, and the VOLUMES of local-file\)/)
    assert.ok(existsSync(volume))
  })

  test('put an upgrade in the place of what they put, and take away what it no longer has', (t) => {
    const there = destination(t)
    install(there)
    const retired = 'usr/local/share/doc/netappdvp/OLD'
    writeFileSync(join(there, retired), 'old\n')
    const sum = succeed(['sha256sum', join(there, retired)]).stdout.split(' ')[0]
    appendFileSync(join(there, 'usr/local/share/netappdvp/manifest'), `${sum}  /${retired}\n`)
    writeFileSync(join(there, BINARY), 'of an earlier version')

    install(there)
    assert.ok(statSync(join(there, BINARY)).size > 1_000_000)
    assert.ok(!existsSync(join(there, retired)))
  })

  test('refuse an option they do not have', () => {
    for (const script of ['scripts/install', 'scripts/uninstall']) {
      const { status, stderr } = command([script, '--prefix=/opt'])
      assert.equal(status, 2)
      assert.match(stderr, /^usage: /)
    }
  })
})

suite('the systemd units', () => {
  const unit = readFileSync(join(root, 'systemd/netappdvp@.service'), 'utf8')

  test('are right in systemd’s eyes', { skip: missing('systemd-analyze') }, (t) => {
    const there = destination(t)
    install(there)
    // It wants the programs where the unit has them; here they are below a directory.
    const service = unit.replace('/usr/local/bin/netappdvp', join(there, BINARY))
    writeFileSync(join(there, 'netappdvp@local-file.service'), service)
    writeFileSync(join(there, 'netappdvp@local-file.socket'), readFileSync(join(root, 'systemd/netappdvp@.socket')))
    const files = ['service', 'socket'].map((kind) => join(there, `netappdvp@local-file.${kind}`))
    const { status, stderr } = command(['systemd-analyze', 'verify', '--man=no', ...files])
    assert.equal(stderr, '')
    assert.equal(status, 0)
  })

  test('use nothing that would hide the plugin’s mounts from Docker', () => {
    const settings = unit.split('\n').filter((line) => !line.startsWith('#'))
    const own =
      /^(?:Protect(?:System|Home|Proc|Clock|Kernel\w+|ControlGroups)|ProcSubset|Private(?:Tmp|Devices|Mounts|Users)|\w+Paths|Bind\w*Paths|Root\w+|DynamicUser|TemporaryFileSystem|MountFlags|LogNamespace)=/
    assert.deepEqual(
      settings.filter((line) => own.test(line)),
      [],
    )
  })
})

test('scripts are written as shellcheck likes them', { skip: missing('shellcheck') }, () => {
  const scripts = ['scripts/install', 'scripts/uninstall', 'scripts/demo', 'scripts/test', 'scripts/build', '.ci/run']
  const others = ['scripts/setup.sh', 'test/integration/systemd/boot']
  const { stdout } = command(['shellcheck', '--external-sources', ...scripts, ...others])
  assert.equal(stdout, '')
})

suite('scripts/demo', { skip: process.getuid?.() === 0 ? false : 'needs root for mounts' }, () => {
  test('shows a volume’s life with Docker, and leaves nothing behind', { skip: missing('dockerd') }, () => {
    const before = traces()
    const { stdout } = succeed(['scripts/demo'])
    assert.match(stdout, /\$ docker volume create -d netappdvp-demo --name netappdvp-demo-data -o size=100m\n/)
    assert.equal(stdout.match(/written by container /g)?.length, 4) // the command, and three that read it
    assert.match(stdout, /Everything this has made is taken away again/)
    assert.deepEqual(traces(), before)
  })

  test('shows the same without Docker, and leaves nothing behind', { skip: missing('curl') }, () => {
    const before = traces()
    const { stdout } = succeed(['scripts/demo', '--without-docker'])
    assert.match(stdout, /VolumeDriver\.Create\n\{"Err":""\}/)
    assert.equal(stdout.match(/^written while mounted$/gm)?.length, 2)
    assert.deepEqual(traces(), before)
  })

  test('leaves nothing behind when it is interrupted', { skip: missing('curl') }, async () => {
    const before = traces()
    const child = spawn('scripts/demo', ['--without-docker'], {
      cwd: root,
      detached: true,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    for await (const line of createInterface(child.stdout)) {
      // A Ctrl-C reaches every process of the terminal's.
      if (line.includes('VolumeDriver.Mount')) process.kill(-child.pid!, 'SIGINT')
    }
    if (child.exitCode === null) await once(child, 'exit')
    assert.equal(child.exitCode, 130)
    assert.deepEqual(traces(), before)
  })
})

function destination(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'netappdvp-install-'))
  t.after(() => rmSync(directory, { recursive: true }))
  return directory
}

function install(there: string): string {
  return succeed(['scripts/install'], { DESTDIR: there }).stdout
}

function uninstall(there: string): string {
  return succeed(['scripts/uninstall'], { DESTDIR: there }).stdout
}

function succeed(words: readonly string[], env: NodeJS.ProcessEnv = {}): SpawnSyncReturns<string> {
  const ended = command(words, env)
  assert.equal(ended.status, 0, `${words.join(' ')} ended with ${ended.status}:\n${ended.stdout}${ended.stderr}`)
  return ended
}

function command([program = '', ...args]: readonly string[], env: NodeJS.ProcessEnv = {}): SpawnSyncReturns<string> {
  const path = program.startsWith('scripts/') ? join(root, program) : program
  return spawnSync(path, args, { cwd: root, encoding: 'utf8', env: { ...process.env, ...env } })
}

function missing(program: string): string | false {
  return spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0 && `${program} is not installed`
}

function modeOf(there: string, path: string): number {
  return statSync(join(there, path)).mode & 0o777
}

function filesBelow(there: string): readonly string[] {
  const paths = readdirSync(there, { recursive: true, encoding: 'utf8' }).sort()
  return paths.filter((path) => !statSync(join(there, path)).isDirectory())
}

/** Where a demo could leave something. */
function traces(): readonly string[] {
  const directories = [
    '/run',
    '/run/docker/plugins',
    '/var/lib',
    '/var/lib/netappdvp',
    '/var/lib/docker-volumes',
    '/var/log/netappdvp',
    '/var/tmp',
    '/etc/docker',
  ]
  const entries = directories.flatMap((path) =>
    existsSync(path) ? readdirSync(path).map((name) => join(path, name)) : [],
  )
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8').split('\n')
  return [...entries, ...mounts].filter((trace) => /netappdvp-demo|^\/run\/(?:docker|containerd)/.test(trace))
}
