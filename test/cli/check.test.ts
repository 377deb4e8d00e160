import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { check } from '../../src/cli/check.ts'
import { report } from '../../src/cli/check-report.ts'
import type { Finding } from '../../src/config/finding.ts'
import { plainDriver } from '../config/drivers.ts'

function rootDirectory(t: TestContext): string {
  const root = mkdtempSync(join(tmpdir(), 'netappdvp-test-'))
  t.after(() => rmSync(root, { recursive: true, force: true }))
  return root
}

/** Findings by their subject below the root. */
async function checkAt(root: string, text = '{"version":1,"storageDriverName":"plain"}') {
  const config = join(root, 'config.json')
  writeFileSync(config, text)
  const findings = await check(
    { config, volumeDriver: 'x', root, json: false },
    {
      registry: { plain: { ...plainDriver, tools: ['mount', 'frobnicate'], optionalTools: ['mkfs.zfs'] } },
      env: {},
      findProgram: async (name) => (name === 'mount' ? '/bin/mount' : undefined),
      packageOf: (name) => (name === 'frobnicate' ? { debian: 'frob', rhel: 'frob-utils' } : undefined),
    },
  )
  return new Map(findings.map((finding) => [finding.subject.replace(root, ''), finding]))
}

const levels = (findings: ReadonlyMap<string, Finding>) =>
  Object.fromEntries([...findings].map(([subject, { level }]) => [subject, level]))

test('an empty host is ready but for the program that is missing, which is named with its package', async (t) => {
  const findings = await checkAt(rootDirectory(t))
  assert.deepEqual(levels(findings), {
    config: 'ok',
    privileges: process.geteuid?.() === 0 ? 'ok' : 'error',
    mount: 'ok',
    frobnicate: 'error',
    'mkfs.zfs': 'warning',
    '/run/docker/plugins': 'ok',
    '/var/lib/netappdvp/x': 'ok',
    '/var/lib/docker-volumes/x': 'ok',
    '/var/log/netappdvp': 'ok',
    '/run/docker/plugins/x.sock': 'ok',
    Docker: 'warning',
  })
  assert.equal(findings.get('frobnicate')?.remedy, 'Install the package frob (Debian) or frob-utils (RHEL).')
})

test('looking changes nothing', async (t) => {
  const root = rootDirectory(t)
  await checkAt(root)
  assert.throws(() => mkdirSync(join(root, 'run/docker')), { code: 'ENOENT' })
})

test('whatever stands in the place of a directory is named', async (t) => {
  const root = rootDirectory(t)
  mkdirSync(join(root, 'var/lib/netappdvp'), { recursive: true })
  symlinkSync('/etc', join(root, 'var/lib/netappdvp/x'))
  mkdirSync(join(root, 'var/log'))
  writeFileSync(join(root, 'var/log/netappdvp'), '')
  writeFileSync(join(root, 'run'), '')
  const findings = await checkAt(root)
  assert.match(findings.get('/var/lib/netappdvp/x')?.message ?? '', /is a symbolic link where a directory must be/)
  assert.match(findings.get('/var/log/netappdvp')?.message ?? '', /is a file where a directory must be/)
  assert.match(findings.get('/run/docker/plugins')?.message ?? '', /cannot be made: .*\/run is not a directory/)
})

test('a socket somebody answers on is told from one that is left over', async (t) => {
  const root = rootDirectory(t)
  const path = join(root, 'run/docker/plugins/x.sock')
  mkdirSync(dirname(path), { recursive: true })
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(path, resolve))
  t.after(() => server.close())
  const served = (await checkAt(root)).get('/run/docker/plugins/x.sock')
  assert.equal(served?.level, 'ok')
  assert.match(served?.message ?? '', new RegExp(`Served by process ${process.pid} `))
})

test('a file in the place of the socket is a left-over', async (t) => {
  const root = rootDirectory(t)
  mkdirSync(join(root, 'run/docker/plugins'), { recursive: true })
  writeFileSync(join(root, 'run/docker/plugins/x.sock'), '')
  assert.equal((await checkAt(root)).get('/run/docker/plugins/x.sock')?.level, 'warning')
})

test('Docker that answers is found', async (t) => {
  const root = rootDirectory(t)
  mkdirSync(join(root, 'run'))
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(join(root, 'run/docker.sock'), resolve))
  t.after(() => server.close())
  assert.equal((await checkAt(root)).get('Docker')?.level, 'ok')
})

test('a config that cannot be used leaves the rest to be checked', async (t) => {
  const findings = await checkAt(rootDirectory(t), '{"version":1')
  assert.equal(findings.get('config')?.level, 'error')
  assert.ok(findings.has('Docker'))
  assert.ok(!findings.has('mount'))
})

test('a report for people is a line a finding, remedy last', () => {
  const findings: readonly Finding[] = [
    { level: 'ok', subject: 'mount', message: 'Found /bin/mount.' },
    { level: 'error', subject: 'x', message: 'Not found.', remedy: 'Install it.' },
  ]
  assert.equal(report(findings, false), 'ok       mount: Found /bin/mount.\nerror    x: Not found. Install it.\n')
  assert.deepEqual(JSON.parse(report(findings, true)), { ok: false, findings })
})
