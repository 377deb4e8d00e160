import assert from 'node:assert/strict'
import { test } from 'node:test'
import { wire } from '../wire.ts'

const PLACE = { 'containing-aggr-name': 'aggr1', size: '1g' }

test('a volume is made with all that was said of it, and mounted where it was asked for', async () => {
  const { ask, list } = await wire({ release: '9.3' })
  await ask('volume-create', {
    ...{ volume: 'a', 'containing-aggr-name': 'aggr2', size: '2g', 'space-reserve': 'none', 'junction-path': '/a' },
    ...{ 'snapshot-policy': 'none', 'percentage-snapshot-reserve': 20, 'unix-permissions': '---rwxr-x---' },
    ...{ 'export-policy': 'default', 'volume-security-style': 'mixed', 'volume-comment': 'for "db" & more' },
    ...{ encrypt: true, 'tiering-policy': 'snapshot-only', 'qos-policy-group-name': 'svm1_extreme' },
  })
  const [volume] = await list('volume-get-iter', {
    query: { 'volume-attributes': { 'volume-id-attributes': { name: 'a' } } },
  })
  const id = volume['volume-id-attributes']
  assert.deepEqual(
    [id['junction-path'], id['containing-aggregate-name'], id['comment'], id['style-extended'], id['type']],
    ['/a', 'aggr2', 'for "db" & more', 'flexvol', 'rw'],
  )
  const space = volume['volume-space-attributes']
  assert.deepEqual(
    [space['size'], space['size-total'], space['percentage-snapshot-reserve'], space['space-guarantee']],
    ['2147483648', '1717986919', '20', 'none'],
  )
  const { style, 'volume-security-unix-attributes': unix } = volume['volume-security-attributes']
  assert.deepEqual([style, unix['permissions']], ['mixed', '750'])
  assert.deepEqual(volume['volume-snapshot-attributes']['snapshot-policy'], 'none')
  assert.deepEqual(volume['volume-qos-attributes'], { 'policy-group-name': 'svm1_extreme' })
  assert.deepEqual(
    [volume['encrypt'], volume['volume-comp-aggr-attributes']['tiering-policy']],
    ['true', 'snapshot-only'],
  )
  assert.notEqual(id['uuid'], id['instance-uuid'])
})

test('without more than a name and a place a volume is thick, unmounted, and has the default policies', async () => {
  const { ask, volume } = await wire()
  await ask('volume-create', { volume: 'a', ...PLACE })
  const { guarantee, junction, snapshotPolicy, exportPolicy, mode, snapshotDirectory, snapshotReserve } = volume('a')
  assert.deepEqual([guarantee, junction, snapshotPolicy, exportPolicy], ['volume', undefined, 'default', 'default'])
  assert.deepEqual([mode, snapshotDirectory, snapshotReserve], [0o755, true, 5])
})

