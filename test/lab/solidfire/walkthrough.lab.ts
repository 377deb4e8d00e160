/** What a SolidFire user of nDVP does, from the account to the last clone, on a kernel's own iSCSI. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { installPlugin, startArray } from '../support/plugin.ts'
import { CONFIG, callArray, type LabSolidfire, leftOnHost, solidfireOn, TENANT } from '../support/solidfire.ts'
import { labSuite } from '../support/suite.ts'

const GIB = 1024 ** 3

labSuite('solidfire-san, as its users know it', (machine) => {
  let lab: LabSolidfire

  test('the account is made by JSON-RPC, the config written, the service started', async () => {
    const array = await startArray(machine)
    await callArray(machine, 'AddAccount', { username: TENANT })
    lab = solidfireOn(machine, array, await installPlugin(machine, { config: CONFIG }))
    const log = await lab.plugin.log()
    assert.match(log, /Successfully initialized SolidFire Docker driver version /)
    assert.match(log, /WARN.*certificate/i, 'the self-signed certificate is pinned, and said so')
    const { accounts } = await lab.api<{ accounts: { username: string }[] }>('ListAccounts')
    assert.equal(accounts.filter(({ username }) => username === TENANT).length, 1)
  })

  test('a volume of ten gigabytes of type Gold is made, and the array has it so', async () => {
    await lab.create('vol-solid-1', 'size=10', 'type=Gold')
    const { totalSize, qos } = await lab.volume('vol-solid-1')
    assert.equal(totalSize, 10 * GIB)
    assert.deepEqual([qos.minIOPS, qos.maxIOPS, qos.burstIOPS], [6000, 8000, 10_000])
    assert.match(await lab.docker('volume', 'ls'), /^solidfire-san +vol-solid-1$/m)
  })

  test('one container writes, and a second one reads', async () => {
    await lab.inContainer('vol-solid-1', 'echo "persistent storage" >/mnt/note')
    assert.equal(await lab.inContainer('vol-solid-1', 'cat /mnt/note'), 'persistent storage')
    assert.equal(await leftOnHost(machine), '', 'with the last use it is logged out')
  })

  test('inspect shows what the volume is, and who has it mounted', async () => {
    await lab.startContainer('holder', 'vol-solid-1', 'exec sleep 100000')
    const { Mountpoint, Status } = await lab.inspect('vol-solid-1')
    assert.equal(Mountpoint, '/var/lib/docker-volumes/solidfire-san/vol-solid-1')
    const row = await lab.volume('vol-solid-1')
    assert.equal(Status['iqn'], row.iqn)
    assert.equal(Status['size'], '10 GiB')
    assert.equal(Status['type'], 'Gold')
    assert.equal(Status['qos'], '6000,8000,10000')
    assert.equal(Status['fileSystemType'], 'ext4')
    assert.equal(Status['mountedBy'], machine.name)
    const wwid = await machine.sh(`cat /sys/class/iscsi_session/*/device/target*/*/wwid`)
    assert.equal(wwid, `naa.${row.scsiNAADeviceID.toLowerCase()}`, 'the disk is the one the array published')
  })

  test('the CHAP secret is in no log, no state and no argument list, and others may not read its record', async () => {
    const { account } = await lab.api<{ account: { initiatorSecret: string } }>('GetAccountByName', {
      username: TENANT,
    })
    await machine.put('/root/secret', account.initiatorSecret, 0o600)
    const places = '/var/log/netappdvp /var/lib/netappdvp /run/docker/plugins'
    assert.equal(await machine.sh(`! grep -rlF -f /root/secret ${places}`), '')
    assert.equal(await machine.sh('! journalctl -b | grep -F -f /root/secret'), '')
    assert.equal(await machine.sh('! cat /proc/[0-9]*/cmdline 2>/dev/null | grep -aF -f /root/secret'), '')
    const readable = await machine.sh('find /etc/iscsi/nodes -type f -perm /077 2>/dev/null')
    assert.equal(readable, '')
  })

  test('a clone of the mounted volume has what was written, and goes its own way', async () => {
    await lab.docker('exec', 'holder', 'sh', '-c', 'echo now >/mnt/state')
    await lab.create('vol-solid-2', 'from=vol-solid-1')
    assert.equal(
      await lab.inContainer('vol-solid-2', 'cat /mnt/note /mnt/state; echo clone >/mnt/state'),
      'persistent storage\nnow',
    )
    assert.equal(await lab.docker('exec', 'holder', 'cat', '/mnt/state'), 'now')
    assert.equal((await lab.volume('vol-solid-2')).qos.minIOPS, 6000, 'it has its source’s quality of service')
  })

  test('a clone of a snapshot is as the volume was then, of another size and service if asked for', async () => {
    const { volumeID } = await lab.volume('vol-solid-1')
    await lab.docker('exec', 'holder', 'sh', '-c', 'echo monday >/mnt/state; sync')
    await lab.api('CreateSnapshot', { volumeID, name: 'monday' })
    await lab.docker('exec', 'holder', 'sh', '-c', 'echo tuesday >/mnt/state; sync')
    const [snapshot] = (await lab.inspect('vol-solid-1')).Status['Snapshots'] as Record<string, string>[]
    assert.equal(snapshot?.['Name'], 'monday')
    assert.match(snapshot['Created'] ?? '', /^\d{4}-\d\d-\d\dT.*Z$/)
    await lab.create('vol-solid-3', 'from=vol-solid-1', 'fromSnapshot=monday', 'size=12', 'qos=500,600,700')
    assert.equal(await lab.inContainer('vol-solid-3', 'cat /mnt/state'), 'monday')
    const { totalSize, qos } = await lab.volume('vol-solid-3')
    assert.deepEqual([totalSize, qos.burstIOPS], [12 * GIB, 700])
    const size = Number(await lab.inContainer('vol-solid-3', `df -P /mnt | awk 'END { print $2 }'`))
    assert.ok(size > 11 * 1024 * 1024, `${size} KiB: the filesystem has grown with the volume`)
  })

  test('an XFS clone is mounted beside its source, though both have one UUID', async () => {
    await lab.create('xfs-1', 'fstype=xfs', 'size=2')
    await lab.startContainer('xfs', 'xfs-1', 'echo one >/mnt/note; exec sleep 100000')
    await machine.until('the container has written', 'docker exec xfs cat /mnt/note')
    await lab.create('xfs-2', 'from=xfs-1')
    assert.equal(
      await lab.inContainer('xfs-2', 'cat /mnt/note; grep " /mnt xfs " /proc/mounts >/dev/null && echo xfs'),
      'one\nxfs',
    )
    assert.equal((await lab.inspect('xfs-2')).Status['fileSystemType'], 'xfs')
    await lab.docker('rm', '--force', 'xfs')
  })

  test('a volume that was grown on the array is larger at its next mount', async () => {
    const { volumeID } = await lab.volume('vol-solid-2')
    await lab.api('ModifyVolume', { volumeID, totalSize: 14 * GIB })
    const size = Number(await lab.inContainer('vol-solid-2', `df -P /mnt | awk 'END { print $2 }'`))
    assert.ok(size > 13 * 1024 * 1024, `${size} KiB`)
    assert.equal(await lab.inContainer('vol-solid-2', 'cat /mnt/note'), 'persistent storage')
  })

  test('bad wishes are told what is wrong, and change nothing', async () => {
    const before = (await lab.api<{ volumes: unknown[] }>('ListVolumes')).volumes.length
    for (const [options, message] of [
      [['type=Platinum'], /specified type not found/],
      [['qos=1,2'], /minIOPS,maxIOPS,burstIOPS/],
      [['qos=3,2,1'], /is above/],
      [['type=Gold', 'qos=1000,2000,4000'], /both given/],
      [['size=900mb'], /too small/],
      [['size=99t'], /limit/],
      [['sise=10'], /Did you mean "size"/],
      [['from=nobody'], /does not exist/],
      [['from=vol-solid-1', 'fromSnapshot=sunday'], /It has: monday/],
    ] as const) {
      await assert.rejects(lab.create('never', ...options), message)
    }
    assert.equal((await lab.api<{ volumes: unknown[] }>('ListVolumes')).volumes.length, before)
  })

  test('removing deletes, the array can restore, and nothing is left on the host', async () => {
    await lab.docker('rm', '--force', 'holder')
    await lab.docker('volume', 'rm', 'vol-solid-1', 'vol-solid-2', 'vol-solid-3', 'xfs-1', 'xfs-2')
    assert.doesNotMatch(await lab.docker('volume', 'ls'), /solid|xfs/)
    const { volumes } = await lab.api<{ volumes: { volumeID: number; name: string }[] }>('ListDeletedVolumes')
    const deleted = volumes.find(({ name }) => name === 'vol-solid-1')
    await lab.api('RestoreDeletedVolume', { volumeID: deleted?.volumeID })
    assert.equal(await lab.inContainer('vol-solid-1', 'cat /mnt/note'), 'persistent storage')
    assert.equal(await leftOnHost(machine), '')
    assert.equal(await machine.sh('ls /var/lib/docker-volumes/solidfire-san'), '')
  })
})
