/** What goes wrong around ontap-nas on one host, what the user is told, and that nothing else is harmed. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CONFIG, type LabNas, type LabOntap, MANAGEMENT, mountsLeft, nasOn, startOntap } from '../support/ontap.ts'
import { installPlugin, registerPlugin } from '../support/plugin.ts'
import { labSuite } from '../support/suite.ts'

labSuite('ontap-nas when something is wrong', (machine) => {
  let array: LabOntap
  let nas: LabNas

  /** Starts an instance that is not to become ready. @returns what it waits for, as its status says */
  async function waitsFor(name: string, change: object): Promise<string> {
    const unit = await registerPlugin(machine, { name, config: { ...CONFIG, storagePrefix: `${name}_`, ...change } })
    await machine.sh(`systemctl start ${unit}`)
    const status = `$(systemctl show --value --property=StatusText ${unit})`
    const told = await machine.until(`${name} says what it waits for`, `s=${status}; echo "$s"; [[ $s == Waiting:* ]]`)
    await machine.sh(`systemctl stop ${unit}`)
    return told
  }

  test('a host without rpc.statd mounts nothing of NFS 3 and is told how; with nolock, or 4.1, it does', async () => {
    // Of no volume below would there be anything to mount, if the plugin did not have its mirrors updated.
    array = await startOntap(machine, { args: ['--load-sharing'] })
    nas = nasOn(machine, await installPlugin(machine, { config: { ...CONFIG, nfsMountOptions: '-o nfsvers=4.1' } }))
    const of = async (name: string, nfsMountOptions: string) => {
      const config = { ...CONFIG, storagePrefix: `${name}_`, nfsMountOptions }
      return nasOn(machine, await installPlugin(machine, { name, config }))
    }
    const locking = await of('locking', '-o nfsvers=3')
    const nolock = await of('nolock', '-o nfsvers=3,nolock')
    await machine.sh('systemctl stop rpc-statd; mv /usr/sbin/rpc.statd /usr/sbin/rpc.statd.away')
    await locking.create('locks', 'size=50m')
    await assert.rejects(locking.inContainer('locks', 'true'), /rpc\.statd does not run on this machine.*nolock/s)
    await nolock.create('free', 'size=50m')
    assert.match(await nolock.inContainer('free', 'grep " /mnt " /proc/mounts'), /vers=3,.*nolock/)
    await nas.create('db', 'size=50m')
    assert.equal(await nas.inContainer('db', 'echo kept >/mnt/note; cat /mnt/note'), 'kept')
    assert.equal(await mountsLeft(machine), '')
    await machine.sh('mv /usr/sbin/rpc.statd.away /usr/sbin/rpc.statd')
    await machine.sh(`systemctl stop ${locking.plugin.unit} ${nolock.plugin.unit}`)
  })

  /** Fills the volume until it is refused, and goes on once the server has given back what was removed. */
  const FILL = `
    dd if=/dev/zero of=/mnt/data bs=1M count=80 conv=fsync 2>&1 && exit 1
    rm /mnt/data
    until echo again 2>/dev/null >/mnt/note; do sleep 1; done
    cat /mnt/note
  `

  test('a volume that is full says so to its container, is there for the next, and others are not touched', async () => {
    await nas.create('full', 'size=30m')
    assert.match(await nas.inContainer('full', FILL), /No space left on device[\s\S]*\nagain$/)
    assert.equal(await nas.inContainer('db', 'echo more >>/mnt/note; cat /mnt/note'), 'kept\nmore')
  })

  test('of two volumes in one pool the one that is full says so, and the other has its room', async () => {
    const config = { ...CONFIG, storageDriverName: 'ontap-nas-economy', nfsMountOptions: '-o nfsvers=4.1' }
    const economy = nasOn(machine, await installPlugin(machine, { config }))
    for (const name of ['small', 'other']) await economy.create(name, 'size=50m')
    const { records } = await array.rest<{ records: { volume: { name: string } }[] }>('get', '/storage/qtrees?id=>0')
    assert.equal(records.length, 2)
    assert.equal(records[0]?.volume.name, records[1]?.volume.name, 'they share a FlexVol')
    assert.match(await economy.inContainer('small', FILL), /(No space left on device|quota exceeded)[\s\S]*\nagain$/i)
    const free = `df -P /mnt | awk 'END { print $4 }'`
    assert.ok(Number(await economy.inContainer('other', free)) > 48 * 1024)
    await economy.docker('volume', 'rm', 'small', 'other')
    assert.equal(await mountsLeft(machine), '')
    await machine.sh(`systemctl stop ${economy.plugin.unit}`)
  })

  test('a server that is restarted under a container that writes is waited for, and no line is lost', async () => {
    const writer = 'i=0; while :; do i=$((i+1)); echo $i >>/mnt/lines; sync; usleep 200000; done'
    await nas.startContainer('writer', 'db', writer)
    const lines = `docker exec writer awk '$1 != NR { exit 1 } END { print NR }' /mnt/lines`
    await machine.until('it writes', `[ "$(${lines})" -gt 3 ]`)
    await array.simulator('nfs', { enabled: false })
    await array.simulator('nfs', { enabled: true })
    await machine.sh('docker exec writer cp /mnt/lines /mnt/before')
    const before = await machine.sh('docker exec writer sed -n "$ p" /mnt/before')
    await machine.until('it writes on', `[ "$(${lines})" -gt ${before} ]`)
    await nas.docker('rm', '--force', 'writer')
    assert.equal(await mountsLeft(machine), '')
  })

  test('a server that is lost holds up neither the removal of a container nor a start of the plugin, and is no mount', async () => {
    await nas.startContainer('loser', 'db', 'exec sleep 100000')
    await array.simulator('nfs', { enabled: false })
    await nas.docker('exec', '--detach', 'loser', 'dd', 'if=/dev/zero', 'of=/mnt/unsent', 'bs=1M', 'count=4')
    await machine.sh('docker rm --force loser', { limitMs: DOCKERS_PATIENCE_MS })
    await machine.sh(`systemctl restart ${nas.plugin.unit}`, { limitMs: DOCKERS_PATIENCE_MS })
    await nas.plugin.ready()

    // With this, mount.nfs says that it has mounted what it goes on trying to.
    await machine.put('/etc/nfsmount.conf', '[ NFSMount_Global_Options ]\nBackground=True\n')
    await nas.create('away', 'size=50m')
    await assert.rejects(nas.inContainer('away', 'echo lost >/mnt/note'), /127\.0\.0\.1 does not answer/)
    assert.equal(await machine.sh('find /var/lib/docker-volumes -xdev -name note; pgrep -a mount.nfs || true'), '')
    await machine.sh('rm /etc/nfsmount.conf')

    await array.simulator('nfs', { enabled: true })
    assert.match(await nas.inContainer('db', 'rm -f /mnt/unsent; cat /mnt/note'), /^kept/)
    await machine.until('nothing is left', `[ -z "$(findmnt --noheadings --list --types nfs,nfs4)" ]`)
    await nas.docker('volume', 'rm', 'away')
  })

  test('whom no rule lets in is told the export policy and the address of this host', async () => {
    const svm = { name: CONFIG.svm }
    const all = { ro_rule: ['any'], rw_rule: ['any'], superuser: ['any'] }
    const rules = [{ ...all, clients: [{ match: '10.9.9.9' }] }]
    await array.rest('post', '/protocols/nfs/export-policies', { name: 'others', svm, rules })
    await nas.create('closed', 'size=50m', 'exportPolicy=others')
    await assert.rejects(nas.inContainer('closed', 'true'), (error: Error) => {
      assert.match(error.message, /export policy "others" of SVM "svm1"/)
      assert.match(error.message, /this host \([0-9.]+\)/)
      return true
    })
    assert.equal(await mountsLeft(machine), '')
  })

  test('a wrong password is said to be one', async () => {
    assert.match(await waitsFor('stranger', { password: 'wrong' }), /password|user|credentials/i)
  })

  for (const useREST of [true, false]) {
    const [api, name] = useREST ? (['REST', 'clerk'] as const) : (['ONTAPI', 'scribe'] as const)

    test(`${api}: a role that lacks a right is told that right`, async () => {
      const rest = [
        { path: '/api', access: 'readonly' },
        { path: '/api/storage/volumes', access: 'read_modify' },
        { path: '/api/private/cli/snapmirror', access: 'all' },
      ]
      const commands = [
        { command: 'DEFAULT', access: 'readonly' },
        { command: 'snapmirror', access: 'all' },
      ]
      const password = 'clerk1234'
      await array.simulator('role', { name, password, role: useREST ? { rest } : { commands } })
      const config = { ...CONFIG, username: name, password, storagePrefix: `${name}_`, useREST }
      const clerk = nasOn(machine, await installPlugin(machine, { name, config }))
      await assert.rejects(clerk.create('never', 'size=50m'), useREST ? /\/api\/storage\/volumes/ : /volume create/)
      await machine.sh(`systemctl stop ${clerk.plugin.unit}`)
    })
  }

  test('an SVM without aggregates is told word for word as nDVP told it', async () => {
    const bare = '/tmp/bare.json'
    const simulate = `netappdvp simulate ontap --listen=127.0.0.1:8444 --svm=bare --state=${bare}`
    const answers = `curl -sk -o /dev/null https://127.0.0.1:8444/api/cluster`
    await machine.sh(`systemd-run --quiet --unit=bare ${simulate}`)
    await machine.until('the bare array answers', answers)
    await machine.sh(`systemctl stop bare; jq '${WITHOUT_AGGREGATES}' ${bare} >/tmp/next; mv /tmp/next ${bare}`)
    await machine.sh(`systemd-run --quiet --unit=bare ${simulate}`)
    await machine.until('the bare array answers again', answers)
    const told = await waitsFor('bare', { managementLIF: '127.0.0.1:8444', svm: 'bare' })
    assert.match(told, /SVM bare has no assigned aggregates\./)
    await machine.sh('systemctl stop bare')
  })

  test('another certificate gets no password until its pin is taken out, and then it does at once', async () => {
    await array.simulator('new-certificate', {})
    await array.simulator('reset-counts', {})
    await assert.rejects(nas.create('never'), (error: Error) => {
      assert.match(error.message, /password was not sent/)
      assert.ok(error.message.includes(`take the entry "${MANAGEMENT}" out of ${PINS}`), error.message)
      return true
    })
    assert.deepEqual(await array.simulator('counts'), {})
    await machine.sh(`jq 'del(.certificates["${MANAGEMENT}"])' ${PINS} >/tmp/pins; cat /tmp/pins >${PINS}`)
    assert.match(await nas.inContainer('db', 'cat /mnt/note'), /^kept/)
  })

  test('a volume that is split off a clone’s source lets that go', async () => {
    await nas.create('copy', 'from=db', 'splitOnClone=true')
    await machine.until('the split is done', `docker volume rm db`)
    assert.match(await nas.inContainer('copy', 'cat /mnt/note'), /^kept/)
    await nas.docker('volume', 'rm', 'copy', 'full', 'closed')
    assert.equal(await mountsLeft(machine), '')
  })
})

/** For an Unmount, and some more for a slow machine. */
const DOCKERS_PATIENCE_MS = 120_000

const PINS = '/var/lib/netappdvp/ontap-nas/certificates.json'

/** Of the state file: aggregates, and only those, have a type of disk. */
const WITHOUT_AGGREGATES = 'walk(if type == "object" and has("diskType") then .svms = [] else . end)'
