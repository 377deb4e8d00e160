import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { loadConfig } from '../../src/config/load.ts'
import { drivers } from '../../src/drivers/registry.ts'
import { compile } from '../../src/validate.ts'
import { read, root } from './tree.ts'

const directory = join(root, 'etc-netappdvp')
const examples = readdirSync(directory).filter((name) => name.endsWith('.example.json'))

for (const example of examples) {
  const driver = example.replace('.example.json', '')

  test(`${example}, for root's eyes only, is a config for ${driver} that gives no warning`, async (t) => {
    const home = await mkdtemp(join(tmpdir(), 'example-'))
    t.after(() => rm(home, { recursive: true }))
    const file = join(home, example)
    await writeFile(file, read(`etc-netappdvp/${example}`), { mode: 0o600 })
    const loaded = await loadConfig({ file }, drivers, {})
    assert.equal(loaded.driverName, driver)
    assert.deepEqual(loaded.warnings, [])
  })

  test(`${example} names the schema beside it, and keeps to it`, () => {
    const config = JSON.parse(read(`etc-netappdvp/${example}`)) as Record<string, unknown>
    assert.equal(config['$schema'], `./${driver}.schema.json`)
    const schema = JSON.parse(read(`etc-netappdvp/${driver}.schema.json`)) as { readonly $id: string }
    assert.deepEqual(compile(schema)(config), [])
  })
}

const shown = [...read('README.md').matchAll(/^\{\n {2}"version": 1,[\s\S]*?^\}$/gm)].map(([text]) => text)

test('each config that the README shows is one, and gives no warning', async (t) => {
  assert.ok(shown.length >= 3)
  const home = await mkdtemp(join(tmpdir(), 'example-'))
  t.after(() => rm(home, { recursive: true }))
  for (const text of shown) {
    const file = join(home, 'config.json')
    await writeFile(file, text, { mode: 0o600 })
    assert.deepEqual((await loadConfig({ file }, drivers, {})).warnings, [], text)
  }
})
