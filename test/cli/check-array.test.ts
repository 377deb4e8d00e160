/** What `netappdvp check` says of the array, over both dialects. */

import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { checkArray } from '../../src/cli/check-array.ts'
import type { Finding } from '../../src/config/finding.ts'
import { loadConfig } from '../../src/config/load.ts'
import { drivers } from '../../src/drivers/registry.ts'
import {
  type OntapSimulator,
  type OntapSimulatorOptions,
  startOntapSimulator,
} from '../../src/simulators/ontap/simulator.ts'

const RELEASES = { rest: '9.15.1', zapi: '9.11.1' } as const

async function start(t: TestContext, options: OntapSimulatorOptions = {}): Promise<OntapSimulator> {
  const simulator = await startOntapSimulator({ jobMs: 5, ...options })
  t.after(() => simulator.close())
  return simulator
}

function directory(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'netappdvp-test-'))
  t.after(() => rmSync(path, { recursive: true, force: true }))
  return path
}

async function checked(
  t: TestContext,
  config: object,
  state = directory(t),
  patienceMs?: number,
): Promise<readonly Finding[]> {
  const path = join(directory(t), 'config.json')
  writeFileSync(path, JSON.stringify({ version: 1, storageDriverName: 'ontap-nas', ...config }), { mode: 0o600 })
  return checkArray(await loadConfig({ file: path }, drivers, {}), state, patienceMs)
}

function accessTo(simulator: OntapSimulator) {
  const { address, user, password, fingerprint } = simulator
  return { managementLIF: address, username: user, password, tlsFingerprint: fingerprint }
}

const of = (findings: readonly Finding[], subject: string) => findings.filter((finding) => finding.subject === subject)
const text = (findings: readonly Finding[]) =>
  findings.map(({ level, message, remedy = '' }) => `${level} ${message} ${remedy}`).join('\n')

/** A user whose role is as printed, and some more or less. */
async function addUser(simulator: OntapSimulator, change: (lines: readonly string[]) => readonly string[]) {
  const config = { ...accessTo(simulator), svm: 'svm1', password: { reveal: () => '' } }
  const lines = change(
    (await drivers['ontap-nas']!.roleCommands!({ config: config as never, deletePolicy: 'purge' })) ?? [],
  )
  const granted = (pattern: RegExp) =>
    lines.flatMap((line) => [...line.matchAll(pattern)].map(([, to = '', access]) => ({ to, access: access as 'all' })))
  const rest = granted(/^security login rest-role create .*-api (\S+) -access (\S+)$/g)
  const commands = granted(/^security login role create .*-cmddirname "([^"]+)" -access (\S+)$/g)
  const role = {
    rest: [...rest.map(({ to, access }) => ({ path: to, access })), ...LOOKING.rest],
    commands: [...commands.map(({ to, access }) => ({ command: to, access })), ...LOOKING.commands],
  }
  await simulator.addUser({ name: 'docker', password: 'least-rights-1', role })
  return { username: 'docker', password: 'least-rights-1' }
}

/** So that the check may look at the role. */
const LOOKING = {
  rest: [
    { path: '/api/security/accounts', access: 'readonly' },
    { path: '/api/security/roles', access: 'readonly' },
  ],
  commands: [
    { command: 'security login show', access: 'readonly' },
    { command: 'security login role show', access: 'readonly' },
  ],
} as const

