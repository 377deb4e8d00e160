/** Volumes whose disk is not the blank one, or not the formatted one, that it should be: none is written to. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { askPlugin } from '../support/plugin.ts'
import { type LabSolidfire, leftOnHost, startSolidfire } from '../support/solidfire.ts'
import { labSuite } from '../support/suite.ts'

interface NotBlank {
  readonly what: string
  /** Lays it in `$disk`, a file of a gigabyte that nobody uses yet. */
  readonly lay: string
  /** What the refusal says was found. */
  readonly found: RegExp
}

const UNKNOWN = /it holds data, though nothing that blkid knows/

/** As an administrator may have put it on a LUN, past this plugin. */
const NOT_BLANK: readonly NotBlank[] = [
  {
    what: 'ext4 that has lost its first sixteen MiB, and its superblock with them',
    lay: 'mkfs.ext4 -q -F "$disk"; dd if=/dev/zero of="$disk" bs=1M count=16 conv=notrunc status=none',
    found: UNKNOWN,
  },
  {
    what: 'xfs that has lost its first sixteen MiB',
    lay: 'mkfs.xfs -q -f "$disk"; dd if=/dev/zero of="$disk" bs=1M count=16 conv=notrunc status=none',
    found: UNKNOWN,
  },
  { what: 'xfs', lay: 'mkfs.xfs -q -f "$disk"', found: /it carries xfs with UUID [0-9a-f-]{36}/ },
  {
    what: 'a partition table',
    lay: 'echo "2048,,83" | sfdisk --quiet "$disk"',
    found: /it carries a dos partition table/,
  },
  {
    what: 'a physical volume of LVM',
    lay: 'loop=$(losetup --find --show "$disk"); pvcreate --quiet --devices "$loop" "$loop" >/dev/null; losetup --detach "$loop"',
    found: /it carries LVM2_member with UUID \S+/,
  },
  {
    what: 'LUKS',
    lay: 'head -c 32 /dev/urandom | cryptsetup luksFormat --batch-mode --pbkdf=pbkdf2 --pbkdf-force-iterations=1000 --key-file=- "$disk"',
    found: /it carries crypto_LUKS with UUID [0-9a-f-]{36}/,
  },
  { what: 'swap', lay: 'mkswap "$disk" >/dev/null', found: /it carries swap with UUID [0-9a-f-]{36}/ },
  {
    what: 'bytes of no known kind, three MiB from the beginning and nowhere else',
    lay: 'head -c 4096 /dev/urandom | dd of="$disk" bs=1M seek=3 conv=notrunc status=none',
    found: UNKNOWN,
  },
  {
    what: 'bytes of no known kind in the middle and nowhere else',
    lay: 'head -c 4096 /dev/urandom | dd of="$disk" bs=1M seek=512 conv=notrunc status=none',
    found: UNKNOWN,
  },
]

