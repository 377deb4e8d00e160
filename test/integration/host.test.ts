/** The host with the kernel itself: loop devices, mkfs, mounts. Needs root; leaves nothing behind. */

import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { constants, createReadStream } from 'node:fs'
import {
  copyFile,
  mkdir,
  mkdtemp,
  open,
  readFile,
  realpath,
  rm,
  stat,
  statfs,
  truncate,
  writeFile,
} from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, suite, type TestContext, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { crc32 } from 'node:zlib'
import { type ErrorCode, hasCode, reasonOf } from '../../src/errors.ts'
import { findProgram, run } from '../../src/host/command.ts'
import { linuxHost } from '../../src/host/linux.ts'
import { loopDevices } from '../../src/host/loop.ts'
import { mountAt, readMounts } from '../../src/host/mountinfo.ts'
import { FILESYSTEMS, type FilePublication, type Filesystem, type Format } from '../../src/publication.ts'
import type { Run } from '../../src/run.ts'
import { type Bytes, MIB } from '../../src/units.ts'
import { context, rememberingLog } from '../host/fakes.ts'

const UUID = '0f1e2d3c-4b5a-4697-8877-665544332211'
const OTHER_UUID = 'ffffffff-4b5a-4697-8877-665544332211'
/** mkfs.xfs makes nothing below 300 MiB. */
const SIZES: Readonly<Record<Filesystem, number>> = { ext4: 64 * MIB, ext3: 64 * MIB, xfs: 320 * MIB }

const ctx = context()
const host = linuxHost()
const loops = loopDevices(run)
const skip = process.getuid?.() === 0 ? false : 'needs root for loop devices and mounts'

