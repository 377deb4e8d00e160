import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { type TestContext, test } from 'node:test'
import { Agent, request } from 'undici'
import { root } from '../house/tree.ts'

interface Running {
  readonly process: ChildProcess
  readonly lines: readonly string[]
  readonly url: string
  readonly said: { stderr: string }
}

async function simulate(
  t: TestContext,
  flags: readonly string[],
  env: Record<string, string> = {},
  array = 'element',
): Promise<Running> {
  const argv = [join(root, 'bin/netappdvp.ts'), 'simulate', array, '--listen=127.0.0.1:0', ...flags]
  const child = spawn(process.execPath, argv, { env, stdio: ['ignore', 'pipe', 'pipe'] })
  t.after(() => child.kill('SIGKILL'))
  const said = { stderr: '' }
  child.stderr.on('data', (chunk) => {
    said.stderr += chunk
  })
  const lines: string[] = []
  for await (const line of createInterface(child.stdout)) {
    lines.push(line)
    if (line.startsWith('Certificate')) break
  }
  return { process: child, lines, said, url: /https:\/\/\S+/.exec(lines.join('\n'))?.[0] ?? '' }
}

async function restAnswerOf(t: TestContext, url: string, login: string, path: string) {
  const dispatcher = new Agent({ connect: { rejectUnauthorized: false } })
  t.after(() => dispatcher.destroy())
  const authorization = `Basic ${Buffer.from(login).toString('base64')}`
  const answer = await request(`${url}/api${path}`, { dispatcher, headers: { authorization } })
  return (await answer.body.json()) as Record<string, unknown>
}

async function restStatusOf(t: TestContext, url: string, login: string, path: string) {
  const dispatcher = new Agent({ connect: { rejectUnauthorized: false } })
  t.after(() => dispatcher.destroy())
  const authorization = `Basic ${Buffer.from(login).toString('base64')}`
  const answer = await request(`${url}/api${path}`, { dispatcher, headers: { authorization } })
  await answer.body.dump()
  return answer.statusCode
}

async function statusOf(t: TestContext, url: string, password: string, method = 'GetLimits') {
  const dispatcher = new Agent({ connect: { rejectUnauthorized: false } })
  t.after(() => dispatcher.destroy())
  const authorization = `Basic ${Buffer.from(`admin:${password}`).toString('base64')}`
  const body = JSON.stringify({ method, id: 1 })
  const answer = await request(url, { method: 'POST', dispatcher, headers: { authorization }, body })
  await answer.body.dump()
  return answer.statusCode
}

test('simulate says where the array is and by which certificate to know it, and ends on SIGTERM', async (t) => {
  const { process: child, lines, url, said } = await simulate(t, ['--fault=503:GetAPI', '--fault=502:GetLimits:1'])
  assert.match(
    lines[0] ?? '',
    /^Simulated Element array at https:\/\/127\.0\.0\.1:\d+\/json-rpc\/12\.0 \(user admin\)$/,
  )
  assert.match(lines[1] ?? '', /^Certificate SHA-256 (?:[0-9A-F]{2}:){31}[0-9A-F]{2}$/)
  assert.equal(await statusOf(t, url, 'admin', 'GetAPI'), 503)
  assert.deepEqual([await statusOf(t, url, 'admin'), await statusOf(t, url, 'admin')], [502, 200])
  await statusOf(t, url, 'admin', 'Nonsense')
  child.kill('SIGTERM')
  assert.deepEqual(await once(child, 'exit'), [0, null])
  assert.equal(said.stderr, 'Unknown method of Element’s API 12.0: Nonsense\n')
})

test('simulate ontap says whose address it is, and takes the faults of a REST API', async (t) => {
  const flags = ['--svm=nas', '--fault=503:GET /cluster:1', '--fault=917526:POST /storage/volumes']
  const { lines, url, process: child } = await simulate(t, flags, {}, 'ontap')
  assert.match(
    lines[0] ?? '',
    /^Simulated ONTAP 9\.15\.1 array at https:\/\/127\.0\.0\.1:\d+ \(SVM nas, user vsadmin\)$/,
  )
  assert.match(lines[1] ?? '', /^Certificate SHA-256 /)
  const ask = (login: string) => restStatusOf(t, url, login, '/cluster')
  assert.deepEqual(
    [await ask('vsadmin:wrong'), await ask('vsadmin:netapp1!'), await ask('vsadmin:netapp1!')],
    [401, 503, 200],
  )
  child.kill('SIGTERM')
  assert.deepEqual(await once(child, 'exit'), [0, null])
})

test('simulate ontap --cluster is the address of the cluster, whose user is admin', async (t) => {
  const { lines, url } = await simulate(t, ['--cluster', '--release=9.17.1', '--volumes=3'], {}, 'ontap')
  assert.match(lines[0] ?? '', /ONTAP 9\.17\.1 array at \S+ \(cluster with SVM svm1, user admin\)$/)
  assert.equal(await restStatusOf(t, url, 'admin:netapp1!', '/cluster/nodes'), 200)
})

test('simulate ontap --load-sharing gives the root volume of the SVM its mirrors', async (t) => {
  const mirrors = '/private/cli/snapmirror?type=LS'
  const counts = await Promise.all(
    [[], ['--load-sharing']].map(async (flags) => {
      const { url } = await simulate(t, ['--cluster', ...flags], {}, 'ontap')
      return (await restAnswerOf(t, url, 'admin:netapp1!', mirrors))['records']
    }),
  )
  assert.deepEqual(
    counts.map((records) => (records as unknown[]).length),
    [0, 2],
  )
})

test('the password comes from a file, or from the environment', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'netappdvp-test-'))
  t.after(() => rmSync(directory, { recursive: true, force: true }))
  const path = join(directory, 'password')
  writeFileSync(path, 'from-a-file\n')
  const env = { NETAPPDVP_SIMULATOR_PASSWORD: 'from-outside' }
  const outside = await simulate(t, [], env)
  assert.equal(await statusOf(t, outside.url, 'from-outside'), 200)
  assert.equal(await statusOf(t, outside.url, 'admin'), 401)
  const file = await simulate(t, [`--password-file=${path}`], env)
  assert.equal(await statusOf(t, file.url, 'from-a-file'), 200)
})

test('what cannot be simulated is told, and exits 2 for a wrong flag, 1 for what is missing', async () => {
  const wrong: readonly (readonly [number, RegExp, string, string?])[] = [
    [2, /^"7\.2" is no release of ONTAP that can be simulated\./, '--release=7.2', 'ontap'],
    [2, /^"xBusy:\*" is no fault\..*917526/, '--fault=xBusy:*', 'ontap'],
    [2, /^"sometimes" is no fault\./, '--fault=sometimes'],
    [2, /^"6\.0" is no version of the Element API\./, '--api-version=6.0'],
    [2, /^"here" is no address with a port\./, '--listen=here'],
    [1, /^Cannot read the password in \/missing: ENOENT/, '--password-file=/missing'],
  ]
  for (const [exitCode, message, flag, array = 'element'] of wrong) {
    const argv = [join(root, 'bin/netappdvp.ts'), 'simulate', array, flag]
    const child = spawn(process.execPath, argv, { env: {}, stdio: ['ignore', 'ignore', 'pipe'] })
    let stderr = ''
    child.stderr.on('data', (chunk) => {
      stderr += chunk
    })
    assert.deepEqual(await once(child, 'close'), [exitCode, null], flag)
    assert.match(stderr, message)
  }
})
