/** Volumes of a simulated array as a kernel's iSCSI targets, seen from a host: here the same machine. */

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Loose } from '../simulators/element/wire.ts'
import { whyNoLab } from './support/image.ts'
import { type LabMachine, startMachine } from './support/machine.ts'

const PORTAL = '127.0.0.1:3260'
const ADDRESS = 'https://127.0.0.1:8443'
const GB = 1_000_000_000
const skip = whyNoLab()

let machine: LabMachine
before(
  async () => {
    if (skip !== false) return
    machine = await startMachine()
    await machine.sh('mkdir -p /opt/lab && mount -o ro /dev/vdb /opt/lab')
    await start()
  },
  { timeout: 600_000 },
)
after(() => machine?.end())

/** As a unit of systemd, which a test can kill like any other program. */
async function start(): Promise<void> {
  const command = '/opt/lab/dist/netappdvp simulate element --listen=127.0.0.1:8443 --account=docker --clone-ms=0'
  const places = '--state=/srv/array/array.json --data-plane=/srv/array/volumes'
  await machine.sh(`systemd-run --quiet --unit=array ${command} ${places}`)
  await machine.until('the array answers', `curl -sk -o /dev/null -u admin:admin ${ADDRESS}/json-rpc/12.0`)
}

async function post(path: string, body: object): Promise<Loose> {
  const text = JSON.stringify(body).replaceAll("'", `'\\''`)
  return JSON.parse(await machine.sh(`curl -sk -u admin:admin ${ADDRESS}${path} -d '${text}'`))
}

/** The result of a call of the array's API. */
async function ask(method: string, params: object = {}): Promise<Loose> {
  const { result, error } = await post('/json-rpc/12.0', { method, params, id: 1 })
  assert.equal(error, undefined)
  return result
}

async function create(name: string): Promise<Loose> {
  return (await ask('CreateVolume', { name, accountID: 1, totalSize: GB, enable512e: true })).volume
}

/** What iscsiadm ends with: 0, or 24 where the target asks for another secret. */
async function login(iqn: string, secret: string | undefined): Promise<number> {
  const node = `iscsiadm -m node -T ${iqn} -p ${PORTAL}`
  const settings = {
    'session.initial_login_retry_max': '1',
    ...(secret && { 'session.auth.authmethod': 'CHAP', 'session.auth.username': 'docker' }),
    ...(secret && { 'session.auth.password': secret }),
  }
  const updates = Object.entries(settings).map(([name, value]) => `${node} -o update -n node.${name} -v '${value}'`)
  await machine.sh([`${node} -o new`, ...updates].join('\n'))
  return (await machine.try(`${node} --login`)).exitCode
}

async function secretOf(): Promise<string> {
  return (await ask('GetAccountByID', { accountID: 1 })).account.initiatorSecret
}

/** The disk of a target that is logged in: `/dev/sda`. */
function diskOf(iqn: string): Promise<string> {
  const link = `/dev/disk/by-path/ip-${PORTAL}-iscsi-${iqn}-lun-0`
  return machine.until(`${link} is there`, `test -e ${link} && readlink -f ${link}`)
}

async function attach(iqn: string): Promise<string> {
  assert.equal(await login(iqn, await secretOf()), 0)
  return diskOf(iqn)
}

function logout(iqn: string): Promise<string> {
  return machine.sh(`iscsiadm -m node -T ${iqn} -p ${PORTAL} --logout`)
}

/** Past the host's cache. */
function sumOf(disk: string): Promise<string> {
  return machine.sh(`dd if=${disk} bs=1M count=16 iflag=direct status=none | sha256sum`)
}

function fill(disk: string): Promise<string> {
  return machine.sh(`dd if=/dev/urandom of=${disk} bs=1M count=16 oflag=direct status=none`)
}

const lab = { skip, timeout: 120_000 }

test('a volume is a disk with the number the array tells, for whoever knows the account’s secret', lab, async () => {
  const { iqn, scsiNAADeviceID } = await create('first')
  assert.match(await machine.sh(`iscsiadm -m discovery -t sendtargets -p ${PORTAL} -o nonpersistent`), new RegExp(iqn))
  assert.equal(await login(iqn, undefined), 24)
  assert.equal(await login(iqn, 'wrong-secret'), 24)
  const disk = await attach(iqn)
  assert.equal(await machine.sh(`cat /sys/block/${disk.slice(5)}/device/wwid`), `naa.${scsiNAADeviceID}`)
  assert.match(await machine.sh(`cat /sys/block/${disk.slice(5)}/device/vendor`), /^SolidFir/)
  assert.equal(await machine.sh(`blockdev --getsize64 ${disk}`), '1000341504')
  const { sessions } = await ask('ListISCSISessions')
  assert.deepEqual([sessions.length, sessions[0].targetName], [1, iqn])
  await logout(iqn)
})