if (skip) test('the host with the kernel itself', { skip })
else
  suite('the host', async () => {
    const root = await realpath(await mkdtemp(join(tmpdir(), 'netappdvp-host-')))
    let volumes = 0

    after(async () => {
      const { stdout } = await run(ctx, 'losetup', ['--list', '--noheadings', '--output', 'NAME,BACK-FILE'])
      assert.doesNotMatch(stdout, new RegExp(root))
      assert.doesNotMatch(await readFile('/proc/self/mounts', 'utf8'), new RegExp(root))
      await rm(root, { recursive: true })
    })

    for (const filesystem of FILESYSTEMS) {
      test(`a new ${filesystem} volume is formatted, holds data over a detach, and leaves nothing behind`, async (t) => {
        const { publication, ready, mountpoint } = await makeVolume(t, filesystem)
        await host.proveFormattable(ctx, publication)
        await host.format(ctx, publication, UUID)
        await host.attach(ctx, ready, mountpoint)

        assert.equal(await host.isMounted(ctx, mountpoint), true)
        assert.deepEqual(await host.mountsBelow(ctx, root), [mountpoint])
        const mount = mountAt(await readMounts(), mountpoint)!
        assert.equal(mount.fstype, filesystem)
        await writeFile(join(mountpoint, 'data'), 'kept')

        await host.detach(ctx, ready, mountpoint)
        assert.equal(await host.isMounted(ctx, mountpoint), false)
        await assert.rejects(stat(mountpoint), /ENOENT/)
        assert.deepEqual(await loops.find(ctx, ready.path), [])

        await host.attach(ctx, ready, mountpoint)
        assert.equal(await readFile(join(mountpoint, 'data'), 'utf8'), 'kept')
        await host.detach(ctx, ready, mountpoint)
      })

      test(`attach, detach and grow of ${filesystem} may be repeated`, async (t) => {
        const { ready, mountpoint } = await makeFormatted(t, filesystem)
        await host.detach(ctx, ready, mountpoint)
        await host.grow(ctx, ready, mountpoint)
        await host.attach(ctx, ready, mountpoint)
        await host.attach(ctx, ready, mountpoint)
        assert.equal((await readMounts()).filter((mount) => mount.mountpoint === mountpoint).length, 1)
        await host.grow(ctx, ready, mountpoint)
        await host.detach(ctx, ready, mountpoint)
        await host.detach(ctx, ready, mountpoint)
      })

      test(`a mounted ${filesystem} grows while it is in use`, async (t) => {
        if (!(await mayGrow(filesystem))) return t.skip(CANNOT_GROW)
        const { ready, mountpoint } = await makeFormatted(t, filesystem)
        await host.attach(ctx, ready, mountpoint)
        await using file = await open(join(mountpoint, 'data'), 'w')
        const before = await capacityOf(mountpoint)

        const larger = await enlarge(ready)
        await host.grow(ctx, larger, mountpoint)
        assert.ok((await capacityOf(mountpoint)) > before * 1.7)
        await file.writeFile('still there')
        await file.close()
        await host.detach(ctx, larger, mountpoint)
      })

      test(`an ${filesystem} whose file grew meanwhile grows as it is attached`, async (t) => {
        if (!(await mayGrow(filesystem))) return t.skip(CANNOT_GROW)
        const { ready, mountpoint } = await makeFormatted(t, filesystem)
        await host.attach(ctx, ready, mountpoint)
        const before = await capacityOf(mountpoint)
        await host.detach(ctx, ready, mountpoint)

        const larger = await enlarge(ready)
        await host.attach(ctx, larger, mountpoint)
        assert.ok((await capacityOf(mountpoint)) > before * 1.7)
        await host.detach(ctx, larger, mountpoint)
      })
    }

    test('a volume that cannot be grown is mounted as it is, with a warning', async (t) => {
      const { ready, mountpoint } = await makeFormatted(t, 'ext4')
      const larger = await enlarge(ready)
      const { log, lines } = rememberingLog()
      const unable: Run = (ctx, program, args, options) =>
        run(ctx, program === 'resize2fs' ? 'false' : program, args, options)
      await linuxHost({ run: unable }).attach(context(log), larger, mountpoint)
      assert.equal(await host.isMounted(ctx, mountpoint), true)
      const warning = lines.find(({ level }) => level === 'warn')
      assert.match(`${warning?.message} ${warning?.fields['reason']}`, /cannot grow the filesystem.* exit code 1/)
      await host.detach(ctx, larger, mountpoint)
    })

    test('a volume is mounted with discard when the publication says so, and xfs without regard to its UUID', async (t) => {
      const { ready, mountpoint } = await makeFormatted(t, 'xfs')
      await host.attach(ctx, { ...ready, discard: true }, mountpoint)
      assert.match(mountAt(await readMounts(), mountpoint)!.superOptions, /nouuid.*discard|discard.*nouuid/)
      await host.detach(ctx, ready, mountpoint)
    })

    test('an xfs and its clone can be mounted at once', async (t) => {
      const { ready, mountpoint } = await makeFormatted(t, 'xfs')
      const clone = await makeVolume(t, 'xfs')
      await copyFile(ready.path, clone.ready.path)
      await host.attach(ctx, ready, mountpoint)
      await host.attach(ctx, clone.ready, clone.mountpoint)
      await host.detach(ctx, ready, mountpoint)
      await host.detach(ctx, clone.ready, clone.mountpoint)
    })

    test('a file that has a loop device already gets no second one', async (t) => {
      const { ready, mountpoint } = await makeFormatted(t, 'ext4')
      await host.detach(ctx, ready, mountpoint)
      const { stdout } = await run(ctx, 'losetup', ['--find', '--show', ready.path])
      await host.attach(ctx, ready, mountpoint)
      const devices = await loops.find(ctx, ready.path)
      assert.deepEqual(
        devices.map(({ path }) => path),
        [stdout.trim()],
      )
      await host.detach(ctx, ready, mountpoint)
    })

    test('a dozen volumes are formatted and attached at once, each on a loop device of its own', async (t) => {
      const made = await Promise.all(Array.from({ length: 12 }, () => makeVolume(t, 'ext4', 16 * MIB)))
      await Promise.all(made.map(({ publication }) => host.format(ctx, publication, UUID)))
      await Promise.all(made.map(({ ready, mountpoint }) => host.attach(ctx, ready, mountpoint)))
      const devices = (await Promise.all(made.map(({ ready }) => loops.find(ctx, ready.path)))).flat()
      assert.equal(new Set(devices.map(({ number }) => number)).size, 12)
      await Promise.all(made.map(({ ready, mountpoint }) => host.detach(ctx, ready, mountpoint)))
    })

    test('a volume whose file was deleted meanwhile is detached all the same', async (t) => {
      const { ready, mountpoint } = await makeFormatted(t, 'ext4')
      await host.attach(ctx, ready, mountpoint)
      await rm(ready.path)
      await host.detach(ctx, ready, mountpoint)
      assert.equal(await host.isMounted(ctx, mountpoint), false)
      assert.deepEqual(await loops.find(ctx, ready.path), [])
    })

    test('a volume that is in use is not detached, and the message names who uses it', async (t) => {
      const { ready, mountpoint } = await makeFormatted(t, 'ext4')
      await host.attach(ctx, ready, mountpoint)
      {
        await using _file = await open(join(mountpoint, 'data'), 'w')
        const error = await refusal(host.detach(ctx, ready, mountpoint), 'MOUNT_BUSY')
        assert.match(error, new RegExp(`target is busy\\. In use by \\S+ \\(process ${process.pid}\\)`))
        assert.equal(await host.isMounted(ctx, mountpoint), true)
      }
      await mkdir(join(mountpoint, 'below'))
      await run(ctx, 'mount', ['-t', 'tmpfs', 'none', join(mountpoint, 'below')])
      t.after(() => run(ctx, 'umount', [join(mountpoint, 'below')], { accept: [32] }))
      assert.match(await refusal(host.detach(ctx, ready, mountpoint), 'MOUNT_BUSY'), /below is mounted below it/)
      await run(ctx, 'umount', [join(mountpoint, 'below')])
      await host.detach(ctx, ready, mountpoint)
    })

    test("what somebody else mounted at a volume's mount point is left alone", async (t) => {
      const { ready, mountpoint } = await makeFormatted(t, 'ext4')
      await mkdir(mountpoint)
      await run(ctx, 'mount', ['-t', 'tmpfs', 'none', mountpoint])
      t.after(() => run(ctx, 'umount', [mountpoint], { accept: [32] }))
      await refusal(host.attach(ctx, ready, mountpoint), 'STALE_MOUNT')
      await refusal(host.detach(ctx, ready, mountpoint), 'STALE_MOUNT')
      await refusal(host.grow(ctx, ready, mountpoint), 'STALE_MOUNT')
      await run(ctx, 'umount', [mountpoint])
    })

    test('a volume that another mount namespace holds is known as held, and can be joined', async (t) => {
      const { ready, mountpoint } = await makeFormatted(t, 'ext4')
      await host.attach(ctx, ready, mountpoint)
      assert.equal(await host.isHeldElsewhere(ctx, mountpoint), false)

      const container = await holdElsewhere(t, mountpoint)
      assert.equal(await host.isHeldElsewhere(ctx, mountpoint), true)
      await writeFile(join(mountpoint, 'data'), 'shared')
      await host.detach(ctx, ready, mountpoint)
      assert.equal(await host.isHeldElsewhere(ctx, mountpoint), false)
      assert.equal((await loops.find(ctx, ready.path)).length, 1)

      await host.attach(ctx, ready, mountpoint)
      assert.equal(await readFile(join(mountpoint, 'data'), 'utf8'), 'shared')
      await end(container)
      await host.detach(ctx, ready, mountpoint)
      assert.deepEqual(await loops.find(ctx, ready.path), [])
    })

    test('a mount that merely follows the host is not held by its namespace', async (t) => {
      const { ready, mountpoint } = await makeFormatted(t, 'ext4')
      const shared = join(root, 'shared')
      await mkdir(shared)
      await run(ctx, 'mount', ['--bind', shared, shared])
      t.after(() => run(ctx, 'umount', ['--lazy', shared], { accept: [32] }))
      await run(ctx, 'mount', ['--make-shared', shared])
      const below = join(shared, 'db')
      await host.detach(ctx, ready, mountpoint)
      await host.attach(ctx, ready, below)

      const service = await inNamespace(t, 'slave', 'echo ready; exec sleep 600')
      assert.equal(await host.isHeldElsewhere(ctx, below), false)
      await host.detach(ctx, ready, below)
      assert.deepEqual(await loops.find(ctx, ready.path), [])
      await end(service)
    })

    for (const filesystem of FILESYSTEMS) {
      test(`a frozen ${filesystem} takes no writes until it is thawed`, async (t) => {
        const { ready, mountpoint } = await makeFormatted(t, filesystem)
        await host.attach(ctx, ready, mountpoint)
        t.after(() => host.thaw(ctx, mountpoint))
        await host.thaw(ctx, mountpoint)
        await host.freeze(ctx, mountpoint)
        await host.freeze(ctx, mountpoint)
        const writing = writeFile(join(mountpoint, 'data'), 'x').then(() => 'written')
        assert.equal(await Promise.race([writing, delay(300, 'waits')]), 'waits')
        await host.thaw(ctx, mountpoint)
        assert.equal(await writing, 'written')
        await host.thaw(ctx, mountpoint)
        await host.detach(ctx, ready, mountpoint)
      })
    }

    test('a program that waits in the kernel and cannot be killed is given up, and named', async (t) => {
      const { ready, mountpoint } = await makeFormatted(t, 'ext4')
      await host.attach(ctx, ready, mountpoint)
      t.after(() => host.thaw(ctx, mountpoint))
      await host.freeze(ctx, mountpoint)
      const error = await refusal(run(ctx, 'touch', [join(mountpoint, 'x')], { timeoutMs: 200 }), 'COMMAND_TIMEOUT')
      assert.match(error, /cannot be killed: process \d+, in state D\. It waits in the kernel/)
      await host.thaw(ctx, mountpoint)
      await delay(200)
      await host.detach(ctx, ready, mountpoint)
    })

    /** Each writes something into a 64 MiB file that must still be there afterwards. */
    const corpus: Readonly<Record<string, (path: string) => Promise<unknown>>> = {
      'a partition table': (path) => patch(path, 446, partitionTable()),
      'an LVM label': (path) => patch(path, 512, lvmLabel()),
      'a LUKS header': (path) => patch(path, 0, Buffer.from('LUKS\xba\xbe\0\x01', 'latin1')),
      'swap space': (path) => run(ctx, 'mkswap', [path]),
      'an ext4 of another UUID': (path) => run(ctx, 'mkfs.ext4', ['-q', '-U', OTHER_UUID, path]),
      'an ext3 of our UUID': (path) => run(ctx, 'mkfs.ext3', ['-q', '-U', UUID, path]),
    }
    const unknownToBlkid: typeof corpus = {
      'an ext4 whose superblock was wiped': async (path) => {
        await run(ctx, 'mkfs.ext4', ['-q', path])
        await patch(path, 0, Buffer.alloc(4096))
      },
      'an ext4 whose first MiB was wiped': async (path) => {
        await run(ctx, 'mkfs.ext4', ['-q', path])
        await patch(path, 0, Buffer.alloc(MIB))
      },
      'garbage in its first MiB': (path) => patch(path, 700_000, Buffer.from('garbage')),
      'data in its last MiB only': (path) =>
        patch(path, 64 * MIB - 7, Buffer.from('precious')).then(() => truncate(path, 64 * MIB)),
    }
    const begun: Format = { state: 'formatting', uuid: UUID, host: hostname() }

    for (const [what, write] of Object.entries({ ...corpus, ...unknownToBlkid })) {
      test(`a new volume that carries ${what} is not formatted`, async (t) => {
        const { publication } = await makeVolume(t, 'ext4')
        await write(publication.path)
        await staysAsItIs(publication, 'DEVICE_NOT_BLANK')
      })

      test(`a volume that another host began to format and that carries ${what} is not formatted`, async (t) => {
        const { publication } = await makeVolume(t, 'ext4')
        await write(publication.path)
        await staysAsItIs({ ...publication, format: { ...begun, host: 'another' } }, 'DEVICE_IN_USE')
      })
    }

    for (const [what, write] of Object.entries(corpus)) {
      test(`a volume that we began to format and that carries ${what} is not formatted`, async (t) => {
        const { publication } = await makeVolume(t, 'ext4')
        await write(publication.path)
        await staysAsItIs({ ...publication, format: begun }, 'DEVICE_NOT_BLANK')
      })
    }

    test('a volume of another size than published is not formatted', async (t) => {
      const { publication } = await makeVolume(t, 'ext4')
      await staysAsItIs({ ...publication, size: (65 * MIB) as Bytes }, 'DEVICE_MISMATCH')
    })

    test('a volume whose file is missing, or is no file, is not touched', async (t) => {
      const { publication, mountpoint } = await makeVolume(t, 'ext4')
      await rm(publication.path)
      await refusal(host.proveFormattable(ctx, publication), 'DEVICE_MISSING')
      await host.detach(ctx, publication, mountpoint)
      await mkdir(publication.path)
      await refusal(host.proveFormattable(ctx, publication), 'PATH_INVALID')
    })

    test('a device that something holds for a moment is waited for', async (t) => {
      const { publication } = await makeVolume(t, 'ext4')
      const device = await loops.attach(ctx, publication.path)
      const holder = await open(device.path, constants.O_RDONLY | constants.O_EXCL)
      const proving = host.proveFormattable(ctx, publication)
      await delay(500)
      await holder.close()
      await proving
    })

    test('a device that something goes on holding is not formatted', async (t) => {
      const { publication } = await makeVolume(t, 'ext4')
      const device = await loops.attach(ctx, publication.path)
      await using _holder = await open(device.path, constants.O_RDONLY | constants.O_EXCL)
      await staysAsItIs(publication, 'DEVICE_IN_USE', 1)
    })

    test('a volume that is mounted is not formatted', async (t) => {
      const { ready, publication, mountpoint } = await makeFormatted(t, 'ext4')
      await host.attach(ctx, ready, mountpoint)
      await refusal(host.proveFormattable(ctx, { ...publication, format: begun }), 'DEVICE_IN_USE')
      await host.detach(ctx, ready, mountpoint)
    })

    for (const filesystem of FILESYSTEMS) {
      test(`a finished ${filesystem} of ours whose record still says formatting is kept as it is`, async (t) => {
        const { publication } = await makeFormatted(t, filesystem)
        const before = await digestOf(publication.path)
        const again = { ...publication, format: begun }
        await host.proveFormattable(ctx, again)
        await host.format(ctx, again, UUID)
        assert.equal(await digestOf(publication.path), before)
      })

      test(`a finished but faulty ${filesystem} of ours whose record still says formatting is made anew`, async (t) => {
        const { publication, ready, mountpoint } = await makeFormatted(t, filesystem)
        // Root inodes' places differ; this much of zeros hits what either kind checks.
        await patch(publication.path, 16384, Buffer.alloc(MIB))
        await host.format(ctx, { ...publication, format: begun }, UUID)
        await host.attach(ctx, ready, mountpoint)
        await writeFile(join(mountpoint, 'data'), 'x')
        await host.detach(ctx, ready, mountpoint)
      })

      test(`a mkfs.${filesystem} that was killed at any write is taken up again, and ends well`, async (t) => {
        if (!(await findProgram('strace'))) return t.skip('needs strace to kill mkfs at a chosen write')
        for (const write of [1, 2, 4, 7, 20, 45, 60, 64, 65, 150, 290]) {
          const { publication, ready, mountpoint } = await makeVolume(t, filesystem)
          const again = { ...publication, format: begun }
          await linuxHost({ run: killingMkfsAt(write) })
            .format(ctx, again, UUID)
            .catch((error) => assert.ok(hasCode(error, 'COMMAND_FAILED'), reasonOf(error)))
          await host.detach(ctx, again, mountpoint)

          await host.proveFormattable(ctx, again)
          await host.format(ctx, again, UUID)
          await host.attach(ctx, ready, mountpoint)
          await writeFile(join(mountpoint, 'data'), 'x')
          await host.detach(ctx, ready, mountpoint)
          await rm(publication.path)
        }
      })
    }

    test('a volume is formatted with the recorded UUID or not at all', async (t) => {
      const { publication } = await makeVolume(t, 'ext4')
      await refusal(host.format(ctx, { ...publication, format: begun }, OTHER_UUID), 'DEFECT')
      await refusal(host.format(ctx, { ...publication, format: { state: 'ready', uuid: UUID } }, UUID), 'DEFECT')
      assert.deepEqual(await loops.find(ctx, publication.path), [])
    })

    test('a volume that carries another filesystem than recorded is not mounted', async (t) => {
      const { ready, mountpoint } = await makeFormatted(t, 'ext4')
      await host.detach(ctx, ready, mountpoint)
      const wrong: FilePublication[] = [
        { ...ready, format: { state: 'ready', uuid: OTHER_UUID } },
        { ...ready, filesystem: 'ext3' },
      ]
      for (const publication of wrong) {
        const error = await refusal(host.attach(ctx, publication, mountpoint), 'FILESYSTEM_MISMATCH')
        assert.match(error, new RegExp(`carries ext4 with UUID ${UUID}`))
      }
      assert.equal(await host.isMounted(ctx, mountpoint), false)
      assert.deepEqual(await loops.find(ctx, ready.path), [])
      await assert.rejects(stat(mountpoint), /ENOENT/)
    })

    test('a volume that should carry a filesystem and does not is not mounted, and the message says what it carries', async (t) => {
      const { ready, mountpoint } = await makeVolume(t, 'ext4')
      assert.match(
        await refusal(host.attach(ctx, ready, mountpoint), 'FILESYSTEM_MISMATCH'),
        /nothing that blkid knows/,
      )
      await run(ctx, 'mkswap', [ready.path])
      assert.match(await refusal(host.attach(ctx, ready, mountpoint), 'FILESYSTEM_MISMATCH'), /carries swap with UUID/)
      assert.deepEqual(await loops.find(ctx, ready.path), [])
    })

    test('a volume that others made is mounted as what it is, if that is supported', async (t) => {
      const { ready, mountpoint } = await makeVolume(t, 'xfs')
      await run(ctx, 'mkfs.ext3', ['-q', ready.path])
      const foreign: FilePublication = { ...ready, format: { state: 'ready' } }
      await host.attach(ctx, foreign, mountpoint)
      assert.equal(mountAt(await readMounts(), mountpoint)!.fstype, 'ext3')
      await host.detach(ctx, foreign, mountpoint)
      await patch(ready.path, 0, Buffer.alloc(4096))
      await run(ctx, 'mkfs.ext2', ['-q', ready.path])
      assert.match(await refusal(host.attach(ctx, foreign, mountpoint), 'FILESYSTEM_MISMATCH'), /carries ext2/)
    })

    test('a volume that was cut below its filesystem is not mounted', async (t) => {
      const { ready, mountpoint } = await makeFormatted(t, 'ext4')
      await host.detach(ctx, ready, mountpoint)
      await truncate(ready.path, 32 * MIB)
      await refusal(host.attach(ctx, { ...ready, size: (32 * MIB) as Bytes }, mountpoint), 'DEVICE_MISMATCH')
      assert.deepEqual(await loops.find(ctx, ready.path), [])
    })

    test('a damaged ext4 is not mounted', async (t) => {
      const { ready, mountpoint } = await makeFormatted(t, 'ext4')
      await host.detach(ctx, ready, mountpoint)
      await run(ctx, 'debugfs', ['-w', '-R', 'clri <2>', ready.path])
      await run(ctx, 'debugfs', ['-w', '-R', 'set_super_value state 2', ready.path])
      await refusal(host.attach(ctx, ready, mountpoint), 'FILESYSTEM_DAMAGED')
      assert.equal(await host.isMounted(ctx, mountpoint), false)
      assert.deepEqual(await loops.find(ctx, ready.path), [])
    })

    test('a damaged xfs is refused by the kernel, and leaves no mount point', async (t) => {
      const { ready, mountpoint } = await makeFormatted(t, 'xfs')
      await host.detach(ctx, ready, mountpoint)
      await patch(ready.path, 512, Buffer.alloc(MIB))
      await refusal(host.attach(ctx, ready, mountpoint), 'MOUNT_FAILED')
      await assert.rejects(stat(mountpoint), /ENOENT/)
      assert.deepEqual(await loops.find(ctx, ready.path), [])
    })

    test('this boot has a name that stays the same', async () => {
      assert.match(await host.bootId(), /^[0-9a-f-]{36}$/)
      assert.equal(await host.bootId(), await host.bootId())
      const { name, initiator } = await host.identity(ctx)
      assert.deepEqual({ name, initiator }, { name: hostname(), initiator: undefined })
    })

    interface MadeVolume {
      readonly publication: FilePublication
      /** The same, as published once it was formatted. */
      readonly ready: FilePublication
      readonly mountpoint: string
    }

    /** A sparse file, and the promise that nothing of it outlives the test. */
    async function makeVolume(t: TestContext, filesystem: Filesystem, size = SIZES[filesystem]): Promise<MadeVolume> {
      const name = `db${++volumes}`
      const path = join(root, `${name}.img`)
      const mountpoint = join(root, 'mounts', name)
      await writeFile(path, '')
      await truncate(path, size)
      t.after(() => clear(path, mountpoint))
      const publication: FilePublication = {
        kind: 'file',
        path,
        size: size as Bytes,
        filesystem,
        format: { state: 'new' },
        discard: false,
      }
      return { publication, ready: { ...publication, format: { state: 'ready', uuid: UUID } }, mountpoint }
    }

    async function makeFormatted(t: TestContext, filesystem: Filesystem): Promise<MadeVolume> {
      const made = await makeVolume(t, filesystem)
      await host.format(ctx, made.publication, UUID)
      return made
    }
  })

