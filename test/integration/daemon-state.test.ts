/** A host that is not well: a directory that is not there yet, a state directory that is full or read-only. */

import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { suite, type TestContext, test } from 'node:test'
import { begin, isRoot, logOf, memoryFilesystem, put, temporaryRoot } from './process/bench.ts'
import { type Daemon, missing } from './process/daemon.ts'
import { claimsOf, create, mount, readData, remove, unmount, writeData } from './process/docker.ts'
import { isMounted, loopsOn, run, volumesIn } from './process/leftovers.ts'
import { until } from './process/poll.ts'

const needsRoot = missing || (isRoot ? false : 'needs root for mounts')

suite('a daemon whose volumes’ directory cannot be made yet', { skip: missing }, () => {
  test('answers Activate and Capabilities at once, says why in the log, and does what was asked when it can', async (t) => {
    const { daemon, parent } = await degraded(t)
    const asked = performance.now()
    assert.equal((await daemon.call('Plugin.Activate')).status, 200)
    assert.equal((await daemon.call('Capabilities')).status, 200)
    assert.ok(performance.now() - asked < 1_000)

    const pending = create(daemon, 'v1')
    await until('the log says why', async () => (await logOf(daemon)).includes(`Cannot use ${parent}/volumes`))
    assert.doesNotMatch(await logOf(daemon), /plugin ready/)
    await mkdir(parent)
    await pending
    assert.deepEqual(await volumesIn(join(parent, 'volumes')), ['netappdvp_v1'])
    assert.equal((await logOf(daemon)).split('Cannot use').length, 2, 'the reason is said once, not at every attempt')
  })

  test('ends at once when it is told to, with calls still waiting, which are told', async (t) => {
    const { daemon } = await degraded(t)
    await until('it listens', async () => (await logOf(daemon)).includes('Listening'))
    const pending = daemon.call('Create', { Name: 'v1' })
    await until('the log says why', async () => (await logOf(daemon)).includes('Cannot use'))
    const before = performance.now()
    const ended = daemon.stop()
    const told = await pending
    assert.equal(told.status, 500)
    assert.match(`${told.body['Err']}`, /is stopping/)
    assert.deepEqual(await ended, { code: 0, signal: null })
    assert.ok(performance.now() - before < 5_000)
  })

  async function degraded(t: TestContext) {
    const root = await temporaryRoot(t)
    const parent = join(root, 'not-yet')
    const config = { version: 1, storageDriverName: 'local-file', directory: join(parent, 'volumes') }
    const args = ['--config', await put(root, 'config.json', JSON.stringify(config))]
    const daemon = begin(t, { root, args })
    await until('it listens', () => existsSync(daemon.paths.socket))
    return { daemon, parent }
  }
})

interface Ailment {
  readonly name: string
  readonly says: RegExp
  readonly befall: (state: string) => Promise<unknown>
  readonly cure: (state: string) => Promise<unknown>
}

const AILMENTS: readonly Ailment[] = [
  {
    name: 'full',
    says: /Cannot write \S+\.json: ENOSPC.*Free some space there and try again/,
    befall: fill,
    cure: (state) => rm(join(state, 'filler')),
  },
  {
    name: 'read-only',
    says: /Cannot write \S+\.json: EROFS.*read-only: see the kernel log/,
    befall: (state) => run('mount', ['-o', 'remount,ro', state]),
    cure: (state) => run('mount', ['-o', 'remount,rw', state]),
  },
]

