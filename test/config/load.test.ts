import assert from 'node:assert/strict'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { InvalidConfig } from '../../src/config/explain.ts'
import { loadConfig } from '../../src/config/load.ts'
import { chooseSource } from '../../src/config/source.ts'
import { hasCode } from '../../src/errors.ts'
import { directory, faultOf, load } from './config-file.ts'
import { registry } from './drivers.ts'

const plain = { version: 1, storageDriverName: 'plain' }
const array = { version: 1, storageDriverName: 'array-san', EndPoint: 'https://10.0.0.1', TenantName: 'docker' }

test('the least config has nDVP’s defaults', async (t) => {
  const { driverName, prefix, deletePolicy, defaults, limitVolumeSize, warnings, config } = await load(t, plain)
  assert.deepEqual([driverName, prefix, deletePolicy, limitVolumeSize], ['plain', 'netappdvp_', 'purge', undefined])
  assert.deepEqual([defaults, warnings, config], [{ size: '1G' }, [], {}])
})

test('a byte order mark is passed over', async (t) => {
  assert.equal((await load(t, `\ufeff${JSON.stringify(plain)}`)).driverName, 'plain')
})

test('a built-in config needs no file', async () => {
  const { name, driverName } = await loadConfig({ builtin: JSON.stringify(plain) }, registry, {})
  assert.deepEqual([name, driverName], ['built-in config', 'plain'])
})

test('a file that cannot be read is told with the reason and what to do', async (t) => {
  const at = directory(t)
  mkdirSync(join(at, 'directory'))
  symlinkSync('nowhere', join(at, 'dangling'))
  symlinkSync('circle', join(at, 'circle'))
  writeFileSync(join(at, 'large'), ' '.repeat(1024 * 1024 + 1))
  writeFileSync(join(at, 'utf16'), Buffer.from(`\ufeff${JSON.stringify(plain)}`, 'utf16le'))
  writeFileSync(join(at, 'latin1'), Buffer.from('{"é": 1}', 'latin1'))
  const reasons: Readonly<Record<string, RegExp>> = {
    missing: /there is no such file\. Create it, or give its path with --config\.$/,
    dangling: /there is no such file/,
    directory: /it is a directory\. Give the path of a config file in it\.$/,
    'large/x': /a part of its path is not a directory/,
    circle: /symbolic links lead in a circle/,
    large: /larger than 1048576 bytes/,
    utf16: /it is UTF-16\. Save it as UTF-8\.$/,
    latin1: /it is not UTF-8 text\. Save it as UTF-8\.$/,
  }
  for (const [name, reason] of Object.entries(reasons)) {
    const file = join(at, name)
    await assert.rejects(loadConfig({ file }, registry, {}), (error) => {
      assert.ok(hasCode(error, 'CONFIG_UNREADABLE'), name)
      assert.ok(error.message.startsWith(`Cannot read config file ${file}: `), error.message)
      assert.match(error.message, reason)
      return true
    })
  }
})

test('what is not JSON is told by line and column, in nDVP’s words', async (t) => {
  assert.deepEqual(await faultOf(load(t, '{"version": 1,\n  storageDriverName: "plain"}')), {
    code: 'CONFIG_UNREADABLE',
    sentences: [
      'Cannot decode json configuration error: config.json line 2 column 3: expected a key in double quotes after the "," (the last one takes no comma), found "s".',
    ],
  })
})

test('a config that is no object is refused', async (t) => {
  for (const text of ['[]', 'null', '1', '"x"']) {
    assert.deepEqual((await faultOf(load(t, text))).code, 'CONFIG_INVALID')
  }
})

test('another version is told in nDVP’s words, and nothing else is', async (t) => {
  for (const [version, found] of [
    [2, '2'],
    ['x', '"x"'],
    [1.5, '1.5'],
    [{}, '{}'],
  ] as const) {
    assert.deepEqual(await faultOf(load(t, { version, storageDriverName: 'plain', nonsense: 1 })), {
      code: 'CONFIG_INVALID',
      sentences: [`config.json line 2: Unexpected config file version;  found ${found} expected 1.`],
    })
  }
  assert.deepEqual((await faultOf(load(t, { storageDriverName: 'plain' }))).sentences, [
    'config.json: Unexpected config file version;  found none expected 1.',
  ])
})

