/** local-file on real filesystems, loop devices and mounts: what only the kernel can prove. Needs root. */

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, open, readFile, rm, statfs, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, before, beforeEach, suite, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { backgroundContext } from '../../src/context.ts'
import type { AnyDriverDefinition, Driver, OptionValues } from '../../src/drivers/driver.ts'
import { localFile } from '../../src/drivers/local-file/driver.ts'
import { DurableFile } from '../../src/durable-file.ts'
import { run } from '../../src/host/command.ts'
import { linuxHost } from '../../src/host/linux.ts'
import { silentLog } from '../../src/log.ts'
import { parseVolumeName } from '../../src/names.ts'
import { Journal } from '../../src/volumes/state/journal.ts'
import { Known } from '../../src/volumes/state/known.ts'
import { Locks } from '../../src/volumes/state/locks.ts'
import { Mounts } from '../../src/volumes/state/mounts.ts'
import { Reads } from '../../src/volumes/state/reads.ts'
import { type Volumes, volumesOf } from '../../src/volumes/volumes.ts'

const skip = process.getuid?.() === 0 ? false : 'needs root for loop devices and mounts'
const { signal } = new AbortController()
const ctx = backgroundContext('test', silentLog, signal)
const MIB = 1024 * 1024
const [db1, db2, db3] = ['db1', 'db2', 'db3'].map(parseVolumeName) as [never, never, never]

/** An instance of the plugin's volumes with the real driver and host, its volumes in `directory`. */
async function volumesIn(directory: string): Promise<Volumes> {
  const state = join(directory, 'state')
  await mkdir(state)
  const host = linuxHost()
  const boot = await host.bootId()
  const config = { directory: join(directory, 'volumes') }
  const settings = { config, prefix: '', deletePolicy: 'purge', stateDirectory: state } as const
  const driver = await localFile.open({ ...settings, log: silentLog, run, signal })
  const { mounts } = await Mounts.open(new DurableFile(join(state, 'mounts.json')), boot)
  return volumesOf({
    definition: localFile as unknown as AnyDriverDefinition,
    driver: driver as unknown as Driver<OptionValues>,
    host,
    journal: await Journal.open(new DurableFile(join(state, 'journal.json'))),
    known: await Known.open(new DurableFile(join(state, 'known.json')), silentLog),
    locks: new Locks(),
    mounts,
    reads: new Reads(),
    settings: {
      driverName: 'local-file',
      prefix: '',
      deletePolicy: 'purge',
      allowForeignDelete: false,
      defaults: {},
      mountRoot: join(directory, 'mounts'),
    },
  })
}

async function sha256(path: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex')
}

