/** The array, its API, its portal, its certificate: each goes away, or changes, and comes back. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { installPlugin, type LabPlugin } from '../support/plugin.ts'
import { ENDPOINT, type LabSolidfire, leftOnHost, SVIP, startSolidfire } from '../support/solidfire.ts'
import { labSuite } from '../support/suite.ts'

/** How long the array is away while the machine boots and after. */
const OUTAGE_MS = 120_000

const API = new URL(ENDPOINT).host

labSuite('solidfire-san when something is away', (machine) => {
  let lab: LabSolidfire
  let other: LabPlugin
  let pid = 0
  let awayAt = 0

  test('beside local-file: one container has volumes of both, and Docker lists both', async () => {
    lab = await startSolidfire(machine)
    other = await installPlugin(machine, { config: { storageDriverName: 'local-file' } })
    await lab.create('db')
    await lab.docker('volume', 'create', '--driver=local-file', '--name=local', '-o', 'size=64m')
    assert.equal(await lab.inContainer('db', 'echo kept >/mnt/note; cat /mnt/note'), 'kept')
    await lab.startContainer('both', 'db', 'exec sleep 100000', '--volume=local:/local')
    await lab.docker('exec', 'both', 'cp', '/mnt/note', '/local/note')
    assert.equal(await lab.docker('exec', 'both', 'cat', '/mnt/note', '/local/note'), 'kept\nkept')
    const listed = await lab.docker('volume', 'ls', '--format={{.Driver}} {{.Name}}')
    assert.deepEqual(listed.split('\n').sort(), ['local-file local', 'solidfire-san db'])
    assert.notEqual(await lab.plugin.pid(), await other.pid())
    await lab.docker('rm', '--force', 'both')
    assert.equal(await leftOnHost(machine), '')
  })

  test('a boot without the array is a boot: all services run, and Docker lists volumes with a warning', async () => {
    await machine.sh(`systemctl disable --quiet --now ${lab.array.unit}`)
    awayAt = performance.now()
    await machine.reboot()
    await machine.booted()
    assert.equal(
      await machine.sh(`systemctl is-active ${lab.plugin.unit} ${other.unit} docker`),
      'active\nactive\nactive',
    )
    pid = await lab.plugin.pid()
    const status = await machine.sh(`systemctl show --value --property=StatusText ${lab.plugin.unit}`)
    assert.match(status, new RegExp(`^Waiting: .*${API}.*refused`))
    const listed = await machine.sh('timeout 30 curl -sf --unix-socket /run/docker.sock http://docker/volumes')
    const { Volumes, Warnings } = JSON.parse(listed) as { Volumes: { Name: string }[]; Warnings: string[] }
    assert.ok(Volumes.some(({ Name }) => Name === 'local'))
    assert.match(Warnings.join(' '), new RegExp(`solidfire-san.*${API}.*refused`))
  })

  test('meanwhile Docker keeps its volumes, and a container waits for its own until the array is back', async () => {
    // Were Docker told that there is none, it would make a local volume of that name.
    const waiting = machine.try('docker run --rm --network=none --volume=db:/mnt busybox:local cat /mnt/note', {
      limitMs: 2 * OUTAGE_MS,
    })
    const inspected = await machine.try('docker volume inspect db', { limitMs: OUTAGE_MS })
    assert.doesNotMatch(inspected.stderr, /no such volume/i)
    await delay(Math.max(0, awayAt + OUTAGE_MS - performance.now()))
    await machine.sh(`systemctl enable --quiet --now ${lab.array.unit}`)
    await lab.plugin.ready()
    assert.deepEqual(await waiting, { exitCode: 0, stdout: 'kept', stderr: '' })
    assert.equal(await lab.plugin.pid(), pid, 'it became ready by itself')
    assert.deepEqual((await lab.docker('volume', 'ls', '--format={{.Driver}} {{.Name}}')).split('\n').sort(), [
      'local-file local',
      'solidfire-san db',
    ])
    assert.equal(await leftOnHost(machine), '')
  })

  test('an API that resets connections is asked again, and one that stands still is waited for', async () => {
    await lab.simulator('faults', { add: ['reset:ListVolumes:2', 'reset:GetAccountByID:1'] })
    assert.equal(await lab.inContainer('db', 'cat /mnt/note'), 'kept')
    await machine.sh(`kill -STOP ${await lab.array.pid()}`)
    const waiting = lab.inContainer('db', 'cat /mnt/note')
    await machine.until(
      'a call has reached the array',
      `ss -Htn 'sport = :8443' | awk '$2 > 0 { found = 1 } END { exit !found }'`,
    )
    await machine.sh(`kill -CONT ${await lab.array.pid()}`)
    assert.equal(await waiting, 'kept')
    assert.equal(await leftOnHost(machine), '')
  })

  test('an API that goes away half-way through the first mount fails it, nothing stays, and the next try works', async () => {
    await lab.create('late')
    await lab.simulator('faults', { add: ['reset:ModifyVolume'] })
    await assert.rejects(lab.inContainer('late', 'true'), new RegExp(`Cannot ask ${API} for ModifyVolume: `))
    assert.equal(await leftOnHost(machine), '')
    assert.equal((await lab.volume('late')).attributes['netappdvp-format'], 'new')
    await lab.simulator('faults', { clear: true })
    assert.equal(await lab.inContainer('late', 'echo first >/mnt/note; cat /mnt/note'), 'first')
    assert.equal(await leftOnHost(machine), '')
  })

  test('a dead portal is named, with what to look at; the volume is whole once it answers', async () => {
    await lab.simulator('portal', { enabled: false })
    await assert.rejects(
      lab.inContainer('db', 'cat /mnt/note'),
      new RegExp(`Cannot log in to iqn\\.\\S+ at ${SVIP}: .*${SVIP} does not answer: see whether this machine reaches`),
    )
    assert.equal(await leftOnHost(machine), '')
    await lab.simulator('portal', { enabled: true })
    assert.equal(await lab.inContainer('db', 'cat /mnt/note'), 'kept')
  })

  test('a refused CHAP secret is said to be one; a new secret on the array needs nothing here', async () => {
    const { iqn } = await lab.volume('db')
    await machine.sh(`echo -n not-the-secret-12 >/sys/kernel/config/target/iscsi/${iqn}/tpgt_1/auth/password`)
    await assert.rejects(lab.inContainer('db', 'cat /mnt/note'), /refused the CHAP user or its secret.*"TenantName"/)
    assert.equal(await leftOnHost(machine), '')
    const { account } = await lab.api<{ account: { accountID: number } }>('GetAccountByName', { username: 'docker' })
    await lab.api('ModifyAccount', { accountID: account.accountID, initiatorSecret: 'another-secret-1' })
    assert.equal(await lab.inContainer('db', 'cat /mnt/note'), 'kept')
  })

  test('another certificate gets no password until its pin is taken out, and then it does at once', async () => {
    await lab.simulator('new-certificate', {})
    await lab.simulator('reset-counts', {})
    const refused = await machine.try('docker volume create --driver=solidfire-san --name=never')
    assert.notEqual(refused.exitCode, 0)
    const file = '/var/lib/netappdvp/solidfire-san/certificates.json'
    assert.match(refused.stderr, /password was not sent/)
    assert.ok(refused.stderr.includes(`take the entry "${API}" out of ${file}`), refused.stderr)
    assert.deepEqual(await lab.simulator('counts'), {})
    await machine.sh(`jq 'del(.certificates["${API}"])' ${file} >/tmp/pins; cat /tmp/pins >${file}`)
    assert.equal(await lab.inContainer('db', 'cat /mnt/note'), 'kept')
    assert.equal(await lab.plugin.pid(), pid)
  })

  test('with multipathd a volume is used through its map, which goes with the last container', async () => {
    await machine.sh('systemctl start multipathd')
    await lab.create('mapped')
    await lab.startContainer('mapped', 'mapped', 'echo through >/mnt/note; sync; exec sleep 100000')
    await machine.until('the container has written', 'docker exec mapped cat /mnt/note')
    const { scsiNAADeviceID } = await lab.volume('mapped')
    assert.match(await machine.sh('multipath -ll'), new RegExp(`3${scsiNAADeviceID}.*active ready running`, 'is'))
    assert.match(await lab.docker('exec', 'mapped', 'grep', '/mnt', '/proc/mounts'), /^\/dev\/mapper\/\S+ \/mnt ext4/)
    await lab.docker('rm', '--force', 'mapped')
    assert.equal(await leftOver(), '')
    assert.equal(await lab.inContainer('mapped', 'cat /mnt/note'), 'through')
    assert.equal(await leftOver(), '')
  })

  test('with multipathd and a dead portal a container can be removed; what stays goes with the next request', async () => {
    await lab.startContainer('mapped', 'mapped', 'exec sleep 100000')
    await lab.simulator('portal', { enabled: false })
    await machine.sh('docker rm --force mapped', { limitMs: DOCKERS_PATIENCE_MS })
    assert.equal(await lab.docker('ps', '--all', '--quiet'), '')
    await lab.simulator('portal', { enabled: true })
    assert.equal(await lab.inContainer('mapped', 'cat /mnt/note'), 'through')
    assert.equal(await leftOver(), '')
    await lab.docker('volume', 'rm', 'db', 'late', 'mapped', 'local')
    assert.equal(await leftOver(), '')
  })

  const leftOver = async () =>
    (await leftOnHost(machine)) +
    (await machine.sh('multipath -ll; dmsetup ls --target multipath | grep -v ^No || true'))
})

/** For an Unmount, and some more for a slow machine. */
const DOCKERS_PATIENCE_MS = 90_000