test('a missing driver name is told in nDVP’s words', async (t) => {
  for (const config of [
    { version: 1 },
    { version: 1, storageDriverName: '' },
    { version: 1, storageDriverName: null },
  ]) {
    const { code, sentences } = await faultOf(load(t, config))
    assert.equal(code, 'CONFIG_INVALID')
    assert.match(
      sentences[0] ?? '',
      /: Missing storage driver name in configuration file\. Set .* one of: plain, array-san/,
    )
  }
})

test('an unknown driver is told with the nearest name and all names', async (t) => {
  const found = await faultOf(load(t, { version: 1, storageDriverName: 'arraysan' }))
  assert.deepEqual(found, {
    code: 'DRIVER_UNKNOWN',
    sentences: [
      'config.json line 3: Unknown storage driver "arraysan" in configuration file. Did you mean "array-san"? Set "storageDriverName" to one of: plain, array-san, array-nas.',
    ],
  })
  for (const name of ['toString', '__proto__', 7]) {
    assert.equal(
      (await faultOf(load(t, `{"version":1,"storageDriverName":${JSON.stringify(name)}}`))).code,
      'DRIVER_UNKNOWN',
    )
  }
})

test('for a driver of nDVP that is not here no other is suggested: it would make volumes of another kind', async (t) => {
  const { code, sentences } = await faultOf(load(t, { version: 1, storageDriverName: 'ontap-san' }))
  assert.equal(code, 'DRIVER_UNKNOWN')
  assert.match(sentences[0] ?? '', /: Unknown storage driver "ontap-san" in .*\. nDVP or Trident has it, this version /)
  assert.doesNotMatch(sentences[0] ?? '', /Did you mean/)
})

test('keys have any case at every level, and aliases', async (t) => {
  const { config, defaults, prefix } = await load(t, {
    VERSION: 1,
    storagedrivername: 'array-san',
    Endpoint: 'https://10.0.0.1',
    TENANT: 'docker',
    StoragePrefix: '',
    types: [{ TYPE: 'Gold', QOS: { minIops: 100 } }],
    Defaults: { FsType: 'xfs', SIZE: '5g' },
  })
  assert.equal(config['TenantName'], 'docker')
  assert.deepEqual(config['Types'], [{ Type: 'Gold', Qos: { minIOPS: 100 } }])
  assert.deepEqual(defaults, { size: '5g', fileSystemType: 'xfs' })
  assert.equal(prefix, '')
})

test('equal keys are refused, whether they differ by nothing, by case or by alias', async (t) => {
  const text = `{"version": 1, "storageDriverName": "array-san", "EndPoint": "https://h",
    "TenantName": "a", "tenant": "b",
    "port": 1, "Port": 2,
    "defaults": {"size": "1g", "size": "2g"}}`
  assert.deepEqual((await faultOf(load(t, text))).sentences, [
    'config.json line 2: keys "TenantName" and "tenant" are the same setting; remove one of them.',
    'config.json line 3: keys "port" and "Port" are the same setting (first on line 3); remove one of them.',
    'config.json line 4: key "size" is given twice (first on line 4); remove one of them.',
  ])
})

