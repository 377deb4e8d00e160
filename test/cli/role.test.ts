import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { main } from '../../src/cli/main.ts'
import { ontapNasEconomy } from '../../src/drivers/ontap-nas-economy/driver.ts'
import { Secret } from '../../src/secret.ts'
import { makeCertificate } from '../../src/simulators/certificate.ts'
import { root } from '../house/tree.ts'

const NAS = {
  version: 1,
  storageDriverName: 'ontap-nas',
  managementLIF: '10.0.0.1',
  svm: 'svm1',
  username: 'docker',
  password: 'never-to-be-seen',
}

function directory(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'netappdvp-test-'))
  t.after(() => rmSync(path, { recursive: true, force: true }))
  return path
}

/** What `netappdvp role` says of a config. */
async function roleOf(t: TestContext, config: object) {
  const path = join(directory(t), 'config.json')
  writeFileSync(path, JSON.stringify(config), { mode: 0o600 })
  const said = { stdout: '', stderr: '' }
  const exitCode = await main(['role', `--config=${path}`, '--volume-driver=x'], {
    stdout: { write: (text) => (said.stdout += text) },
    stderr: { write: (text) => (said.stderr += text) },
  })
  return { exitCode, ...said }
}

/** Without what only explains. */
async function commandsOf(t: TestContext, change: object = {}): Promise<readonly string[]> {
  const { exitCode, stdout, stderr } = await roleOf(t, { ...NAS, ...change })
  assert.deepEqual([exitCode, stderr], [0, ''])
  return stdout.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
}

const some = (lines: readonly string[], pattern: RegExp) => lines.some((line) => pattern.test(line))

test('a role is what the config’s dialect needs, and the user who has it', async (t) => {
  const rest = await commandsOf(t, { useREST: true })
  assert.ok(rest.slice(0, -1).every((line) => line.startsWith('security login rest-role create -vserver svm1 -role ')))
  assert.ok(
    rest.includes(
      'security login rest-role create -vserver svm1 -role netappdvp_rest -api /api/storage/volumes -access all',
    ),
  )
  assert.equal(
    rest.at(-1),
    'security login create -vserver svm1 -user-or-group-name docker -application http -authentication-method password -role netappdvp_rest',
  )

  const zapi = await commandsOf(t, { useREST: false })
  assert.ok(zapi.slice(0, -1).every((line) => line.startsWith('security login role create -vserver svm1 -role ')))
  assert.ok(some(zapi, /-cmddirname "volume show" -access readonly$/))
  assert.ok(some(zapi, /-cmddirname "volume create" -access all$/))
  assert.match(zapi.at(-1) ?? '', /-application ontapi -authentication-method password -role netappdvp_zapi$/)
})