test('what a volume cannot be is refused with the numbers clients know', async () => {
  const { refused, ask } = await wire({ volumes: ['a'] })
  const create = (inputs: object) => refused('volume-create', { volume: 'b', ...PLACE, ...inputs })
  assert.match(await create({ volume: 'a' }), /^17 .*already exists/)
  assert.match(await create({ volume: 'with-hyphen' }), /^13001 /)
  assert.match(await create({ volume: '1st' }), /^13001 /)
  assert.match(await create({ volume: 'v'.repeat(204) }), /^13001 /)
  assert.match(await create({ 'containing-aggr-name': 'aggr9' }), /^14420 /)
  assert.equal(
    await create({ size: '10m' }),
    '13115 Size "10MB" ("10485760B") is too small.Minimum size is "20MB" ("20971520B").',
  )
  assert.match(
    await create({ size: 'huge' }),
    /^13115 Invalid value specified for "size" element within "volume-create"/,
  )
  assert.match(await create({ size: '30t' }), /^13001 .*not enough space/)
  assert.match(await create({ 'unix-permissions': '999' }), /^13115 .*"unix-permissions"/)
  assert.match(await create({ 'unix-permissions': 'rwx' }), /^13115 /)
  assert.match(await create({ 'volume-security-style': 'vms' }), /^13115 /)
  assert.match(await create({ 'percentage-snapshot-reserve': 101 }), /^13115 /)
  assert.match(await create({ encrypt: 'maybe' }), /^13115 .*"encrypt"/)
  assert.match(await create({ 'export-policy': 'none' }), /^13001 .*"none" does not exist/)
  assert.match(await create({ 'snapshot-policy': 'never' }), /^13001 .*"never" does not exist/)
  assert.match(await create({ 'qos-policy-group-name': 'fast' }), /^13001 .*"fast" does not exist/)
  assert.match(await create({ 'junction-path': 'b' }), /^13001 .*junction path/)
  assert.match(await create({ 'junction-path': '/a' }), /^13001 .*in use/)
  assert.equal(await refused('volume-create', { volume: 'b', size: '1g' }), '13115 Missing input: containing-aggr-name')
  await ask('volume-create', { volume: 'b', ...PLACE, 'unix-permissions': '04755', encrypt: 'True' })
})

test('an SVM that has as many volumes as it may says so in the recorded words', async () => {
  const { refused, array, svm } = await wire({ volumes: ['a'] })
  array.svms.set(svm.uuid, { ...svm, maxVolumes: 2 })
  assert.equal(
    await refused('volume-create', { volume: 'b', ...PLACE }),
    '13001 Cannot create volume. Reason: Maximum volume count for Vserver svm1 reached.  Maximum volume count is 2. ',
  )
})

test('volume-size tells the size by its unit, and changes it, by an amount too', async () => {
  const { ask, refused, volume } = await wire({ volumes: ['a'] })
  const size = async (inputs: object) => (await ask('volume-size', { volume: 'a', ...inputs }))['volume-size']
  assert.equal(await size({}), '1g')
  assert.equal(await size({ 'new-size': '+512m' }), '1536m')
  assert.equal(await size({ 'new-size': '-1g' }), '512m')
  assert.equal(await size({ 'new-size': '20971520' }), '20m')
  assert.equal(volume('a').size, 20_971_520)
  assert.match(await refused('volume-size', { volume: 'a', 'new-size': '1m' }), /^13115 .*too small/)
  assert.match(await refused('volume-size', { volume: 'a', 'new-size': '+' }), /^13115 /)
})

test('the number for a volume that is not there differs by call and release', async () => {
  const [new_, old] = [await wire({ release: '9.0' }), await wire({ release: '8.3' })]
  const number = async (answer: Promise<string>) => (await answer).split(' ')[0]
  assert.equal(await number(new_.refused('volume-size', { volume: 'a' })), '15661')
  assert.equal(await number(old.refused('volume-size', { volume: 'a' })), '13040')
  for (const api of ['volume-offline', 'volume-destroy', 'volume-online']) {
    assert.equal(await number(new_.refused(api, { name: 'a' })), '13040')
  }
  assert.equal(await number(new_.refused('volume-unmount', { 'volume-name': 'a' })), '15661')
})

test('a volume must be unmounted and offline to be destroyed, or be told to be', async () => {
  const { ask, refused } = await wire({ volumes: ['a', 'b'] })
  assert.match(await refused('volume-destroy', { name: 'a' }), /^13001 .*mounted/)
  assert.match(await refused('volume-offline', { name: 'a' }), /^13001 .*mounted/)
  await ask('volume-unmount', { 'volume-name': 'a' })
  assert.match(await refused('volume-unmount', { 'volume-name': 'a' }), /^14716 /)
  assert.match(await refused('volume-destroy', { name: 'a' }), /^13001 .*offline/)
  await ask('volume-offline', { name: 'a' })
  assert.match(await refused('volume-offline', { name: 'a' }), /^13042 /)
  await ask('volume-online', { name: 'a' })
  await ask('volume-offline', { name: 'a' })
  await ask('volume-destroy', { name: 'a' })
  await ask('volume-destroy', { name: 'b', 'unmount-and-offline': true })
  assert.match(await refused('volume-size', { volume: 'b' }), /^15661 /)
  assert.match(await refused('volume-destroy', { name: 'svm1_root', 'unmount-and-offline': true }), /^13001 .*root/)
})