suite('a daemon whose state directory is', { skip: needsRoot }, () => {
  for (const { name, says, befall, cure } of AILMENTS) {
    test(`${name} begins nothing, says so, keeps what is mounted, and works again afterwards`, async (t) => {
      const { root, daemon, volumes } = await withStateOfItsOwn(t)
      const { state } = daemon.paths
      await create(daemon, 'used')
      await create(daemon, 'idle')
      const data = await writeData(await mount(daemon, 'used', 'c1'))
      const mountpoint = join(daemon.paths.mountRoot, 'netappdvp_used')
      const loops = await loopsOn(volumes)
      await befall(state)

      for (const [verb, body] of [
        ['Create', { Name: 'fresh', Opts: { size: '20m' } }],
        ['Mount', { Name: 'idle', ID: 'c2' }],
        ['Mount', { Name: 'used', ID: 'c2' }],
        ['Unmount', { Name: 'used', ID: 'c1' }],
      ] as const) {
        const told = await daemon.call(verb, body)
        assert.equal(told.status, 500, `${verb} fails`)
        assert.match(`${told.body['Err']}`, says)
      }
      for (const [verb, body] of [
        ['Get', { Name: 'used' }],
        ['Path', { Name: 'used' }],
        ['List', {}],
        ['Unmount', { Name: 'used', ID: 'a stranger' }],
      ] as const) {
        assert.equal((await daemon.call(verb, body)).status, 200, `${verb} needs to write nothing`)
      }
      assert.deepEqual(await volumesIn(volumes), ['netappdvp_idle', 'netappdvp_used'])
      assert.deepEqual(await loopsOn(volumes), loops)
      assert.equal(await readData(mountpoint), data)
      assert.deepEqual(await claimsOf(daemon, 'used'), { c1: 1 })

      await cure(state)
      await create(daemon, 'fresh')
      await mount(daemon, 'used', 'c2')
      await unmount(daemon, 'used', 'c1')
      assert.equal(await isMounted(mountpoint), true)
      await unmount(daemon, 'used', 'c2')
      assert.equal(await isMounted(mountpoint), false)
      for (const volume of ['used', 'idle', 'fresh']) await remove(daemon, volume)
      await daemon.stop()
      assert.deepEqual(await volumesIn(volumes), [])
      assert.deepEqual(await loopsOn(root), [])
    })

    test(`${name} at its start waits for the cure, says so, and is ready then`, async (t) => {
      const { daemon: first, root, args } = await withStateOfItsOwn(t)
      await create(first, 'v1')
      await first.stop()
      const { state } = first.paths
      await befall(state)
      const daemon = begin(t, { root, args })
      await until('the log says why', async () => says.test((await logOf(daemon)).replaceAll('\\"', '"')))
      assert.equal((await daemon.call('Plugin.Activate')).status, 200)
      await cure(state)
      assert.equal((await daemon.call('Get', { Name: 'v1' })).status, 200)
    })
  }

  test('full with the volumes in it says so for every call, and takes a Remove, which makes room', async (t) => {
    const root = await temporaryRoot(t)
    const state = join(root, 'var/lib/netappdvp/local-file')
    await memoryFilesystem(t, state, 24)
    const daemon = await begin(t, { root, args: ['--debug'] }).ready()
    await create(daemon, 'v1')
    await fill(state)
    const told = await daemon.call('Create', { Name: 'v2', Opts: { size: '20m' } })
    assert.equal(told.status, 500)
    assert.match(`${told.body['Err']}`, /ENOSPC/)
    await remove(daemon, 'v1')
    await rm(join(state, 'filler'))
    await create(daemon, 'v2')
    await remove(daemon, 'v2')
    assert.deepEqual(await volumesIn(join(state, 'volumes')), [])
  })

  /** State on a filesystem of its own, so that the volumes on another go on as they were. */
  async function withStateOfItsOwn(t: TestContext): Promise<Started> {
    const root = await temporaryRoot(t)
    await memoryFilesystem(t, join(root, 'var/lib/netappdvp/local-file'), 1)
    const volumes = join(root, 'volumes')
    const config = { version: 1, storageDriverName: 'local-file', directory: volumes }
    const args = ['--debug', '--config', await put(root, 'config.json', JSON.stringify(config))]
    return { root, volumes, args, daemon: await begin(t, { root, args }).ready() }
  }
})

interface Started {
  readonly root: string
  readonly volumes: string
  readonly args: readonly string[]
  readonly daemon: Daemon
}

/** Takes all room down to the last byte. */
async function fill(directory: string): Promise<void> {
  for (const size of [1 << 20, 1 << 12, 1]) {
    const bytes = Buffer.alloc(size)
    while (
      await writeFile(join(directory, 'filler'), bytes, { flag: 'a' }).then(
        () => true,
        () => false,
      )
    );
  }
}