test('where the release decides, both roles are printed, each under a name of its own', async (t) => {
  const { stdout } = await roleOf(t, NAS)
  assert.match(stdout, /A user has one role: take one part/)
  assert.match(stdout, /netappdvp_rest[\s\S]*netappdvp_zapi/)
  assert.match(stdout, /^# Makes volumes\.$/m, 'each right is explained')
})

test('no secret is printed', async (t) => {
  const { stdout, stderr } = await roleOf(t, NAS)
  assert.doesNotMatch(stdout + stderr, /never-to-be-seen/)
})

test('rights that only some configs need are left out of the others', async (t) => {
  const plain = await commandsOf(t)
  assert.ok(!some(plain, /export-polic|storage\/aggregates|recovery-queue|qtree/))
  assert.ok(some(await commandsOf(t, { autoExportPolicy: true }), /-api \S+export-policies -access read_create$/))
  assert.ok(some(await commandsOf(t, { deletePolicy: 'purge' }), /volume recovery-queue purge/))
  const config = { ...NAS, password: new Secret(NAS.password) } as never
  const economy = (await ontapNasEconomy.roleCommands?.({ config, deletePolicy: 'purge' })) ?? []
  assert.ok(some(economy, /-api \/api\/storage\/qtrees -access all$/))
  assert.ok(some(economy, /volume quota resize/))
  assert.ok(!some(economy, /volume (?:snapshot|clone)/))
})

test('a right that only old releases need is shown as a remark', async (t) => {
  const { stdout } = await roleOf(t, { ...NAS, useREST: true })
  assert.match(stdout, /before ONTAP 9\.13\.1:\n# security login rest-role create .*-api \/api\/private\/cli\/volume /)
})

test('limitAggregateUsage takes a user of the cluster', async (t) => {
  const lines = await commandsOf(t, { limitAggregateUsage: '80%' })
  assert.ok(some(lines, /-api \/api\/storage\/aggregates -access readonly$/))
  assert.ok(some(lines, /-cmddirname "storage aggregate show" -access readonly$/))
  assert.ok(!some(lines, /-vserver/))
})

test('without an SVM in the config there is a word to be replaced, and it is said so', async (t) => {
  const { svm: _, ...config } = NAS
  const { stdout } = await roleOf(t, config)
  assert.match(stdout, /^# SVM stands for the name of your SVM/m)
  assert.match(stdout, /-vserver SVM -role/)
})

test('the rights to look at roles, which only the check takes, are shown as remarks', async (t) => {
  const { stdout } = await roleOf(t, NAS)
  assert.match(
    stdout,
    /"netappdvp check" can tell[^\n]*\n# security login rest-role create [^\n]* -api \/api\/security\/accounts /,
  )
  assert.match(stdout, /^# security login role create [^\n]* -cmddirname "security login role show" -access readonly$/m)
})

test('a user that every array has is not made again: another name is asked for', async (t) => {
  for (const username of ['vsadmin', 'admin']) {
    const { stdout } = await roleOf(t, { ...NAS, username })
    assert.match(stdout, /^# The user\. Put a name of your choice for USER, and into the config\. /m)
    assert.match(stdout, / -user-or-group-name USER /)
    assert.doesNotMatch(stdout, new RegExp(`-user-or-group-name ${username}`))
  }
})

test('names that are more than a word are quoted, and stay on their line', async (t) => {
  const lines = await commandsOf(t, { username: 'my "docker"\nuser', useREST: true })
  assert.match(lines.at(-1) ?? '', / -user-or-group-name "my \\"docker\\" user" -application/)
})

test('the user of a client certificate is its common name', async (t) => {
  const { username: _, password: __, ...config } = NAS
  const { cert, key } = makeCertificate('127.0.0.1', 'docker-cert')
  const { stdout } = await roleOf(t, { ...config, clientCertificate: cert, clientPrivateKey: key })
  assert.match(stdout, /-user-or-group-name docker-cert -application http -authentication-method cert /)
})

test('a driver whose array has no roles, or a faulty config, is an error that says so', async (t) => {
  const local = await roleOf(t, { version: 1, storageDriverName: 'local-file' })
  assert.deepEqual([local.exitCode, local.stdout], [1, ''])
  assert.match(local.stderr, /local-file has none\. Drivers that have one: ontap-nas,/)
  const faulty = await roleOf(t, { ...NAS, managmentLIF: '10.0.0.1' })
  assert.equal(faulty.exitCode, 1)
  assert.match(faulty.stderr, /Did you mean "managementLIF"/)
})

test('scripts/ontap-role runs the netappdvp there is: on the PATH, else the one that was built', (t) => {
  const there = directory(t)
  const [scripts, dist, bin] = ['scripts', 'dist', 'bin'].map((name) => join(there, name)) as [string, string, string]
  for (const path of [scripts, dist, bin]) mkdirSync(path)
  copyFileSync(join(root, 'scripts/ontap-role'), join(scripts, 'ontap-role'))
  const run = (path: string) => spawnSync(join(scripts, 'ontap-role'), ['--config=x y'], { env: { PATH: path } })

  const missing = run('/usr/bin:/bin')
  assert.equal(missing.status, 1)
  assert.match(String(missing.stderr), /no netappdvp on the PATH, nor at .*dist\/netappdvp\. Install it, or build it/)

  const program = join(root, 'test/fake-bin/print-arguments')
  symlinkSync(program, join(dist, 'netappdvp'))
  assert.equal(String(run('/usr/bin:/bin').stdout), 'role\n--config=x y\n')
  rmSync(dist, { recursive: true })
  symlinkSync(program, join(bin, 'netappdvp'))
  assert.equal(String(run(`${bin}:/usr/bin:/bin`).stdout), 'role\n--config=x y\n')
})
