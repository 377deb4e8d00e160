import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { type TestContext, test } from 'node:test'
import { type App, appScript } from '../../scripts/executable/app-script.ts'
import { bundle } from '../../scripts/executable/bundle.ts'
import { allSchemas } from '../../src/daemon/schemas.ts'
import type { Schema } from '../../src/draft07.ts'
import { compile } from '../../src/validate.ts'

test('a generated validator finds the faults that the compiled one finds', async (t) => {
  const schema = {
    $id: 'test/volume',
    type: 'object',
    properties: {
      size: { type: 'string', format: 'size', required: true },
      share: { type: 'string', format: 'percent' },
    },
    additionalProperties: false,
  }
  const values = [
    {},
    { size: '10g' },
    { size: 'ten' },
    { size: 10, share: '80%', other: 1 },
    { size: '1g', share: 'x' },
    null,
  ]
  const generated = await generatedCompile(t, [schema])
  for (const value of values) assert.deepEqual(generated(schema)(value), compile(schema)(value))
})

test('every schema has a validator', async (t) => {
  const generated = await generatedCompile(t, allSchemas())
  for (const schema of allSchemas()) assert.equal(typeof generated(schema), 'function')
})

test('a schema the build did not know is a defect, at once and by name', async (t) => {
  const generated = await generatedCompile(t, [])
  assert.throws(() => generated({ $id: 'nobody/knows' }), {
    name: 'Defect',
    message: /"nobody\/knows".*src\/daemon\/schemas\.ts/,
  })
})

test('two schemas of one name fail the build', async (t) => {
  await assert.rejects(generatedCompile(t, [{ $id: 'a' }, { $id: 'a', type: 'object' }]), /Two schemas are named "a"/)
})

/** `compile` as an executable would have it that was built with these schemas. */
async function generatedCompile(t: TestContext, schemas: readonly Schema[]): Promise<typeof compile> {
  const directory = mkdtempSync(join(tmpdir(), 'netappdvp-validators-'))
  t.after(() => rmSync(directory, { recursive: true }))
  const entry = join(directory, 'entry.ts')
  writeFileSync(
    entry,
    `import { compile } from ${JSON.stringify(resolve(import.meta.dirname, '../../src/validate.ts'))}\nObject.assign(globalThis, { compile })`,
  )
  const { code } = await bundle({
    root: resolve(import.meta.dirname, '../..'),
    entry,
    stamps: { version: '', build: '', built: '' },
    schemas,
  })
  const app: App = appScript(code).runInThisContext()
  app(createRequire(import.meta.url))
  return (globalThis as unknown as { compile: typeof compile }).compile
}