/** Runs against a directory on one kind of filesystem; `reflinks` says whether it shares blocks. */
function behavesOn(kind: string, reflinks: boolean, fill: (directory: string) => Promise<() => Promise<void>>): void {
  suite(`local-file in a directory on ${kind}`, { skip }, () => {
    let directory: string
    let empty: () => Promise<void>
    let volumes: Volumes
    const mounted: string[] = []

    const mount = async (name: never) => {
      mounted.push(name)
      return volumes.mount(ctx, name, 'x')
    }

    before(async () => {
      directory = await mkdtemp(join(tmpdir(), 'local-file-'))
      empty = await fill(directory)
    })
    after(async () => {
      await empty()
      await rm(directory, { recursive: true })
    })
    beforeEach(async () => {
      volumes = await volumesIn(directory)
    })
    afterEach(async () => {
      for (const name of mounted.splice(0)) await volumes.unmount(ctx, name as never, 'x')
      for (const name of [db1, db2, db3]) await volumes.remove(ctx, name)
      await rm(join(directory, 'state'), { recursive: true })
    })

    test(`a clone of a volume in use has what was written to it, ${reflinks ? 'and takes no space' : 'as a copy'}`, async () => {
      await volumes.create(ctx, db1, { size: '512m' })
      const source = await mount(db1)
      await writeFile(join(source, 'data'), Buffer.alloc(100 * MIB, 'netapp'))
      for (const written of [source, directory]) await run(ctx, 'sync', ['--file-system', written])
      const before = await statfs(directory)
      await volumes.create(ctx, db2, { from: 'db1' })
      const taken = ((before.bfree - (await statfs(directory)).bfree) * before.bsize) / MIB

      if (reflinks) assert.ok(taken < 20, `${taken} MiB were taken`)
      else assert.ok(taken > 90 && taken < 200, `${taken} MiB were taken`)
      const clone = await mount(db2)
      assert.equal(await sha256(join(clone, 'data')), await sha256(join(source, 'data')))
      await writeFile(join(source, 'data'), 'changed')
      assert.equal((await readFile(join(clone, 'data'))).length, 100 * MIB, 'they have diverged')
    })

    test('a writer at work stands still while its volume is copied, goes on, and the copy is whole', async () => {
      await volumes.create(ctx, db1, { size: '256m' })
      const source = await mount(db1)
      const log = await open(join(source, 'log'), 'a')
      let lines = 0
      let stop = false
      const writing = (async () => {
        while (!stop) {
          lines += 1
          await log.write(`${String(lines).padStart(15, '0')}\n`)
        }
      })()
      await volumes.create(ctx, db2, { from: 'db1' })
      await volumes.createSnapshot(ctx, db1, 'monday')
      const frozenAt = lines
      while (lines === frozenAt) await new Promise(setImmediate)
      stop = true
      await writing
      await log.close()

      await volumes.create(ctx, db3, { from: 'db1', fromSnapshot: 'monday' })
      for (const name of [db2, db3]) {
        const copied = (await readFile(join(await mount(name), 'log'), 'utf8')).split('\n')
        assert.equal(copied.pop(), '', 'the last line is whole')
        copied.forEach((line, index) => {
          if (Number(line) !== index + 1) assert.fail(`line ${index + 1} is ${JSON.stringify(line)}`)
        })
      }
    })

    test('an xfs volume grows while it is in use, and its clone is mounted beside it', async () => {
      await volumes.create(ctx, db1, { size: '320m', fstype: 'xfs' })
      const mountpoint = await mount(db1)
      await writeFile(join(mountpoint, 'data'), 'kept')
      const { blocks } = await statfs(mountpoint)
      await volumes.resize(ctx, db1, '640m')
      assert.ok((await statfs(mountpoint)).blocks > 1.8 * blocks)
      assert.equal(await readFile(join(mountpoint, 'data'), 'utf8'), 'kept')

      await volumes.create(ctx, db2, { from: 'db1', size: '700m' })
      const clone = await mount(db2)
      assert.equal(await readFile(join(clone, 'data'), 'utf8'), 'kept')
      assert.ok((await statfs(clone)).blocks > (await statfs(mountpoint)).blocks, 'the larger clone has grown')
    })

    test('a volume’s freed space goes back to the directory', async () => {
      await volumes.create(ctx, db1, { size: '512m' })
      const mountpoint = await mount(db1)
      const before = (await statfs(directory)).bfree
      await writeFile(join(mountpoint, 'data'), Buffer.alloc(200 * MIB, 'x'))
      await run(ctx, 'sync', ['--file-system', mountpoint])
      const { bfree: full, bsize } = await statfs(directory)
      assert.ok((before - full) * bsize > 150 * MIB)
      await rm(join(mountpoint, 'data'))
      await run(ctx, 'sync', ['--file-system', mountpoint])
      await run(ctx, 'sync', ['--file-system', directory])
      assert.ok(((await statfs(directory)).bfree - full) * bsize > 150 * MIB)
    })
  })
}

/** A filesystem of its own in a file, mounted at the directory. */
function onOwn(type: string) {
  return async (directory: string) => {
    const image = `${directory}.${type}`
    await run(ctx, 'truncate', ['--size', '3G', image])
    await run(ctx, `mkfs.${type}`, ['-q', image])
    await run(ctx, 'mount', ['-t', type, '-o', 'loop', image, directory])
    return async () => {
      await unmountOnceFree(directory)
      await rm(image)
    }
  }
}

/** The kernel lets go of a loop device, and so of the file behind it, a moment after its last user. */
async function unmountOnceFree(directory: string): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await run(ctx, 'umount', [directory])
      return
    } catch (error) {
      if (tries === 50) throw error
      await delay(200)
    }
  }
}

behavesOn('a filesystem that shares blocks (xfs)', true, onOwn('xfs'))
behavesOn('a filesystem that does not (ext4)', false, onOwn('ext4'))
