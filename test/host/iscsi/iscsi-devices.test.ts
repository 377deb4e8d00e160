import assert from 'node:assert/strict'
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { hasCode } from '../../../src/errors.ts'
import { run } from '../../../src/host/command.ts'
import { iscsiDevices } from '../../../src/host/iscsi/iscsi-devices.ts'
import { type IscsiPublication, withoutSecrets } from '../../../src/publication.ts'
import { Secret } from '../../../src/secret.ts'
import { type Bytes, GIB } from '../../../src/units.ts'
import { context, rememberingLog, scripted, temporaryDirectory } from '../fakes.ts'
import { FakeMachine, IMPATIENT, kernel, lunDirectory, NAA, NODES, OTHER_NAA, RECORD, TARGET } from './machine.ts'

const SECRET = 'c4na#([)ry&"x'
const PUBLICATION: IscsiPublication = {
  kind: 'iscsi',
  target: TARGET,
  portals: ['10.0.0.7:3260'],
  lun: 0,
  naa: NAA,
  ownTarget: true,
  interface: 'default',
  size: GIB,
  filesystem: 'ext4',
  format: { state: 'ready' },
  discard: false,
  chap: { user: 'docker', secret: new Secret(SECRET) },
}
const STORED = withoutSecrets(PUBLICATION) as IscsiPublication
const TWO_PORTALS = { ...PUBLICATION, portals: ['10.0.0.7:3260', '10.0.0.8:3260'] }
const PATH = { name: 'sdb', node: 'null', naa: NAA, session: 1 } as const
const SECOND_PATH = { name: 'sdc', node: 'zero', naa: NAA, session: 2 } as const
const MAP = { kernelName: 'dm-0', name: 'mpatha', uuid: `mpath-3${NAA}`, node: 'full', paths: ['sdb', 'sdc'] } as const
const IDLE = 'exit 0'

test('a volume is logged in to, scanned for as exactly its LUN, and found by its NAA', async (t) => {
  const { machine, devices } = await fakeMachine(t)
  const login = await machine.later((root) => machine.session({ sid: 1 }, root))
  const lun = await machine.later((root) => machine.disk(PATH, root))
  const calls = await scripted(t, {
    iscsiadm: iscsiadm(machine, { login }),
    tee: kernel({ '"class/scsi_host/host2/scan 0 0 0"': lun }),
  })
  const device = await devices.use(context(), PUBLICATION, async (device) => device)
  assert.deepEqual(device, {
    path: join(machine.root, 'dev/sdb'),
    number: NODES.null,
    label: `${machine.root}/dev/sdb (LUN 0 of ${TARGET})`,
  })
  assert.deepEqual(await calls('iscsiadm'), [
    `-m node -T ${TARGET} -p 10.0.0.7:3260 -I default -o new`,
    `-m node -T ${TARGET} -p 10.0.0.7:3260 -I default --login`,
  ])
})

test('a session that is there is used, even though the array redirected it to another address', async (t) => {
  const { machine, devices } = await fakeMachine(t)
  await machine.session({ sid: 1, current: { address: '10.0.0.99' } })
  await machine.disk(PATH)
  const calls = await scripted(t, { iscsiadm: 'exit 1', tee: kernel() })
  assert.equal(await devices.use(context(), PUBLICATION, async ({ number }) => number), NODES.null)
  assert.deepEqual(await calls('iscsiadm'), [])
})

test('an IPv6 portal is the same however it is written', async (t) => {
  const { machine, devices } = await fakeMachine(t)
  await machine.session({ sid: 1, portal: { address: 'fd00:0:0:0:0:0:0:7' } })
  await machine.disk(PATH)
  const calls = await scripted(t, { iscsiadm: 'exit 1', tee: kernel() })
  await devices.use(context(), { ...PUBLICATION, portals: ['[fd00::7]:3260'] }, async () => {})
  assert.deepEqual(await calls('iscsiadm'), [])
})