/** By hand, so that a host that fails its test leaves nothing behind either. */
async function clear(path: string, mountpoint: string): Promise<void> {
  while (mountAt(await readMounts(), mountpoint)) await run(ctx, 'umount', ['--lazy', mountpoint])
  for (const device of await loops.find(ctx, path)) await loops.letGo(ctx, device)
  await rm(mountpoint, { recursive: true, force: true })
  await rm(path, { recursive: true, force: true })
}

/** Bit of CAP_SYS_RESOURCE, without which ext4 refuses to grow online; xfs asks for CAP_SYS_ADMIN. */
const SYS_RESOURCE = 1n << 24n
const CANNOT_GROW = 'needs CAP_SYS_RESOURCE, which this root lacks: ext grows online only with it'

async function mayGrow(filesystem: Filesystem): Promise<boolean> {
  if (filesystem === 'xfs') return true
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(await readFile('/proc/self/status', 'utf8'))![1]
  return (BigInt(`0x${effective}`) & SYS_RESOURCE) !== 0n
}

async function enlarge(publication: FilePublication): Promise<FilePublication> {
  const size = (2 * publication.size) as Bytes
  await truncate(publication.path, size)
  return { ...publication, size }
}

async function capacityOf(mountpoint: string): Promise<number> {
  const { blocks, bsize } = await statfs(mountpoint)
  return blocks * bsize
}

