import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { inspect } from 'node:util'
import type { LoadedConfig } from '../../src/config/load.ts'
import { Secret, strike } from '../../src/secret.ts'
import { directory, faultOf, load } from './config-file.ts'

const base = { version: 1, storageDriverName: 'array-san', TenantName: 'docker' }
const array = { ...base, EndPoint: 'https://10.0.0.1' }

/** As it stands in a config. */
function variable(name: string): string {
  return `$\{${name}}`
}

const PW = variable('PW')

function reveal({ config }: LoadedConfig, name: string): string {
  const secret = config[name]
  assert.ok(secret instanceof Secret)
  return secret.reveal()
}

test('a secret setting is a Secret, hidden from every print and from logs', async (t) => {
  const loaded = await load(t, { ...array, password: 'open sesame' })
  assert.equal(reveal(loaded, 'password'), 'open sesame')
  for (const text of [inspect(loaded), JSON.stringify(loaded.config)]) assert.ok(!text.includes('sesame'))
  assert.equal(strike('pw=open sesame'), 'pw=***')
})

test('a variable within a secret is the environment’s; a doubled dollar makes it plain text', async (t) => {
  const env = { USER_1: 'admin', PW: 'p#w/word' }
  const loaded = await load(t, { ...base, EndPoint: `https://${variable('USER_1')}:${PW}@h/$${PW}$PW` }, env)
  assert.equal(reveal(loaded, 'EndPoint'), `https://admin:p#w/word@h/${PW}$PW`)
  assert.equal(strike('just p#w/word'), 'just ***')
})

test('a variable that is not set is named', async (t) => {
  const { code, sentences } = await faultOf(load(t, { ...base, EndPoint: `https://${variable('NO_SUCH')}` }))
  assert.equal(code, 'CONFIG_INVALID')
  assert.match(
    sentences[0] ?? '',
    /line 5: setting "EndPoint" asks for the environment variable NO_SUCH, which is not set;/,
  )
})

test('a variable in a setting that is no secret is just text', async (t) => {
  assert.equal((await load(t, { ...array, TenantName: PW })).config['TenantName'], PW)
})

test('a secret may come from a file, without the end of its line', async (t) => {
  const passwordFile = join(directory(t), 'pw')
  writeFileSync(passwordFile, 'from a file \r\n', { mode: 0o600 })
  const loaded = await load(t, { ...array, passwordFile })
  assert.equal(reveal(loaded, 'password'), 'from a file ')
  assert.ok(!('passwordFile' in loaded.config))
  assert.deepEqual(loaded.warnings, [])
})

test('a secret’s file that is missing, empty or too large is told', async (t) => {
  const at = directory(t)
  writeFileSync(join(at, 'empty'), '\n')
  writeFileSync(join(at, 'large'), 'x'.repeat(70_000))
  const faults: Readonly<Record<string, RegExp>> = {
    missing: /file \S+missing of setting "passwordFile" cannot be read \(ENOENT/,
    empty: /is empty; write the secret into it\.$/,
    large: /is larger than 65536 bytes/,
  }
  for (const [name, fault] of Object.entries(faults)) {
    const { sentences } = await faultOf(load(t, { ...array, passwordFile: join(at, name) }))
    assert.match(sentences[0] ?? '', fault)
  }
})

test('a secret given both ways is refused', async (t) => {
  assert.deepEqual((await faultOf(load(t, { ...array, password: 'x', passwordFile: '/x' }))).sentences, [
    'config.json line 6: settings "password" and "passwordFile" are both given; keep one of them.',
  ])
})

test('a systemd credential serves a secret the config does not give; the driver’s own name goes first', async (t) => {
  const at = directory(t)
  const env = { CREDENTIALS_DIRECTORY: at }
  writeFileSync(join(at, 'password'), 'general\n')
  assert.equal(reveal(await load(t, array, env), 'password'), 'general')
  writeFileSync(join(at, 'array-san.password'), 'special\n')
  assert.equal(reveal(await load(t, array, env), 'password'), 'special')
  assert.equal(reveal(await load(t, { ...array, password: 'given' }, env), 'password'), 'given')
})

test('a systemd credential that is there but cannot be read is told', async (t) => {
  const at = directory(t)
  mkdirSync(join(at, 'password'))
  const { sentences } = await faultOf(load(t, array, { CREDENTIALS_DIRECTORY: at }))
  assert.match(sentences[0] ?? '', /systemd credential \S+\/password cannot be read \(EISDIR/)
})

test('a required secret may come from anywhere, and is missed when it comes from nowhere', async (t) => {
  const at = directory(t)
  writeFileSync(join(at, 'EndPoint'), 'https://10.0.0.2')
  assert.equal(reveal(await load(t, base, { CREDENTIALS_DIRECTORY: at }), 'EndPoint'), 'https://10.0.0.2')
  assert.deepEqual((await faultOf(load(t, base))).sentences, [
    'config.json: setting "EndPoint" is missing; give it, or "EndPointFile", or the systemd credential "array-san.EndPoint".',
  ])
})

test('a secret of a wrong form is told without its value, wherever it came from', async (t) => {
  const EndPointFile = join(directory(t), 'e')
  writeFileSync(EndPointFile, 'ftp://canary-7461')
  for (const config of [{ EndPoint: 'ftp://canary-7461' }, { EndPointFile }]) {
    const { sentences } = await faultOf(load(t, { ...base, ...config }))
    assert.match(
      sentences[0] ?? '',
      /setting "EndPoint" is not of that form; expected text that matches \^https\?:\/\/\.$/,
    )
  }
  const { sentences } = await faultOf(load(t, { ...array, password: 7461 }))
  assert.match(sentences[0] ?? '', /setting "password" is a number; expected text in quotes\.$/)
})

test('a literal secret in a file that others may read is a warning; a variable or a tight mode is not', async (t) => {
  const warnings = async (config: object, mode: number) => (await load(t, config, { PW: 'x1y2' }, mode)).warnings
  const [warning, ...others] = await warnings({ ...array, password: 'abcd' }, 0o644)
  assert.match(
    warning?.message ?? '',
    /"EndPoint" is a secret in a file that others may read; chmod 600 it, or use "EndPointFile"\.$/,
  )
  assert.equal(others.length, 1)
  assert.equal((await warnings({ ...array, password: 'abcd' }, 0o640)).length, 2)
  assert.equal((await warnings({ ...array, password: PW, EndPoint: `https://${PW}` }, 0o644)).length, 0)
  assert.equal((await warnings({ ...array, password: 'abcd' }, 0o600)).length, 0)
})

test('a secret’s file that others may read is a warning', async (t) => {
  const passwordFile = join(directory(t), 'pw')
  writeFileSync(passwordFile, 'abcd')
  chmodSync(passwordFile, 0o644)
  const { warnings } = await load(t, { ...array, passwordFile })
  assert.match(
    warnings[0]?.message ?? '',
    /file \S+pw of setting "passwordFile" holds a secret and others may read it; chmod 600 it\.$/,
  )
})

test('a config with faults shows none of its secrets', async (t) => {
  const { sentences } = await faultOf(load(t, { ...array, password: 'canary-9321', passwrd: 'canary-9321', port: 'x' }))
  assert.ok(sentences.length > 1)
  assert.ok(!sentences.join().includes('canary'))
})