test('a volume grows under a host that uses it', lab, async () => {
  const { iqn, volumeID } = await create('growing')
  const disk = await attach(iqn)
  await fill(disk)
  const sum = await sumOf(disk)
  await ask('ModifyVolume', { volumeID, totalSize: 2 * GB })
  await machine.sh(`echo 1 >/sys/block/${disk.slice(5)}/device/rescan`)
  await machine.until('the disk is larger', `test "$(blockdev --getsize64 ${disk})" = 2000683008`)
  assert.equal(await sumOf(disk), sum)
  await logout(iqn)
})

test('clones and snapshots hold what the volume held, whatever is written to it afterwards', lab, async () => {
  const { iqn, volumeID } = await create('original')
  const disk = await attach(iqn)
  await fill(disk)
  const sum = await sumOf(disk)
  const { snapshotID } = await ask('CreateSnapshot', { volumeID })
  const clone = await ask('CloneVolume', { volumeID, name: 'clone' })
  await fill(disk)
  assert.notEqual(await sumOf(disk), sum)

  await ask('ListVolumes')
  const copy = await attach(clone.volume.iqn)
  assert.equal(await sumOf(copy), sum)
  await ask('RollbackToSnapshot', { volumeID, snapshotID, saveCurrentState: false })
  assert.equal(await sumOf(disk), sum)
  for (const target of [iqn, clone.volume.iqn]) await logout(target)
})

test(
  'deleting a volume ends its session at once; restoring brings its bytes back; purging ends them',
  lab,
  async () => {
    const { iqn, volumeID } = await create('deleted')
    const disk = await attach(iqn)
    await fill(disk)
    const sum = await sumOf(disk)
    await ask('DeleteVolume', { volumeID })
    const state = `grep -l '^${iqn}$' /sys/class/iscsi_session/*/targetname | xargs dirname | xargs -I{} cat {}/state`
    await machine.until('the session has failed', `test "$(${state})" = FAILED`)
    await logout(iqn)
    assert.notEqual(await login(iqn, await secretOf()), 0)

    await ask('RestoreDeletedVolume', { volumeID })
    assert.equal(await sumOf(await attach(iqn)), sum)
    await logout(iqn)
    await ask('DeleteVolume', { volumeID })
    await ask('PurgeDeletedVolume', { volumeID })
    assert.equal(await machine.sh(`ls /srv/array/volumes | grep -c -- '-${volumeID}.img' || true`), '0')
  },
)

test('a volume that is read-only takes no writes, and a locked one no logins', lab, async () => {
  const { iqn, volumeID } = await create('guarded')
  await ask('ModifyVolume', { volumeID, access: 'readOnly' })
  const disk = await attach(iqn)
  assert.equal(await machine.sh(`cat /sys/block/${disk.slice(5)}/ro`), '1')
  await ask('ModifyVolume', { volumeID, access: 'locked' })
  await logout(iqn)
  assert.notEqual(await login(iqn, await secretOf()), 0)
})

test('a dead portal takes no logins until it is alive again, and a dropped session comes back', lab, async () => {
  const { iqn, volumeID } = await create('cut-off')
  await post('/simulator/portal', { enabled: false })
  assert.notEqual(await login(iqn, await secretOf()), 0)
  await post('/simulator/portal', { enabled: true })
  const disk = await attach(iqn)
  await post('/simulator/drop-sessions', { volumeID })
  await machine.until('the session is back', `dd if=${disk} of=/dev/null bs=4k count=1 iflag=direct`)
  await logout(iqn)
})

test('an array that was killed comes back with every target, and hosts with their sessions', lab, async () => {
  const { iqn } = await create('lasting')
  const disk = await attach(iqn)
  await fill(disk)
  const sum = await sumOf(disk)
  const exported = 'ls /sys/kernel/config/target/iscsi | grep ^iqn'
  const before = await machine.sh(exported)
  await machine.sh('systemctl kill --signal=KILL array; systemctl reset-failed array || true')
  await machine.until('it is dead', '! systemctl is-active --quiet array')
  await start()
  assert.equal(await machine.sh(exported), before)
  await machine.until('the session is back', `dd if=${disk} of=/dev/null bs=4k count=1 iflag=direct`)
  assert.equal(await sumOf(disk), sum)
  await logout(iqn)
})

test('an array that ends takes every target and device with it, and leaves the bytes', lab, async () => {
  await machine.sh('systemctl stop array')
  assert.equal(await machine.sh('ls /sys/kernel/config/target/iscsi | grep -c ^iqn || true'), '0')
  assert.equal(await machine.sh('losetup --list --noheadings --output BACK-FILE | grep -c /srv/array || true'), '0')
  assert.notEqual(await machine.sh('ls /srv/array/volumes/*.img | wc -l'), '0')
})