/** Asserts that the work fails with the code, and answers its message. */
async function refusal(work: Promise<unknown>, code: ErrorCode): Promise<string> {
  const error = await work.then(
    () => undefined,
    (error: unknown) => error,
  )
  assert.ok(hasCode(error, code), `expected ${code}, found ${error === undefined ? 'success' : reasonOf(error)}`)
  return error.message
}

/** Both halves of formatting refuse, no byte changes, and no loop device is left but those that were there. */
async function staysAsItIs(publication: FilePublication, code: ErrorCode, devices = 0): Promise<void> {
  const before = await digestOf(publication.path)
  const uuid = publication.format.state === 'formatting' ? publication.format.uuid : UUID
  await refusal(host.proveFormattable(ctx, publication), code)
  await refusal(host.format(ctx, publication, uuid), code)
  assert.equal(await digestOf(publication.path), before)
  assert.equal((await loops.find(ctx, publication.path)).length, devices)
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path, { highWaterMark: MIB })) hash.update(chunk)
  return hash.digest('hex')
}

async function patch(path: string, position: number, data: Buffer): Promise<void> {
  await using file = await open(path, 'r+')
  await file.write(data, 0, data.length, position)
}

/** One Linux partition from sector 2048, and the signature. */
function partitionTable(): Buffer {
  const table = Buffer.alloc(66)
  table[4] = 0x83
  table.writeUInt32LE(2048, 8)
  table.writeUInt32LE(8192, 12)
  table.writeUInt16LE(0xaa55, 64)
  return table
}