for (const [dialect, release] of Object.entries(RELEASES)) {
  test(`over ${dialect}: the release, the SVM, its aggregates and where hosts mount from are told`, async (t) => {
    const findings = await checked(t, accessTo(await start(t, { release })))
    assert.match(
      text(of(findings, 'array')),
      new RegExp(`^ok \\S+ answers by ${dialect}: ONTAP ${release}, SVM svm1`, 'i'),
    )
    assert.match(text(of(findings, 'aggregates')), /^ok Volumes go to aggr1 \(\S+ \w+ free\), aggr2/)
    assert.match(text(of(findings, 'dataLIF')), /^ok Hosts mount from 127\.0\.0\.1\./)
  })

  test(`over ${dialect}: a role that may do more than is needed is told of, and the one that is printed is not`, async (t) => {
    const simulator = await start(t, { release })
    const administrator = of(await checked(t, accessTo(simulator)), 'role')
    assert.match(
      text(administrator),
      /^ok Role vsadmin of user vsadmin allows .*\nwarning Role vsadmin may do more .*"netappdvp role"/,
    )
    const user = await addUser(simulator, (lines) => lines)
    const config = { ...accessTo(simulator), ...user, deletePolicy: 'purge' }
    assert.match(text(of(await checked(t, config), 'role')), /^ok Role docker-role of user docker allows what .*\S\s*$/)
    assert.equal(of(await checked(t, config), 'role').length, 1)
  })

  test(`over ${dialect}: a right that lacks is an error, with the command that grants it`, async (t) => {
    const simulator = await start(t, { release })
    const user = await addUser(simulator, (lines) =>
      lines
        .filter((line) => !/volume clone create|application-logs|autosupport-log/.test(line))
        .map((line) => line.replace('/api/storage/volumes -access all', '/api/storage/volumes -access read_modify')),
    )
    const config = { ...accessTo(simulator), ...user, deletePolicy: 'purge' }
    const role = of(await checked(t, config), 'role')
    const wanted = {
      rest: /^error .*\/api\/storage\/volumes, by which the plugin makes volumes, removes volumes.*Grant it: security login rest-role modify -vserver svm1 -role docker-role -api \/api\/storage\/volumes -access all/m,
      zapi: /^error .*"volume clone create", by which the plugin clones volumes\. Grant it: security login role create -vserver svm1 -role docker-role -cmddirname "volume clone create" -access all/m,
    }
    assert.match(text(role), wanted[dialect as 'rest'])
    assert.match(text(role), /^warning .*Without it, the event log of the array does not tell who uses it\./m)
    assert.doesNotMatch(text(role), /^ok/m)
  })

  test(`over ${dialect}: a role that may not be looked at is a warning that says how to let it`, async (t) => {
    const simulator = await start(t, { release })
    const role = {
      rest: ['/api/cluster', '/api/svm', '/api/network'].map((path) => ({ path, access: 'readonly' as const })),
      commands: ['version', 'vserver', 'network'].map((command) => ({ command, access: 'readonly' as const })),
    }
    await simulator.addUser({ name: 'docker', password: 'least-rights-1', role })
    const config = { ...accessTo(simulator), username: 'docker', password: 'least-rights-1' }
    const [finding, ...others] = of(await checked(t, config), 'role')
    assert.deepEqual([finding?.level, others], ['warning', []])
    assert.match(finding?.remedy ?? '', /"netappdvp role" prints, or let it look: security login .* -access readonly/)
  })

  test(`over ${dialect}: a wrong password is a finding, and shows no password`, async (t) => {
    const findings = await checked(t, { ...accessTo(await start(t, { release })), password: 'wrong-password-1' })
    assert.match(text(findings), /^error The array refused .*Correct "username" and "password"/)
    assert.doesNotMatch(text(findings), /wrong-password-1/)
  })
}

test('what is wrong with aggregates, dataLIF or the SVM is told, each by itself', async (t) => {
  const access = accessTo(await start(t))
  const findings = await checked(t, { ...access, aggregate: 'aggr9', dataLIF: '10.9.9.9' })
  assert.match(text(of(findings, 'aggregates')), /^error Aggregate aggr9 does not exist or is not assigned to SVM svm1/)
  assert.match(text(of(findings, 'dataLIF')), /^error Could not find NFS Data LIF\. dataLIF 10\.9\.9\.9/)
  assert.match(text(await checked(t, { ...access, svm: 'svm9' })), /^error Cannot find the SVM "svm9"/)
})

test('a user of an SVM cannot be told how full aggregates are: limitAggregateUsage is an error then', async (t) => {
  const findings = await checked(t, { ...accessTo(await start(t)), limitAggregateUsage: '80%' })
  assert.match(text(of(findings, 'aggregates')), /^error .*storage\/aggregates/)
  const { tlsFingerprint, ...cluster } = accessTo(await start(t, { scope: 'cluster' }))
  const all = await checked(t, { ...cluster, tlsFingerprint, svm: 'svm1', limitAggregateUsage: '80%' })
  assert.match(text(of(all, 'aggregates')), /^ok/)
})

test('an array that does not answer, or is none, is a finding', async (t) => {
  const server = createServer((socket) => socket.end('no array'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  const { port } = server.address() as { readonly port: number }
  const login = { username: 'u', password: 'not-to-be-seen' }
  for (const managementLIF of [`127.0.0.1:${port}`, '127.0.0.1:1']) {
    const [finding, ...others] = await checked(t, { ...login, managementLIF })
    assert.deepEqual([finding?.level, finding?.subject, others], ['error', 'array', []])
  }
})

test('an array that answers but half of it is not waited for without end', async (t) => {
  const simulator = await start(t, { faults: ['hang:GET /network/ip/interfaces'] })
  const findings = await checked(t, accessTo(simulator), directory(t), 2_000)
  assert.match(text(of(findings, 'aggregates')), /^ok/)
  assert.match(text(of(findings, 'dataLIF')), /^error The array did not answer everything within 2 s/)
})

test('a certificate nobody vouches for is told of, and is not pinned; another than the pinned one is an error', async (t) => {
  const simulator = await start(t)
  const { tlsFingerprint: _, ...access } = accessTo(simulator)
  const state = directory(t)
  const findings = await checked(t, access, state)
  const warnings = of(findings, 'array').filter(({ level }) => level === 'warning')
  assert.equal(warnings.length, 1)
  assert.match(text(warnings), new RegExp(`The first start of the plugin pins it: SHA-256 ${simulator.fingerprint}`))
  assert.deepEqual(readdirSync(state), [])

  const pins = {
    version: 1,
    certificates: { [simulator.address]: { sha256: 'AA', since: '2025-05-01T12:00:00.000Z' } },
  }
  writeFileSync(join(state, 'certificates.json'), JSON.stringify(pins))
  assert.match(text(await checked(t, access, state)), /^error Cannot trust the certificate of /)
})

test('a driver without an array has nothing to say', async (t) => {
  assert.deepEqual(await checked(t, { storageDriverName: 'local-file', directory: directory(t) }), [])
})