labSuite('solidfire-san leaves alone', (machine) => {
  let lab: LabSolidfire
  const files = new Map<string, string>()

  test('nothing that is blank: it is formatted, once', async () => {
    lab = await startSolidfire(machine)
    await lab.create('blank')
    assert.equal(await formatOf('blank'), 'new')
    assert.equal(await lab.inContainer('blank', 'echo kept >/mnt/note; cat /mnt/note'), 'kept')
    assert.match(await formatOf('blank'), /^ready [0-9a-f-]{36}$/)
    assert.equal(await lab.inContainer('blank', 'cat /mnt/note'), 'kept')
  })

  for (const [index, { what, lay, found }] of NOT_BLANK.entries()) {
    test(`a new volume with ${what}`, async () => {
      const name = `new-${index}`
      assert.equal((await ask('Create', { Name: name })).Err, '')
      await fill(name, `truncate -s 1G "$disk"; ${lay}`)
      await isRefused(
        name,
        /Did not format \/dev\/sd\w+ \(LUN 0 of iqn\.\S+\): /,
        found,
        /remove the volume and create it again/,
      )
      assert.equal(await formatOf(name), 'new')
    })
  }

  test('a new volume whose first MiB cannot be read', async () => {
    await lab.create('unreadable')
    const { device, sectors } = await swapDevice('unreadable', (loop, sectors) => [
      `0 2048 error`,
      `2048 ${sectors - 2048} linear ${loop} 2048`,
    ])
    assert.notEqual(device, '')
    assert.ok(sectors > 2048)
    await isRefused(
      'unreadable',
      /Cannot read \/dev\/sd\w+ \(LUN 0 of iqn\.\S+\): /,
      /EIO/,
      /Nothing was written to it/,
    )
    assert.equal(await formatOf('unreadable'), 'new')
  })

  test('a disk that says it is another one', async () => {
    await lab.create('other-naa')
    const { scsiNAADeviceID } = await lab.volume('other-naa')
    const other = scsiNAADeviceID.toLowerCase().replace(/.{4}$/, (end) => (end === 'beef' ? 'dead' : 'beef'))
    await relink('other-naa', `echo -n ${other.slice(7)} >$core/$name/wwn/vpd_unit_serial`)
    await isRefused('other-naa', /Did not touch \/dev\/sd/, new RegExp(`is naa.${other}`), /Nothing was written to it/)
    assert.equal(await formatOf('other-naa'), 'new')
    await assert.rejects(lab.inContainer('other-naa', 'true'), /Did not touch/, 'and Docker tells its user')
  })

  test('a formatted volume that has the bytes of another one, or none any more', async () => {
    await lab.create('changed')
    await lab.inContainer('changed', 'echo mine >/mnt/note')
    const own = await formatOf('changed')
    const wanted = new RegExp(`the volume's record says .*${own.replace('ready ', '')}`)
    await machine.sh(`cp --reflink=always ${await fileOf('blank')} ${await fileOf('changed')}; sync`)
    await isRefused('changed', /it carries ext4 with UUID/, wanted, /Nothing was written to it/)
    await fill('changed', 'truncate -s 1G "$disk"')
    await isRefused('changed', /Did not mount/, wanted, /Nothing was written to it/)
    assert.equal(await formatOf('changed'), own)
  })

  test('the blank one goes on as before, and all of them can be removed', async () => {
    assert.equal(await lab.inContainer('blank', 'cat /mnt/note'), 'kept')
    const names = await lab.docker('volume', 'ls', '--quiet')
    await lab.docker('volume', 'rm', ...names.split('\n'))
    assert.equal(await lab.docker('volume', 'ls', '--quiet'), '')
    assert.equal(await leftOnHost(machine), '')
  })

  /** Its mount is refused with all of `words`; not a byte on the array has changed. */
  async function isRefused(name: string, ...words: readonly RegExp[]): Promise<void> {
    const before = await sumOf(name)
    const { Err } = await ask('Mount', { Name: name, ID: 'test' })
    for (const word of words) assert.match(Err, word)
    assert.equal(await sumOf(name), before)
    assert.equal(await machine.sh('docker ps --all --quiet; ls /var/lib/docker-volumes/solidfire-san'), '')
    assert.equal(await leftOnHost(machine), '')
  }

  /** As Docker does. Without it: its way to a refusal is the same each time, and the machine is slow. */
  const ask = (verb: string, body: object) => askPlugin(machine, lab.plugin.name, verb, body)

  async function formatOf(name: string): Promise<string> {
    return (await lab.volume(name)).attributes['netappdvp-format'] ?? ''
  }

  /** The file that has the volume's bytes. */
  async function fileOf(name: string): Promise<string> {
    const known = files.get(name)
    if (known !== undefined) return known
    const file = await machine.sh(`ls ${lab.array.directory}/data/*-${(await lab.volume(name)).volumeID}.img`)
    files.set(name, file)
    return file
  }

  /** Of all bytes, and of where there are none: a write of zeros, or a discard, would show too. */
  async function sumOf(name: string): Promise<string> {
    return machine.sh(`sync; tar --sparse --mtime=@0 -cf - ${await fileOf(name)} 2>/dev/null | sha256sum`)
  }

  /** Gives the volume the bytes that a script has laid in `$disk`. The array's device stays the one it was. */
  async function fill(name: string, script: string): Promise<void> {
    await machine.sh(`
      disk=/srv/array/laid
      rm -f "$disk"
      ${script}
      cp --reflink=always "$disk" ${await fileOf(name)}
      sync
    `)
  }

  /** Changes the kernel's object of the volume, `$core/$name`, while no target exports it. */
  async function relink(name: string, script: string): Promise<void> {
    const { iqn, volumeID } = await lab.volume(name)
    await machine.sh(`
      core=/sys/kernel/config/target/core/iblock_8443
      lun=/sys/kernel/config/target/iscsi/${iqn}/tpgt_1/lun/lun_0
      name=$(cd $core && ls -d *-${volumeID})
      rm $lun/$name
      ${script}
      ln -s $core/$name $lun/$name
    `)
  }

  /** Puts a device of the device mapper in the place of the volume's own. */
  async function swapDevice(name: string, tableOf: (loop: string, sectors: number) => readonly string[]) {
    const file = await fileOf(name)
    const device = await machine.sh(`losetup --list --noheadings --raw --output NAME --associated ${file}`)
    const sectors = Number(await machine.sh(`blockdev --getsz ${device}`))
    const table = tableOf(device, sectors).join('\n')
    await relink(
      name,
      `
      wwn=$core/$name/wwn
      company=$(cat $wwn/company_id)
      serial=$(sed 's/.*: //' $wwn/vpd_unit_serial)
      rmdir $core/$name
      dmsetup create swapped <<'TABLE'
${table}
TABLE
      mkdir $core/$name
      echo -n udev_path=/dev/mapper/swapped >$core/$name/control
      echo -n 1 >$core/$name/enable
      echo -n $company >$wwn/company_id
      echo -n $serial >$wwn/vpd_unit_serial
      `,
    )
    return { device, sectors }
  }
})
