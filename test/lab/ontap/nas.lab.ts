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

/** Of a FlexVol, as REST tells it. */
interface Row {
  readonly uuid: string
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

    test(`${api}, NFS ${version}: one container writes, a second one reads, both over this version`, async () => {
      await nas.startContainer('holder', db!, 'echo "persistent storage" >/mnt/note; exec sleep 100000')
      const said = await nas.inContainer(db!, 'cat /mnt/note; stat -c %a /mnt; grep " /mnt " /proc/mounts')
      const [note, mode, mount = ''] = said.split('\n')
      assert.deepEqual([note, mode], ['persistent storage', '751'])
      assert.match(mount, new RegExp(`^127\\.0\\.0\\.1:/\\S+ /mnt nfs\\S* rw,.*vers=${version},`))
      const room = Number(await nas.docker('exec', 'holder', 'sh', '-c', `df -P /mnt | awk 'END { print $4 }'`))
      assert.ok(Math.abs(room - 100 * 1024) < 1024, `${room} KiB are free`)
    })

    test(`${api}, NFS ${version}: a clone of the mounted volume, and one of a snapshot, go their own ways`, async () => {
      await nas.docker('exec', 'holder', 'sh', '-c', 'echo monday >/mnt/day; sync')
      await takeSnapshot(db, 'monday')
      await nas.docker('exec', 'holder', 'sh', '-c', 'echo tuesday >/mnt/day; sync')
      await nas.create(now!, `from=${db}`)
      await nas.create(then!, `from=${db}`, 'fromSnapshot=monday')
      const script = 'cat /mnt/note /mnt/day; echo clone >/mnt/day'
      assert.equal(await nas.inContainer(now!, script), 'persistent storage\ntuesday')
      assert.equal(await nas.inContainer(then!, script), 'persistent storage\nmonday')
      const seen = await nas.docker('exec', 'holder', 'cat', '/mnt/day', '/mnt/.snapshot/monday/day')
      assert.equal(seen, 'tuesday\nmonday')
      const parent = (await row(db)) && (await row(now)).clone?.parent_volume?.name
      assert.ok(parent?.startsWith(prefix), parent)
      const snapshots = (await nas.inspect(db!)).Status['Snapshots'] as readonly Record<string, string>[]
      assert.ok(snapshots.some((snapshot) => snapshot['Name'] === 'monday'))
      await nas.docker('rm', '--force', 'holder')
    })

    test(`${api}, NFS ${version}: .snapshot is hidden unless asked for, and all goes when it is removed`, async () => {
      await nas.create(plain!, 'size=50m')
      await takeSnapshot(plain, 'monday')
      assert.equal(await nas.inContainer(plain!, 'ls -A /mnt; ls /mnt/.snapshot 2>/dev/null || echo none'), 'none')
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
      await machine.sh(`systemctl disable --quiet --now ${nas.plugin.unit}`)
    })
  }
})