test('every wrong value is told at once: where, what was found, what is expected', async (t) => {
  const { code, sentences } = await faultOf(
    load(t, {
      ...array,
      disableDelete: 'maybe',
      deletePolicy: 'shred',
      limitVolumeSize: '1.5g',
      storagePrefix: 'a/b',
      TenantName: '',
      port: 99999,
      ratio: '1,5',
      usage: 'lots',
      state: 'relative',
      names: { a: 1 },
      limit: { minIOPS: 10 },
      Types: [{ Qos: { burst: 3 } }],
      defaults: { size: 3, fileSystemType: 'zfs', splitOnClone: 'perhaps', blocks: 1000 },
    }),
  )
  assert.equal(code, 'CONFIG_INVALID')
  const told = sentences.map((sentence) => sentence.replace(/^config\.json line \d+: /, ''))
  assert.deepEqual(told.slice(0, 10), [
    'setting "TenantName" is ""; expected text that is not empty.',
    'setting "disableDelete" is "maybe"; expected true or false.',
    'setting "deletePolicy" is "shred"; expected "recoverable", "purge" or "retain".',
    'Cannot read limitVolumeSize "1.5g": it is not a whole number with a unit. Write a whole number and a unit, such as 10g (GiB), 512m (MiB) or 20gb (10^9 bytes); a bare number means GiB.',
    'setting "storagePrefix" is "a/b"; expected text that matches ^[A-Za-z0-9_.-]*$.',
    'setting "port" is 99999; expected at most 65535.',
    'setting "ratio" is "1,5"; expected a number.',
    'setting "usage" is "lots"; expected a percentage such as 80 or "80%".',
    'setting "state" is "relative"; expected an absolute path.',
    'setting "names" is an object; expected a list in "[" and "]".',
  ])
  assert.deepEqual(told.slice(10), [
    'setting "limit.minIOPS" is 10; expected at least 50.',
    'setting "Types[0].Qos.minIOPS" is missing; add it.',
    'setting "Types[0].Qos.burst" is 3; expected true or false.',
    'setting "defaults.size" is 3; expected text in quotes.',
    'setting "defaults.fileSystemType" is "zfs"; expected "ext4" or "xfs".',
    'setting "defaults.splitOnClone" is "perhaps"; expected true or false.',
    'setting "defaults.blocks" is 1000; expected 512 or 4096.',
  ])
})

test('the faults are there one by one too', async (t) => {
  await assert.rejects(load(t, { ...plain, nonsense: 1, more: 2 }), (error) => {
    assert.ok(error instanceof InvalidConfig)
    assert.deepEqual(
      error.findings.map(({ level, subject }) => `${level} ${subject}`),
      ['error config', 'error config'],
    )
    assert.equal(error.message, error.findings.map(({ message }) => message).join('\n'))
    return true
  })
})

test('an unknown setting is refused with the nearest name, or with all names', async (t) => {
  const { sentences } = await faultOf(
    load(t, { ...array, tennantName: 'x', Types: [{ Qos: { minIOPS: 100, maxIOPs: 7 } }], defaults: { zebra: 1 } }),
  )
  assert.deepEqual(
    sentences.map((sentence) => sentence.replace(/^.*?: /, '')),
    [
      'setting "tennantName" is unknown to array-san. Did you mean "TenantName"?',
      'setting "Types[0].Qos.maxIOPs" is unknown to array-san. Did you mean "minIOPS"?',
      'setting "defaults.zebra" is unknown to array-san. Known: size, fileSystemType, splitOnClone, blocks.',
    ],
  )
})

test('with "strictConfig": false an unknown setting is a warning', async (t) => {
  const { warnings, config } = await load(t, { ...plain, strictConfig: false, stragePrefix: 'x' })
  assert.match(warnings[0]?.message ?? '', /"stragePrefix" is unknown to plain\. Did you mean "storagePrefix"\?$/)
  assert.equal(warnings[0]?.level, 'warning')
  assert.deepEqual(config, {})
})

test('settings without effect are taken, whatever their value, with a warning that says why', async (t) => {
  const { warnings, config, defaults } = await load(t, {
    ...array,
    debug: 'yes',
    debugTraceFlags: { method: true },
    snapshotPrefix: 'x',
    backendName: 'b',
    OLD: 1,
    defaults: { pool: 'p' },
  })
  assert.deepEqual(
    warnings.map(({ message }) => /"(\w+\.?\w*)" has no effect: \S.*[^.]\.$/.exec(message)?.[1]),
    ['debug', 'debugTraceFlags', 'snapshotPrefix', 'backendName', 'OLD', 'defaults.pool'],
  )
  assert.ok(!('old' in config))
  assert.deepEqual(defaults, { size: '1G' })
})

test('numbers and booleans may stand in quotes', async (t) => {
  const { config, defaults, deletePolicy } = await load(t, {
    ...array,
    version: '1',
    port: '8080',
    ratio: '0.5',
    disableDelete: 'T',
    defaults: { splitOnClone: 'true', blocks: '4096' },
  })
  assert.deepEqual([config['port'], config['ratio'], deletePolicy], [8080, 0.5, 'retain'])
  assert.deepEqual(defaults, { size: '1G', splitOnClone: 'true', blocks: '4096' })
})

