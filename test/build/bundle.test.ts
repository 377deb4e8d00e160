import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { type Bundle, bundle } from '../../scripts/executable/bundle.ts'
import { allSchemas } from '../../src/daemon/schemas.ts'

const root = resolve(import.meta.dirname, '../..')
const stamps = { version: '1.2.3', build: 'abc', built: '2026-01-01T00:00:00Z' }

let bundled: Promise<Bundle> | undefined
function shipped(): Promise<Bundle> {
  bundled ??= bundle({ root, entry: 'bin/netappdvp.ts', stamps, schemas: allSchemas() })
  return bundled
}

test('the executable carries no schema compiler', async () => {
  assert.deepEqual(
    (await shipped()).modules.filter((path) =>
      /src\/ajv\.ts|ajv\/dist\/(?!runtime)|node_modules\/fast-json-stringify\/index|node_modules\/@fastify\/(ajv|fast-json)/.test(
        path,
      ),
    ),
    [],
  )
})

test('the executable carries no second logger and no test client', async () => {
  assert.deepEqual(
    (await shipped()).modules.filter((path) => /node_modules\/(pino|thread-stream|light-my-request)\//.test(path)),
    [],
  )
})

test('the executable carries of undici what talks to arrays, without fetch and mocks', async () => {
  assert.deepEqual(
    (await shipped()).modules.filter((path) =>
      /undici\/(index|lib\/(mock|cache|web\/(fetch\/index|websocket)))/.test(path),
    ),
    [],
  )
})

test('the bundle is seven-bit text', async () => {
  const { code } = await shipped()
  assert.match(code, /^\p{ASCII}*$/u)
})

test('errors keep the names that logs show', async () => {
  const { code } = await shipped()
  for (const name of ['RequestError', 'ConfigError', 'BackendError', 'HostError', 'DeadlineError', 'Defect'])
    assert.ok(new RegExp(`\\b(${name} = class|class ${name}) extends PluginError`).test(code), name)
})

test('the build says in the executable which build it is', async () => {
  const { code } = await shipped()
  assert.match(code, /"?build"?: "abc"/)
})

for (const [statement, complaint] of [
  ["import { Agent } from 'undici'\nconsole.log(Agent)", /src\/main\.ts imports undici at load/],
  ['console.log(import.meta.url)', /src\/main\.ts uses import\.meta/],
] as const)
  test(`a module of ours with ${JSON.stringify(statement.split('\n')[0])} fails the build`, async (t) => {
    const directory = mkdtempSync(join(tmpdir(), 'netappdvp-bundle-'))
    t.after(() => rmSync(directory, { recursive: true }))
    mkdirSync(join(directory, 'src'))
    symlinkSync(join(root, 'node_modules'), join(directory, 'node_modules'))
    writeFileSync(join(directory, 'src/main.ts'), statement)
    await assert.rejects(bundle({ root: directory, entry: 'src/main.ts', stamps, schemas: [] }), complaint)
  })