/** @see struct label_header in lvm2, lib/label/label.h; its CRC starts with 0xf597a6cf and is not inverted. */
function lvmLabel(): Buffer {
  const label = Buffer.alloc(512)
  label.write('LABELONE')
  label.writeBigUInt64LE(1n, 8)
  label.writeUInt32LE(32, 20)
  label.write('LVM2 001', 24)
  label.write('A'.repeat(32), 32)
  label.writeUInt32LE(~crc32(label.subarray(20), ~0xf597a6cf >>> 0) >>> 0, 16)
  return label
}

/** Runs everything as it is, but mkfs under strace, which kills it as it begins its nth write. */
function killingMkfsAt(write: number): Run {
  return (ctx, program, args, options) => {
    if (!program.startsWith('mkfs.')) return run(ctx, program, args, options)
    const inject = `inject=pwrite64:signal=SIGKILL:when=${write}`
    return run(ctx, 'strace', ['-f', '-qq', '-o', '/dev/null', '-e', 'trace=pwrite64', '-e', inject, program, ...args])
  }
}

/** Binds a directory in a mount namespace of its own, as a container does. */
function holdElsewhere(t: TestContext, directory: string): Promise<ChildProcess> {
  return inNamespace(
    t,
    'private',
    `mount -t tmpfs none /mnt && mkdir /mnt/data && mount --bind ${directory} /mnt/data && umount ${directory} && echo ready && exec sleep 600`,
  )
}

/** Starts a script in a new mount namespace and waits for its first words. */
async function inNamespace(t: TestContext, propagation: string, script: string): Promise<ChildProcess> {
  const child = spawn('unshare', ['--mount', '--propagation', propagation, 'sh', '-c', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  t.after(() => end(child))
  await once(child.stdout!, 'data')
  return child
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGKILL')
  await once(child, 'exit')
}