test('null, empty text that is no value of a setting, and an object for the prefix count as absent', async (t) => {
  const { prefix, limitVolumeSize, defaults, config } = await load(t, {
    ...array,
    storagePrefix: {},
    limitVolumeSize: '',
    usage: '',
    names: '',
    ratio: '',
    port: null,
    password: '',
    deletePolicy: '',
    defaults: { size: '', fileSystemType: '', splitOnClone: '', blocks: '' },
  })
  assert.deepEqual([prefix, limitVolumeSize, defaults], ['netappdvp_', undefined, { size: '1G' }])
  assert.deepEqual(Object.keys(config).sort(), ['EndPoint', 'TenantName', 'port', 'ratio'])
  assert.equal((await load(t, { ...array, storagePrefix: '' })).prefix, '', 'no prefix is a prefix')
})

test('defaults are filled in, within objects that are given too', async (t) => {
  const { config } = await load(t, { ...array, limit: { minIOPS: 50 } })
  assert.deepEqual([config['port'], config['ratio'], config['limit']], [8443, 1, { minIOPS: 50, burst: true }])
})

test('nobody can change a loaded config', async (t) => {
  const { config, defaults } = await load(t, { ...array, Types: [{ Type: 'Gold' }] })
  for (const value of [config, defaults, config['Types'], (config['Types'] as object[])[0]]) {
    assert.ok(Object.isFrozen(value))
  }
})

test('volumes are recoverable where the driver keeps them, else purged; disableDelete keeps them', async (t) => {
  const policy = async (config: object) => (await load(t, config)).deletePolicy
  assert.equal(await policy(array), 'recoverable')
  assert.equal(await policy(plain), 'purge')
  assert.equal(await policy({ ...array, deletePolicy: 'purge' }), 'purge')
  assert.equal(await policy({ ...plain, deletePolicy: 'retain' }), 'retain')
  assert.equal(await policy({ ...plain, disableDelete: true }), 'retain')
  assert.equal(await policy({ ...plain, disableDelete: false }), 'purge')
})

test('a policy the driver does not have is refused with those it has', async (t) => {
  assert.deepEqual((await faultOf(load(t, { ...plain, deletePolicy: 'recoverable' }))).sentences, [
    'config.json line 4: setting "deletePolicy" is "recoverable"; expected "purge" or "retain".',
  ])
})

test('disableDelete beside another policy wins with a warning', async (t) => {
  const { deletePolicy, warnings } = await load(t, { ...plain, disableDelete: true, deletePolicy: 'purge' })
  assert.equal(deletePolicy, 'retain')
  assert.match(warnings[0]?.message ?? '', /"deletePolicy" has no effect: "disableDelete" is true/)
})

test('a limit on size is bytes', async (t) => {
  assert.equal((await load(t, { ...plain, limitVolumeSize: '2g' })).limitVolumeSize, 2 * 1024 ** 3)
})

test('editors’ $schema is taken', async (t) => {
  assert.deepEqual((await load(t, { $schema: './plain.schema.json', ...plain })).warnings, [])
})

test('without --config it is ./config.json, else what is built in for local-file, else a sentence that says what to do', async (t) => {
  const before = process.cwd()
  t.after(() => process.chdir(before))
  process.chdir(directory(t))
  assert.deepEqual(await chooseSource('x.json', 'local-file'), { file: 'x.json' })
  assert.deepEqual(await chooseSource(undefined, 'local-file'), {
    builtin: '{"version":1,"storageDriverName":"local-file"}',
  })
  await assert.rejects(chooseSource(undefined, 'netapp'), (error) => {
    return (
      hasCode(error, 'CONFIG_UNREADABLE') &&
      /--config=\/etc\/netappdvp\/netapp\.json, or .*--volume-driver=local-file/.test(error.message)
    )
  })
  symlinkSync('nowhere', 'config.json')
  await assert.rejects(chooseSource(undefined, 'netapp'))
  writeFileSync('nowhere', '{}')
  assert.deepEqual(await chooseSource(undefined, 'local-file'), { file: 'config.json' })
})
