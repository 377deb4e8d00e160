import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { loadConfig } from '../../../src/config/load.ts'
import { drivers } from '../../../src/drivers/registry.ts'

const good = {
  version: 1,
  storageDriverName: 'ontap-nas',
  managementLIF: '10.0.0.1',
  dataLIF: '10.0.0.2',
  svm: 'svm_nfs',
  username: 'vsadmin',
  password: 'netapp123',
  aggregate: 'aggr1',
}

/** What a backend of Trident may say that nothing here acts on. */
const TRIDENTS = {
  backendName: 'b',
  igroupName: 'x',
  cloneSplitDelay: '10',
  nasType: 'nfs',
  sanType: 'iscsi',
  smbShare: 's',
  adAdminUser: 'a',
  useCHAP: true,
  chapUsername: 'u',
  chapInitiatorSecret: 's',
  chapTargetUsername: 'u',
  chapTargetInitiatorSecret: 's',
  limitVolumePoolSize: '10g',
  denyNewVolumePools: 'true',
  qtreesPerFlexvol: '100',
  lunsPerFlexvol: '100',
  qtreePruneFlexvolsPeriod: '600',
  qtreeQuotaResizePeriod: '60',
  emptyFlexvolDeferredDeletePeriod: '28800',
  replicationPolicy: 'p',
  replicationSchedule: 's',
  useBalancedPlacement: true,
  supportedTopologies: [{}],
  credentials: { name: 'x' },
  aws: {},
  gcnv: {},
}

const TRIDENTS_DEFAULTS = [
  ...['nameTemplate', 'spaceAllocation', 'fileSystemType', 'formatOptions'],
  ...['LUKSEncryption', 'mirroring', 'skipRecoveryQueue', 'adAdminUser'],
]