test('the secret is in the node record, and neither in arguments nor in the log', async (t) => {
  const { machine, devices } = await fakeMachine(t)
  const login = await machine.later((root) => machine.session({ sid: 1 }, root))
  await machine.disk(PATH)
  const calls = await scripted(t, { iscsiadm: iscsiadm(machine, { login }), tee: kernel() })
  const { log, lines } = rememberingLog()
  await devices.use(context(log), PUBLICATION, async () => {})
  const record = join(machine.places.nodeRecords[0]!, TARGET, '10.0.0.7,3260')
  const text = await readFile(record, 'utf8')
  assert.ok(text.includes(`\nnode.session.auth.password = ${SECRET}\n`))
  assert.match(text, /\nnode\.session\.auth\.authmethod = CHAP\nnode\.session\.auth\.username = docker\n/)
  assert.match(text, /\nnode\.startup = manual\n/)
  assert.match(text, /\nnode\.session\.scan = manual\n/)
  assert.match(text, /\nnode\.session\.timeo\.replacement_timeout = 120\n/)
  assert.doesNotMatch(text, /automatic|= None/)
  assert.match(text, /# END RECORD\n$/)
  assert.equal((await stat(record)).mode & 0o777, 0o600)
  assert.ok(!(await calls('iscsiadm')).join().includes(SECRET))
  assert.ok(!JSON.stringify(lines).includes('c4na'))
})

test('where no node record can be found the secret goes through iscsiadm, with a warning and struck from the log', async (t) => {
  const { machine, devices } = await fakeMachine(t)
  const login = await machine.later((root) => machine.session({ sid: 1 }, root))
  await machine.disk(PATH)
  await scripted(t, { iscsiadm: `case "$*" in *--login) ${login};; esac`, tee: kernel() })
  const { log, lines } = rememberingLog()
  await devices.use(context(log), PUBLICATION, async () => {})
  assert.ok(lines.some(({ level, message }) => level === 'warn' && /other users could see them/.test(message)))
  assert.ok(!JSON.stringify(lines).includes('c4na'))
})

test('being logged in already is fine', async (t) => {
  const { machine, devices } = await fakeMachine(t)
  const login = await machine.later((root) => machine.session({ sid: 1 }, root))
  await machine.disk(PATH)
  await scripted(t, { iscsiadm: iscsiadm(machine, { login: `${login}; exit 15` }), tee: kernel() })
  await devices.use(context(), PUBLICATION, async () => {})
})

for (const [code, words] of [
  [24, /refused the CHAP user or its secret.*TenantName/],
  [8, /10\.0\.0\.7:3260 does not answer/],
  [12, /modprobe iscsi_tcp/],
  [20, /systemctl start iscsid/],
  [19, /refused the login/],
] as const) {
  test(`a login that ends with code ${code} says what to do, and leaves no node record`, async (t) => {
    const { machine, devices } = await fakeMachine(t)
    const calls = await scripted(t, { iscsiadm: iscsiadm(machine, { login: `exit ${code}` }), tee: kernel() })
    await assert.rejects(
      devices.use(context(), PUBLICATION, async () => {}),
      (error) => hasCode(error, 'COMMAND_FAILED') && words.test(error.message) && !error.message.includes(SECRET),
    )
    const logins = (await calls('iscsiadm')).filter((call) => call.endsWith('--login'))
    assert.equal(logins.length, 1)
    assert.equal((await calls('iscsiadm')).at(-1), `-m node -T ${TARGET} -o delete`)
  })
}

test('a database of records that is busy is asked once more, and iscsid several times', async (t) => {
  for (const [code, times] of [
    [6, 2],
    [28, 6],
  ] as const) {
    const { machine, devices } = await fakeMachine(t)
    const calls = await scripted(t, { iscsiadm: iscsiadm(machine, { login: `exit ${code}` }), tee: kernel() })
    await assert.rejects(
      devices.use(context(), PUBLICATION, async () => {}),
      /Try again/,
    )
    assert.equal((await calls('iscsiadm')).filter((call) => call.endsWith('--login')).length, times)
  }
})

test('one portal that answers is enough; the others are told', async (t) => {
  const { machine, devices } = await fakeMachine(t)
  const login = await machine.later((root) => machine.session({ sid: 1 }, root))
  await machine.disk(PATH)
  const answer = `case "$*" in *10.0.0.8*) exit 8;; esac; ${login}`
  await scripted(t, { iscsiadm: iscsiadm(machine, { login: answer }), tee: kernel() })
  const { log, lines } = rememberingLog()
  await devices.use(context(log), TWO_PORTALS, async () => {})
  const [warning] = lines.filter(({ level }) => level === 'warn')
  assert.equal(warning?.fields['portal'], '10.0.0.8:3260')
})

test('without iscsiadm the packages that bring it are named', async (t) => {
  const { devices } = await fakeMachine(t)
  const before = process.env['PATH']
  process.env['PATH'] = '/nowhere'
  t.after(() => {
    process.env['PATH'] = before
  })
  if ((await run(context(), 'iscsiadm', ['-V']).catch(() => undefined)) !== undefined)
    return t.skip('iscsiadm is installed here')
  await assert.rejects(
    devices.use(context(), PUBLICATION, async () => {}),
    (error) => {
      return hasCode(error, 'TOOL_MISSING') && /open-iscsi .*iscsi-initiator-utils/.test(error.message)
    },
  )
})

test('an unknown interface is named', async (t) => {
  const { devices } = await fakeMachine(t)
  await scripted(t, { iscsiadm: 'echo "iscsiadm: Could not read iface info for san" >&2; exit 3', tee: kernel() })
  await assert.rejects(
    devices.use(context(), { ...PUBLICATION, interface: 'san' }, async () => {}),
    /no interface "san".*InitiatorIFace/,
  )
})

test('a disk whose identity is only out of date is right after a rescan', async (t) => {
  const { machine, devices } = await fakeMachine(t)
  await machine.session({ sid: 1 })
  await machine.disk({ ...PATH, naa: OTHER_NAA })
  const lun = lunDirectory(machine.root, PATH)
  const calls = await scripted(t, {
    tee: kernel({ '*/rescan\\ 1': `rm ${lun}/vpd_pg83; echo naa.${NAA} > ${lun}/wwid` }),
  })
  await devices.use(context(), PUBLICATION, async () => {})
  assert.deepEqual(await calls('tee'), [`-- ${lun}/rescan`])
})

test('a disk that stands for an earlier LUN of that number is removed, and the LUN scanned for again', async (t) => {
  const { machine, devices } = await fakeMachine(t)
  await machine.session({ sid: 1 })
  await machine.disk({ ...PATH, naa: OTHER_NAA })
  const fresh = await machine.later((root) => machine.disk({ ...PATH, name: 'sdd', node: 'zero' }, root))
  const lun = lunDirectory(machine.root, PATH)
  await scripted(t, { tee: kernel({ '*/delete\\ 1': remove(machine, PATH), '*/scan\\ 0\\ 0\\ 0': fresh }) })
  const device = await devices.use(context(), PUBLICATION, async (device) => device)
  assert.equal(device.path, join(machine.root, 'dev/sdd'))
  assert.ok(await stat(lun))
})

test('a disk that stays another one is not touched, and both identities are named', async (t) => {
  const { machine, devices } = await fakeMachine(t)
  await machine.session({ sid: 1 })
  await machine.disk({ ...PATH, naa: OTHER_NAA })
  const again = await machine.later((root) => machine.disk({ ...PATH, naa: OTHER_NAA }, root))
  await scripted(t, {
    iscsiadm: iscsiadm(machine, {}),
    blockdev: IDLE,
    tee: kernel({ '*/delete\\ 1': remove(machine, PATH), '*/scan\\ 0\\ 0\\ 0': again }),
  })
  let worked = false
  await assert.rejects(
    devices.use(context(), PUBLICATION, async () => {
      worked = true
    }),
    (error) => hasCode(error, 'DEVICE_MISMATCH') && error.message.includes(NAA) && error.message.includes(OTHER_NAA),
  )
  assert.equal(worked, false)
})

test('a LUN that does not appear is an error that names it', async (t) => {
  const { machine, devices } = await fakeMachine(t)
  await machine.session({ sid: 1 })
  await scripted(t, { iscsiadm: iscsiadm(machine, {}), tee: kernel() })
  await assert.rejects(
    devices.use(context(), PUBLICATION, async () => {}),
    (error) => {
      return hasCode(error, 'DEVICE_MISSING') && /LUN 0 of .* did not appear on SCSI host 2/.test(error.message)
    },
  )
})

test('two sessions of one SCSI host each have their own SCSI target', async (t) => {
  const { machine, devices } = await fakeMachine(t)
  await machine.session({ sid: 1, host: 2, target: 'iqn.2010-01.com.solidfire:abcd.db2.6' })
  await machine.disk({ ...PATH, host: 2, naa: OTHER_NAA })
  await machine.session({ sid: 2, host: 2 })
  await machine.disk({ ...SECOND_PATH, host: 2 })
  await scripted(t, { tee: kernel() })
  assert.equal(await devices.use(context(), PUBLICATION, async ({ number }) => number), NODES.zero)
})

test('a map that is late is waited for where multipathd will make one', async (t) => {
  const { machine, devices } = await twoPaths(t)
  await machine.multipathd()
  const map = await machine.later((root) => machine.map(MAP, root))
  const calls = await scripted(t, {
    tee: kernel(),
    multipath: `case "$1" in -c) (sleep 0.1; ${map}) >/dev/null 2>&1 & exit 0;; esac`,
  })
  const device = await devices.use(context(), TWO_PORTALS, async (device) => device)
  assert.deepEqual([device.path, device.number], [join(machine.root, 'dev/mapper/mpatha'), NODES.full])
  assert.deepEqual(await calls('multipath'), [`-c ${machine.root}/dev/sdb`])
})

test('multipath is asked about a disk once udev knows it: before, it would say no, and multipathd take it later', async (t) => {
  const { machine, devices } = await fakeMachine(t)
  await machine.session({ sid: 1 })
  await machine.disk(PATH)
  await machine.multipathd()
  const { udevData } = machine.places
  await mkdir(udevData, { recursive: true })
  await writeFile(join(udevData, 'b8:99'), '')
  await scripted(t, { tee: kernel(), multipath: `ls ${udevData} >${machine.root}/known; exit 1` })
  setTimeout(() => void writeFile(join(udevData, `b${NODES.null}`), ''), 100)
  assert.equal(await devices.use(context(), PUBLICATION, async ({ number }) => number), NODES.null)
  assert.match(await readFile(join(machine.root, 'known'), 'utf8'), new RegExp(`^b${NODES.null}$`, 'm'))
})

test('a disk multipathd is told to leave alone is used as it is', async (t) => {
  const { machine, devices } = await fakeMachine(t)
  await machine.session({ sid: 1 })
  await machine.disk(PATH)
  await machine.multipathd()
  await scripted(t, { tee: kernel(), multipath: 'exit 1' })
  assert.equal(await devices.use(context(), PUBLICATION, async ({ number }) => number), NODES.null)
})

test('without multipathd several paths are used as one, with a warning', async (t) => {
  const { devices } = await twoPaths(t)
  await scripted(t, { tee: kernel() })
  const { log, lines } = rememberingLog()
  assert.equal(await devices.use(context(log), TWO_PORTALS, async ({ number }) => number), NODES.null)
  assert.ok(lines.some(({ level, message }) => level === 'warn' && /several paths and no multipath map/.test(message)))
})

test('a map left of another disk is not used', async (t) => {
  const { machine, devices } = await twoPaths(t)
  await machine.map({ ...MAP, uuid: `mpath-3${OTHER_NAA}` })
  await scripted(t, { tee: kernel() })
  await assert.rejects(
    devices.use(context(), TWO_PORTALS, async () => {}),
    (error) => {
      return hasCode(error, 'DEVICE_MISMATCH') && error.message.includes(`mpath-3${OTHER_NAA}`)
    },
  )
})

test('a volume grows on each path, a slow one as well, before its map does', async (t) => {
  const { machine, devices } = await twoPaths(t)
  await machine.map(MAP)
  const [first, second] = [PATH, SECOND_PATH].map(
    (path) => `${lunDirectory(machine.root, path)}/block/${path.name}/size`,
  )
  const slow = `echo x >> ${machine.root}/tries; [ $(wc -l < ${machine.root}/tries) -lt 3 ] || echo 4194304 > ${second}`
  const calls = await scripted(t, {
    tee: kernel({ '*host2/*/rescan\\ 1': `echo 4194304 > ${first}`, '*host3/*/rescan\\ 1': slow }),
    multipathd: `cat ${second}; echo 4194304 > ${machine.root}/sys/block/dm-0/size; echo ok`,
  })
  const larger = { ...STORED, size: (2 * GIB) as Bytes }
  await devices.fit(context(), larger, { path: 'x', number: NODES.full, label: 'x' })
  assert.deepEqual(await calls('multipathd'), ['resize map mpatha'])
})

test('a path that stays small is told, and the map left as it is', async (t) => {
  const { machine, devices } = await twoPaths(t)
  await machine.map(MAP)
  const calls = await scripted(t, { tee: kernel(), multipathd: 'exit 0' })
  const larger = { ...STORED, size: (2 * GIB) as Bytes }
  await assert.rejects(devices.fit(context(), larger, { path: 'x', number: NODES.full, label: 'x' }), (error) => {
    return hasCode(error, 'DEVICE_MISMATCH') && /sd[bc]: it has 1073741824 bytes/.test(error.message)
  })
  assert.deepEqual(await calls('multipathd'), [])
})

test('a device is known by its number, whatever its path and whether or not its session lives', async (t) => {
  const { machine, devices } = await twoPaths(t)
  await machine.map(MAP)
  for (const number of Object.values(NODES)) assert.equal(await devices.isOne(context(), STORED, number), true)
  assert.equal(await devices.isOne(context(), { ...STORED, naa: OTHER_NAA }, NODES.null), false)
  assert.equal(await devices.isOne(context(), { ...STORED, naa: OTHER_NAA }, NODES.full), false)
  assert.equal(await devices.isOne(context(), STORED, '8:4096'), false)
  const found = await devices.find(context(), STORED)
  assert.deepEqual(found.map(({ number }) => number).sort(), Object.values(NODES).sort())
})

test('a mounted volume whose session is lost is still the volume, and the log says that it does not answer', async (t) => {
  const { machine, devices } = await fakeMachine(t)
  await machine.session({ sid: 1, state: 'FAILED' })
  await machine.disk(PATH)
  const { log, lines } = rememberingLog()
  assert.equal(await devices.isOne(context(log), STORED, NODES.null), true)
  assert.deepEqual(
    lines.map(({ level, fields }) => [level, fields['session']]),
    [['warn', 'FAILED']],
  )
})

test('letting go flushes, removes each path, logs out and forgets the record; again, it does nothing', async (t) => {
  const { machine, devices } = await fakeMachine(t)
  await machine.session({ sid: 1 })
  await machine.disk(PATH)
  await machine.record(`${TARGET}/10.0.0.7,3260`)
  const calls = await scripted(t, {
    blockdev: IDLE,
    tee: kernel({ '*/delete\\ 1': remove(machine, PATH) }),
    iscsiadm: iscsiadm(machine, { logout: removeSession(machine, 1) }),
  })
  await devices.letGo(context(), STORED)
  assert.deepEqual(await calls('blockdev'), [`--flushbufs ${machine.root}/dev/sdb`])
  assert.deepEqual(await calls('iscsiadm'), ['-m session -r 1 --logout', `-m node -T ${TARGET} -o delete`])
  await devices.letGo(context(), STORED)
  assert.equal((await calls('iscsiadm')).length, 2)
})

test('a shared target keeps its session while it has another LUN here', async (t) => {
  const { machine, devices } = await fakeMachine(t)
  await machine.session({ sid: 1 })
  await machine.disk(PATH)
  await machine.disk({ ...PATH, name: 'sdc', node: 'zero', naa: OTHER_NAA, lun: 1 })
  const calls = await scripted(t, {
    blockdev: IDLE,
    iscsiadm: 'exit 1',
    tee: kernel({ '*/delete\\ 1': remove(machine, PATH) }),
  })
  await devices.letGo(context(), { ...STORED, ownTarget: false })
  assert.deepEqual(await calls('iscsiadm'), [])
  assert.deepEqual(await devices.find(context(), STORED), [])
})

test('a map is removed by its own name, and one without a path does not queue for ever', async (t) => {
  const { machine, devices } = await fakeMachine(t)
  await machine.session({ sid: 1, state: 'FAILED' })
  await machine.session({ sid: 2, state: 'FAILED', portal: { address: '10.0.0.8' } })
  await machine.disk(PATH)
  await machine.disk(SECOND_PATH)
  await machine.map(MAP)
  const calls = await scripted(t, {
    blockdev: 'sleep 60',
    dmsetup: `touch ${machine.root}/failing`,
    multipath: `[ -e ${machine.root}/failing ] || sleep 60; ${removeMap(machine)}`,
    tee: kernel(),
    iscsiadm: iscsiadm(machine, {
      logout: `case "$*" in *" 1 "*) ${removeSession(machine, 1)};; *) ${removeSession(machine, 2)};; esac`,
    }),
  })
  await devices.letGo(context(), STORED)
  assert.deepEqual(await calls('dmsetup'), ['message mpatha 0 fail_if_no_path'])
  assert.deepEqual(await calls('multipath'), ['-f mpatha'])
  assert.deepEqual(await calls('blockdev'), [])
})

test('a map that is open stays, with its paths and sessions, and what to do is told', async (t) => {
  const { machine, devices } = await twoPaths(t)
  await machine.map(MAP)
  const calls = await scripted(t, {
    blockdev: IDLE,
    dmsetup: 'exit 1',
    multipath: 'echo "mpatha: map in use" >&2; exit 1',
    tee: kernel(),
    iscsiadm: 'exit 1',
  })
  await assert.rejects(devices.letGo(context(), STORED), (error) => {
    return hasCode(error, 'DEVICE_IN_USE') && /mpatha: mpatha: map in use.*fuser/.test(error.message)
  })
  assert.deepEqual([await calls('iscsiadm'), await calls('tee')], [[], []])
})

test('a map that has outlived its paths is removed', async (t) => {
  const { machine, devices } = await fakeMachine(t)
  await machine.map({ ...MAP, paths: [] })
  const calls = await scripted(t, {
    multipath: 'echo "mpatha is not a multipath device" >&2; exit 1',
    dmsetup: `case $1 in remove) ${removeMap(machine)};; esac`,
    tee: kernel(),
  })
  await devices.letGo(context(), STORED)
  assert.ok((await calls('dmsetup')).includes('remove mpatha'))
})

test('what failed on the way leaves nothing that was not there before', async (t) => {
  const { machine, devices } = await fakeMachine(t)
  const login = await machine.later((root) => machine.session({ sid: 1 }, root))
  const lun = await machine.later((root) => machine.disk(PATH, root))
  const calls = await scripted(t, {
    blockdev: IDLE,
    tee: kernel({ '*/scan\\ 0\\ 0\\ 0': lun, '*/delete\\ 1': remove(machine, PATH) }),
    iscsiadm: iscsiadm(machine, { login, logout: removeSession(machine, 1) }),
  })
  const smaller = { ...PUBLICATION, size: (GIB / 2) as Bytes }
  await assert.rejects(
    devices.use(context(), smaller, async () => {}),
    (error) => hasCode(error, 'DEVICE_MISMATCH') && /it has 1073741824 bytes/.test(error.message),
  )
  assert.deepEqual(await devices.find(context(), STORED), [])
  assert.deepEqual((await calls('iscsiadm')).slice(-2), ['-m session -r 1 --logout', `-m node -T ${TARGET} -o delete`])
})

async function fakeMachine(t: TestContext) {
  const machine = new FakeMachine(await temporaryDirectory(t))
  return { machine, devices: iscsiDevices(run, machine.places, IMPATIENT) }
}

async function twoPaths(t: TestContext) {
  const { machine, devices } = await fakeMachine(t)
  await machine.session({ sid: 1 })
  await machine.session({ sid: 2, portal: { address: '10.0.0.8' } })
  await machine.disk(PATH)
  await machine.disk(SECOND_PATH)
  return { machine, devices }
}

/** An iscsiadm that keeps records as the real one does; what a login and a logout do is the test's. */
function iscsiadm(
  machine: FakeMachine,
  { login = 'exit 1', logout = 'exit 21' }: { login?: string; logout?: string },
): string {
  const nodes = `${machine.places.nodeRecords[0]}/${TARGET}`
  return [
    'case "$*" in',
    `*"-o new") address=\${6%:*}; mkdir -p ${nodes}; umask 077; cat > "${nodes}/$address,3260" <<END`,
    `${RECORD}END`,
    ';;',
    `*"-o delete") [ -d ${nodes} ] || exit 21; rm -r ${nodes};;`,
    `*--login) ${login};;`,
    `*--logout) ${logout};;`,
    'esac',
  ].join('\n')
}

function remove(machine: FakeMachine, path: typeof PATH | typeof SECOND_PATH): string {
  return `rm -rf ${lunDirectory(machine.root, path)} ${machine.root}/sys/block/${path.name} ${machine.root}/sys/dev/block/${NODES[path.node]} ${machine.root}/dev/${path.name}`
}

/** The kernel takes a session's disks with it. */
function removeSession(machine: FakeMachine, sid: number): string {
  const path = sid === 1 ? PATH : SECOND_PATH
  return `${remove(machine, path)} ${machine.root}/sys/class/iscsi_session/session${sid} ${machine.root}/sys/class/iscsi_connection/connection${sid}:0 ${machine.root}/sys/devices/platform/host${sid + 1}`
}

function removeMap(machine: FakeMachine): string {
  return `rm -rf ${machine.root}/sys/block/dm-0 ${machine.root}/sys/devices/virtual/block/dm-0 ${machine.root}/dev/mapper/mpatha`
}
