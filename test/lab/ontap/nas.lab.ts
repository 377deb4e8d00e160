/** What a user of ontap-nas does on one host, by either API of the array and over either version of NFS. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CONFIG, type LabNas, type LabOntap, mountsLeft, nasOn, startOntap } from '../support/ontap.ts'
import { installPlugin } from '../support/plugin.ts'
import { labSuite } from '../support/suite.ts'

const MIB = 1024 * 1024
const HOUR_MS = 3600_000

const WAYS = [
  { name: 'rest-3', useREST: true, version: '3' },
  { name: 'zapi-41', useREST: false, version: '4.1' },
  { name: 'rest-41', useREST: true, version: '4.1' },
  { name: 'zapi-3', useREST: false, version: '3' },
] as const

const CHANGE_CLONES = 'for clone in 1 2; do echo clone >$clone/day; done'

/** Of a FlexVol, as REST tells it. */
interface Row {
  readonly uuid: string
  readonly name: string
  readonly style: 'flexvol' | 'flexgroup'
  readonly aggregates: readonly { readonly name: string }[]
  readonly size: number
  readonly snapshot_directory_access_enabled: boolean
  readonly guarantee: { readonly type: string }
  readonly snapshot_policy: { readonly name: string }
  readonly space: { readonly snapshot: { readonly reserve_percent: number } }
  readonly tiering: { readonly policy: string }
  readonly qos?: { readonly policy?: { readonly name: string } }
  readonly clone?: { readonly parent_volume?: { readonly name: string } }
  readonly nas: {
    readonly path: string
    readonly unix_permissions: number
    readonly security_style: string
    readonly export_policy: { readonly name: string }
  }
}