suite('a config of ontap-nas', () => {
  let directory: string
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'ontap-config-'))
  })
  after(() => rm(directory, { recursive: true }))

  async function load(change: Record<string, unknown>) {
    const file = join(directory, 'config.json')
    await writeFile(file, JSON.stringify({ ...good, ...change }), { mode: 0o600 })
    return loadConfig({ file }, drivers, {})
  }

  test('as nDVP’s users have it is taken key for key', async () => {
    const loaded = await load({
      storagePrefix: 'netappdvp_',
      nfsMountOptions: '-o nolock',
      usageHeartbeat: '24.0',
      defaults: {
        size: '10g',
        spaceReserve: 'volume',
        snapshotPolicy: 'default',
        splitOnClone: 'false',
        unixPermissions: '---rwxr-xr-x',
        snapshotDir: 'true',
        exportPolicy: 'myexportpolicy',
        securityStyle: 'mixed',
        encryption: false,
      },
    })
    assert.deepEqual(loaded.warnings, [])
    assert.equal(loaded.config['usageHeartbeat'], 24)
    assert.equal(loaded.defaults['snapshotDir'], 'true')
    assert.equal(loaded.prefix, 'netappdvp_')
    assert.equal(loaded.deletePolicy, 'recoverable')
  })

  test('may have a list of aggregates, or none', async () => {
    assert.deepEqual((await load({ aggregate: ['a1', 'a2'] })).config['aggregate'], ['a1', 'a2'])
    assert.equal((await load({ aggregate: undefined })).config['aggregate'], undefined)
    await assert.rejects(load({ aggregate: 7 }), /"aggregate" is 7/)
  })

  test('may have empty texts and lists, which count as left out', async () => {
    const left = await load({})
    const empty = await load({
      nfsMountOptions: '',
      autoExportCIDRs: [],
      defaults: { unixPermissions: '' },
      storage: [{ defaults: { unixPermissions: '' } }],
    })
    assert.deepEqual(empty.warnings, [])
    assert.equal(empty.config['nfsMountOptions'], left.config['nfsMountOptions'])
    assert.deepEqual(empty.defaults, left.defaults)
    assert.deepEqual(empty.config['storage'], [{ defaults: {} }])
  })

  test('may have a dataLIF of every kind', async () => {
    for (const dataLIF of ['10.0.0.2', '2001:db8::2', '[2001:db8::2]', 'nas.example.com']) {
      assert.deepEqual((await load({ dataLIF })).warnings, [])
    }
  })

  test('may have Trident’s pools', async () => {
    const { config, warnings } = await load({
      labels: { store: 'nas' },
      region: 'east',
      storage: [
        { labels: { tier: 'gold' }, zone: 'a', aggregate: 'aggr1', defaults: { spaceReserve: 'volume', size: '5g' } },
        { labels: { tier: 'bronze' }, zone: 'b', defaults: { snapshotDir: 'true' } },
      ],
    })
    assert.deepEqual(warnings, [])
    assert.equal((config['storage'] as unknown[]).length, 2)
  })

  for (const storageDriverName of ['ontap-nas', 'ontap-nas-flexgroup']) {
    test(`of Trident’s keys those without effect in ${storageDriverName} are warned of, one by one`, async () => {
      for (const [key, value] of Object.entries(TRIDENTS)) {
        const { warnings } = await load({ storageDriverName, [key]: value })
        assert.match(warnings.map(({ message }) => message).join(), new RegExp(`"${key}" has no effect: [^"]`))
      }
      for (const key of TRIDENTS_DEFAULTS) {
        const pool = { nasType: 'nfs', sanType: 'iscsi', supportedTopologies: [{}], defaults: { [key]: 'x' } }
        const { warnings, defaults } = await load({ storageDriverName, defaults: { [key]: 'x' }, storage: [pool] })
        assert.equal(warnings.length, 5)
        assert.deepEqual(defaults, { size: '1G' })
      }
    })
  }

  const faults: readonly (readonly [string, Record<string, unknown>, RegExp])[] = [
    ['no user', { username: undefined }, /"username" is missing/],
    ['no password', { password: undefined }, /"password" is missing/],
    ['a key without its certificate', { clientPrivateKey: 'x' }, /"clientCertificate".* is missing|needs the other/],
    ['permissions 999', { defaults: { unixPermissions: '999' } }, /octal digits are 0 to 7/],
    ['permissions rwx', { defaults: { unixPermissions: 'rwx' } }, /it is no mode/],
    ['permissions 4755', { defaults: { unixPermissions: '4755' } }, /no special bits/],
    ['permissions of a pool', { storage: [{ defaults: { unixPermissions: '888' } }] }, /octal digits/],
    ['a snapshot reserve of 101', { defaults: { snapshotReserve: 101 } }, /"defaults\.snapshotReserve" is 101/],
    ['security style ntfs', { defaults: { securityStyle: 'ntfs' } }, /"unix" or "mixed"/],
    ['a shell metacharacter in the mount options', { nfsMountOptions: '-o hard;reboot' }, /nfsMountOptions|option/],
    ['NFS version 9', { nfsMountOptions: '-o nfsvers=9' }, /nfsvers/],
    ['a network that is none', { autoExportCIDRs: ['10.0.0.0/33'] }, /is no network/],
    ['an empty list of pools', { storage: [] }, /is an empty list/],
    ['a label that is no text', { storage: [{ labels: { tier: 1 } }] }, /label "tier"/],
    ['an address with a path', { managementLIF: 'https://10.0.0.1/api' }, /managementLIF/],
    ['a dataLIF with a port', { dataLIF: '10.0.0.2:2049' }, /without a port or a zone/],
    ['a dataLIF with a zone', { dataLIF: 'fe80::1%eth0' }, /without a port or a zone/],
    ['a dataLIF that is no address', { dataLIF: '999.1.1.1' }, /write a name, an IPv4 or an IPv6 address/],
    ['a misspelt key', { managmentLIF: '10.0.0.1' }, /Did you mean "managementLIF"\?/],
  ]
  for (const [what, change, words] of faults) {
    test(`with ${what} is refused, and why is said`, async () => {
      await assert.rejects(load(change), (error: Error) => {
        assert.match(error.message, words)
        assert.doesNotMatch(error.message, /netapp123/)
        return true
      })
    })
  }
})