test('a destroyed volume is listed for twelve hours under another name, with a type of its own', async () => {
  const { ask, list, refused, wait } = await wire({ volumes: ['a'] })
  await ask('volume-destroy', { name: 'a', 'unmount-and-offline': true })
  const deleted = () =>
    list('volume-get-iter', { query: { 'volume-attributes': { 'volume-id-attributes': { type: 'del' } } } })
  const [volume] = await deleted()
  const { name } = volume['volume-id-attributes']
  assert.match(name, /^a_\d+$/)
  assert.equal(volume['volume-state-attributes']['state'], 'offline')
  const [queued] = await list('volume-recovery-queue-get-iter')
  assert.deepEqual([queued['volume-name'], queued['vserver-name']], [name, 'svm1'])
  wait(12 * 3_600_000)
  assert.deepEqual(await deleted(), [])
  assert.match(await refused('volume-recovery-queue-purge', { 'volume-name': name }), /^15661 /)
})

test('the recovery queue is purged by name, and gives back what was deleted in error', async () => {
  const { ask, list, refused } = await wire({ volumes: ['a', 'b'], scope: 'cluster' })
  for (const name of ['a', 'b']) await ask('volume-destroy', { name, 'unmount-and-offline': true })
  const [a, b] = (await list('volume-recovery-queue-get-iter', {}, {})).map((row) => row['volume-name'])
  const owner = { 'vserver-name': 'svm1' }
  await ask('volume-recovery-queue-purge', { 'volume-name': a, ...owner }, {})
  await ask('volume-recovery-queue-recover', { 'volume-name': b, ...owner }, {})
  assert.deepEqual(await list('volume-recovery-queue-get-iter', {}, {}), [])
  await ask('volume-online', { name: 'b' })
  const stranger = { 'volume-name': 'b', 'vserver-name': 'svm9' }
  assert.match(await refused('volume-recovery-queue-purge', stranger, {}), /^15698 /)
})

test('a volume is renamed, mounted elsewhere, and the root is known by name', async () => {
  const { ask, refused, volume } = await wire({ volumes: ['a', 'b'] })
  await ask('volume-rename', { volume: 'a', 'new-volume-name': 'c' })
  await ask('volume-mount', { 'volume-name': 'c', 'junction-path': '/b/c', 'activate-junction': true })
  assert.equal(volume('c').junction, '/b/c')
  assert.match(await refused('volume-rename', { volume: 'c', 'new-volume-name': 'b' }), /^17 /)
  assert.match(await refused('volume-mount', { 'volume-name': 'c', 'junction-path': '/none/c' }), /^13001 .*parent/)
  assert.equal((await ask('volume-get-root-name'))['volume'], 'svm1_root')
})

test('of an offline volume little is told', async () => {
  const { ask, list } = await wire({ volumes: ['a'] })
  await ask('volume-unmount', { 'volume-name': 'a' })
  await ask('volume-offline', { name: 'a' })
  const [volume] = await list('volume-get-iter', {
    query: { 'volume-attributes': { 'volume-id-attributes': { name: 'a' } } },
  })
  assert.equal(volume['volume-state-attributes']['state'], 'offline')
  assert.deepEqual(Object.keys(volume['volume-space-attributes']), [
    'is-space-guarantee-enabled',
    'percentage-snapshot-reserve',
    'size',
    'space-guarantee',
  ])
  assert.equal(volume['volume-id-attributes']['junction-path'], undefined)
})