labSuite('ontap-nas, as its users know it', (machine) => {
  let array: LabOntap

  for (const { name, useREST, version } of WAYS) {
    const prefix = `${name.replace('-', '_')}_`
    const api = useREST ? 'REST' : 'ONTAPI'
    const [db, now, then, plain] = ['db', 'now', 'then', 'plain'].map((word) => `${word}-${name}`)
    let nas: LabNas

    /** By the name Docker knows it by. The array's own has no `-`. */
    const row = (volume: string | undefined) =>
      array.record<Row>('/storage/volumes', { comment: `*"${volume}"*`, 'nas.path': '!null' })

    async function takeSnapshot(volume: string | undefined, snapshot: string): Promise<void> {
      await array.rest('post', `/storage/volumes/${(await row(volume)).uuid}/snapshots`, { name: snapshot })
    }

    test(`${api}, NFS ${version}: a volume is made as its options say, and the array has it so`, async () => {
      array ??= await startOntap(machine)
      const config = { ...CONFIG, useREST, nfsMountOptions: `-o nfsvers=${version}`, storagePrefix: prefix }
      nas = nasOn(machine, await installPlugin(machine, { name, config }))
      await nas.create(
        db!,
        ...['size=100m', 'spaceReserve=volume', 'snapshotPolicy=default', 'snapshotReserve=20', 'snapshotDir=true'],
        ...['unixPermissions=0751', 'exportPolicy=default', 'securityStyle=mixed', 'qosPolicy=svm1_extreme'],
        ...['tieringPolicy=none', 'aggregate=aggr1'],
      )
      const { size, guarantee, snapshot_policy, space, tiering, qos, nas: shared, ...rest } = await row(db)
      assert.equal(size, 125 * MIB, 'the snapshot reserve is on top of what was asked for')
      assert.deepEqual(
        [guarantee.type, snapshot_policy.name, space.snapshot.reserve_percent, rest.snapshot_directory_access_enabled],
        ['volume', 'default', 20, true],
      )
      assert.deepEqual([tiering.policy, qos?.policy?.name], ['none', 'svm1_extreme'])
      assert.deepEqual(
        [shared.unix_permissions, shared.security_style, shared.export_policy.name],
        [751, 'mixed', 'default'],
      )
      assert.equal((await nas.inspect(db!)).Status['size'], '100 MiB')
    })

    test(`${api}, NFS ${version}: one container writes; another reads that, and clones of now and of a snapshot`, async () => {
      await nas.startContainer('holder', db!, 'echo "persistent storage" >/mnt/note; exec sleep 100000')
      await nas.docker('exec', 'holder', 'sh', '-c', 'echo monday >/mnt/day; sync')
      await takeSnapshot(db, 'monday')
      await nas.docker('exec', 'holder', 'sh', '-c', 'echo tuesday >/mnt/day; sync')
      await nas.create(now!, `from=${db}`)
      await nas.create(then!, `from=${db}`, 'fromSnapshot=monday')
      await nas.create(plain!, 'size=50m')
      await takeSnapshot(plain, 'monday')

      const volumes = [db, now, then, plain].map((volume, index) => `--volume=${volume}:/${index}`)
      const script = `cd /; cat 0/note 1/note 2/note 0/day 1/day 2/day; ${CHANGE_CLONES}; stat -c %a 0; grep " /0 " /proc/mounts; ls -A 3`
      const said = await nas.docker('run', '--rm', '--network=none', ...volumes, 'busybox:local', 'sh', '-c', script)
      const lines = said.split('\n')
      assert.deepEqual(lines.slice(0, 3), Array(3).fill('persistent storage'))
      assert.deepEqual(lines.slice(3, 6), ['tuesday', 'tuesday', 'monday'])
      assert.equal(lines[6], '751')
      assert.match(lines[7] ?? '', new RegExp(`^127\\.0\\.0\\.1:/\\S+ /0 nfs\\S* rw,.*vers=${version},`))
      assert.equal(lines.length, 8, '.snapshot is hidden unless asked for')

      const look = `cat /mnt/day /mnt/.snapshot/monday/day; df -P /mnt | awk 'END { print $4 }'`
      const [day, before, room] = (await nas.docker('exec', 'holder', 'sh', '-c', look)).split('\n')
      assert.deepEqual([day, before], ['tuesday', 'monday'], 'the clones have gone their own ways')
      assert.ok(Math.abs(Number(room) - 100 * 1024) < 1024, `${room} KiB are free`)
      assert.equal((await row(now)).clone?.parent_volume?.name, (await row(db)).name)
      const snapshots = (await nas.inspect(db!)).Status['Snapshots'] as readonly Record<string, string>[]
      assert.ok(snapshots.some((snapshot) => snapshot['Name'] === 'monday'))
      await nas.docker('rm', '--force', 'holder')
      assert.equal(await mountsLeft(machine), '')
    })

    test(`${api}, NFS ${version}: a volume is kept as long as it has clones, and nothing is left of any`, async () => {
      await assert.rejects(nas.docker('volume', 'rm', db!), /clones of it/)
      await nas.docker('volume', 'rm', now!, then!, plain!)
      await array.simulator('clock-advance', { ms: 13 * HOUR_MS })
      await nas.docker('volume', 'rm', db!)
      const { num_records } = await array.rest<{ num_records: number }>(
        'get',
        `/storage/volumes?name=${prefix}*&nas.path=!null`,
      )
      assert.equal(num_records, 0)
      assert.equal(await mountsLeft(machine), '')
      await machine.sh(`systemctl stop ${nas.plugin.unit}`)
    })
  }

  for (const useREST of [true, false]) {
    const api = useREST ? 'REST' : 'ONTAPI'
    const name = `group-${useREST ? 'rest' : 'zapi'}`

    test(`${api}: a FlexGroup of its users is written, cloned at once, and each goes its own way`, async () => {
      const config = {
        ...{ ...CONFIG, storageDriverName: 'ontap-nas-flexgroup', aggregate: ['aggr1', 'aggr2'], useREST },
        ...{ nfsMountOptions: '-o nfsvers=4.1', storagePrefix: `${name.replace('-', '_')}_` },
      }
      const nas = nasOn(machine, await installPlugin(machine, { name, config }))
      const [wide, copy] = [`wide-${name}`, `copy-${name}`]
      await nas.create(wide, 'size=800m')
      const { style, aggregates } = await array.record<Row>('/storage/volumes', { comment: `*"${wide}"*` })
      assert.equal(style, 'flexgroup')
      assert.deepEqual(aggregates.map(({ name }) => name).toSorted(), ['aggr1', 'aggr2'])
      await nas.inContainer(wide, 'echo kept >/mnt/note; dd if=/dev/zero of=/mnt/data bs=1M count=150 2>/dev/null')
      await nas.create(copy, `from=${wide}`)
      assert.equal(await nas.inContainer(copy, 'cat /mnt/note; echo clone >/mnt/note; ls /mnt'), 'kept\ndata\nnote')
      assert.equal(await nas.inContainer(wide, 'cat /mnt/note; ls /mnt'), 'kept\ndata\nnote')
      await nas.docker('volume', 'rm', copy)
      await array.simulator('clock-advance', { ms: 13 * HOUR_MS })
      await nas.docker('volume', 'rm', wide)
      assert.equal(await mountsLeft(machine), '')
      await machine.sh(`systemctl stop ${nas.plugin.unit}`)
    })
  }
})
