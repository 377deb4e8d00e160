import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { loadConfig } from '../../../src/config/load.ts'
import { drivers } from '../../../src/drivers/registry.ts'
import { portalOf } from '../../../src/drivers/solidfire-san/portal.ts'
import type { Secret } from '../../../src/secret.ts'

const good = {
  version: 1,
  storageDriverName: 'solidfire-san',
  Endpoint: 'https://admin:pass%2Fword@10.0.0.5/json-rpc/7.0',
  SVIP: '10.0.0.7:3260',
  TenantName: 'docker',
}
const bronze = { Type: 'Bronze', Qos: { minIOPS: 1000, maxIOPS: 2000, burstIOPS: 4000 } }

suite('a config of solidfire-san', () => {
  let directory: string
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'solidfire-config-'))
  })
  after(() => rm(directory, { recursive: true }))

  async function load(change: Record<string, unknown>) {
    const file = join(directory, 'config.json')
    await writeFile(file, JSON.stringify({ ...good, ...change }), { mode: 0o600 })
    return loadConfig({ file }, drivers, {})
  }

  test('as nDVP’s users have it is taken key for key, in whatever case', async () => {
    const loaded = await load({
      InitiatorIFace: 'default',
      Types: [bronze, { Type: 'Gold', QoS: { minIOPS: 6000, maxIOPS: 8000, burstIOPS: 10_000 } }],
      DefaultVolSz: 2,
      AccessGroups: [1, 2],
      LegacyNamePrefix: 'netappdvp-',
      DefaultBockSize: 4096,
    })
    assert.deepEqual(loaded.warnings, [])
    assert.equal(loaded.defaults['size'], '2GiB')
    assert.equal(loaded.prefix, '')
    assert.equal(loaded.deletePolicy, 'recoverable')
    assert.deepEqual((loaded.config['Types'] as unknown[])[1], {
      Type: 'Gold',
      Qos: { minIOPS: 6000, maxIOPS: 8000, burstIOPS: 10_000 },
    })
    assert.equal(loaded.config['DefaultBlockSize'], 4096)
    assert.equal((loaded.config['Endpoint'] as Secret).reveal(), good.Endpoint)
  })

  test('defaults.size comes before DefaultVolSz, and nDVP’s 1G where neither is given', async () => {
    assert.equal((await load({ DefaultVolSz: 2, defaults: { size: '7g' } })).defaults['size'], '7g')
    assert.equal((await load({})).defaults['size'], '1G')
  })

  test('of Trident’s keys those without effect here are warned of', async () => {
    const { warnings } = await load({ UseCHAP: true, storagePrefix: '', labels: { a: 'b' }, storage: [] })
    const said = warnings.map(({ message }) => message).join('\n')
    for (const key of ['UseCHAP', 'storagePrefix', 'labels', 'storage']) {
      assert.match(said, new RegExp(`setting "${key}" has no effect`))
    }
  })

  for (const [what, change, message] of [
    ['an Endpoint without credentials', { Endpoint: 'https://10.0.0.5/json-rpc/7.0' }, /it names no user/],
    ['an Endpoint without a password', { Endpoint: 'https://admin@10.0.0.5/json-rpc/7.0' }, /it has no password/],
    ['an Endpoint with a wrong escape', { Endpoint: 'https://a:50%off@10.0.0.5/json-rpc/7.0' }, /write it as %25/],
    ['an Endpoint with a wrong version', { Endpoint: 'https://a:b@10.0.0.5/json-rpc/seven' }, /a version of the API/],
    ['an Endpoint without a version', { Endpoint: 'https://a:b@10.0.0.5/' }, /a version of the API/],
    ['an Endpoint that is not HTTPS', { Endpoint: 'http://a:b@10.0.0.5/json-rpc/7.0' }, /begins with http:\/\//],
    [
      'a TenantName of 65 characters',
      { TenantName: 'x'.repeat(65) },
      /"TenantName" is .*expected at most 64 characters/,
    ],
    ['no SVIP', { SVIP: null }, /setting "SVIP" is missing; add it/],
    ['an SVIP that is no address', { SVIP: '10.0.0.7:3260:3260' }, /expected the storage address/],
    [
      'a type without a QoS value',
      { Types: [{ Type: 'B', Qos: { minIOPS: 1, maxIOPS: 2 } }] },
      /"Types\[0\]\.Qos\.burstIOPS" is missing/,
    ],
    ['a type without QoS', { Types: [{ Type: 'B' }] }, /"Types\[0\]\.Qos" is missing/],
    [
      'a type whose least is above its most',
      { Types: [{ Type: 'B', Qos: { minIOPS: 3, maxIOPS: 2, burstIOPS: 4 } }] },
      /type "B" in "Types" cannot be: minIOPS 3 is above maxIOPS 2/,
    ],
    ['two types of one name', { Types: [bronze, { ...bronze, Type: 'BRONZE' }] }, /type "BRONZE" stands twice/],
    ['a default type there is none of', { Types: [bronze], defaults: { type: 'Gold' } }, /specified type not found/],
    ['a default qos of two numbers', { defaults: { qos: '1,2' } }, /"defaults\.qos" cannot be "1,2"/],
    ['a default type and a default qos', { Types: [bronze], defaults: { type: 'bronze', qos: '1,2,3' } }, /both given/],
    ['a block size of 1000', { DefaultBlockSize: 1000 }, /expected 512 or 4096/],
    ['a fingerprint cut short', { tlsFingerprint: 'AB:CD' }, /"tlsFingerprint" is/],
  ] as const) {
    test(`with ${what} is refused, and the password stays unsaid`, async () => {
      await assert.rejects(load(change), (error: Error & { code: string }) => {
        assert.equal(error.code, 'CONFIG_INVALID')
        assert.match(error.message, message)
        assert.doesNotMatch(error.message, /pass(%2F|\/)word|50%off/)
        return true
      })
    })
  }
})

suite('SVIP', () => {
  for (const [text, portal] of [
    ['10.0.0.7', '10.0.0.7:3260'],
    ['10.0.0.7:3260', '10.0.0.7:3260'],
    ['10.0.0.7:3261', '10.0.0.7:3261'],
    [' svip.example ', 'svip.example:3260'],
    ['2001:db8::7', '[2001:db8::7]:3260'],
    ['[2001:db8::7]', '[2001:db8::7]:3260'],
    ['[2001:db8::7]:3261', '[2001:db8::7]:3261'],
  ] as const) {
    test(`${JSON.stringify(text)} is the portal ${portal}`, () => assert.equal(portalOf(text), portal))
  }

  for (const text of [
    '',
    '10.0.0',
    '10.0.0.300',
    '10.0.0.7:0',
    '10.0.0.7:99999',
    '10.0.0.7:',
    'https://10.0.0.7',
    '[x]:1',
    'a b',
  ]) {
    test(`${JSON.stringify(text)} is refused`, () => assert.throws(() => portalOf(text), { code: 'CONFIG_INVALID' }))
  }
})
