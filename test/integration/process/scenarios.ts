/** The calls at whose every step the daemon is ended, and what has to be true afterwards. */

import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { cp, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Daemon } from './daemon.ts'
import { claimsOf, create, mount, readData, remove, SMALL, succeed, unmount, writeData } from './docker.ts'
import { isMounted, thawIfFrozen, volumesOf } from './leftovers.ts'
import { mkfsRuns, type Scenario, type Scene, type Slow } from './scene.ts'

const pathOf = (scene: Scene, name: string) =>
  join(scene.root, 'var/lib/docker-volumes/local-file', `netappdvp_${name}`)

/** A volume that is formatted and holds data. */
async function withData(daemon: Daemon, scene: Scene): Promise<void> {
  await create(daemon, 'v1')
  scene.facts['v1'] = await writeData(await mount(daemon, 'v1', 'preparing'))
  await unmount(daemon, 'v1', 'preparing')
}

/** Mounts the volume for a container of its own, and sees that it holds what it held; nothing was formatted for that. */
async function holdsData(daemon: Daemon, scene: Scene, name: string, data = scene.facts['v1']): Promise<void> {
  const before = await mkfsRuns(scene)
  const mountpoint = await mount(daemon, name, 'looking')
  assert.equal(await readData(mountpoint), data, `${name} holds its data`)
  await unmount(daemon, name, 'looking')
  assert.equal(await mkfsRuns(scene), before, 'nothing was formatted again')
}

/** A new volume works: it can be mounted, written to, mounted again with what was written, and removed. */
async function works(daemon: Daemon, scene: Scene, name: string): Promise<void> {
  const data = await writeData(await mount(daemon, name, 'trying'))
  await unmount(daemon, name, 'trying')
  await holdsData(daemon, scene, name, data)
  await remove(daemon, name)
}

async function removeAll(daemon: Daemon): Promise<void> {
  const { Volumes } = await succeed(daemon, 'List', {})
  for (const { Name } of Volumes as readonly { Name: string }[]) await remove(daemon, Name)
}

async function isGone(scene: Scene, name: string): Promise<void> {
  assert.equal(await isMounted(pathOf(scene, name)), false, `${name} is not mounted any more`)
}

/** Docker's calls once a container has got its mount: it works, ends, and the volume is removed. */
async function endOfContainer(daemon: Daemon, scene: Scene, id: string, data?: string): Promise<void> {
  const mountpoint = pathOf(scene, 'v1')
  assert.deepEqual(await claimsOf(daemon, 'v1'), { [id]: 1 })
  assert.equal(await readData(mountpoint), data)
  if (scene.container) await copyFromContainer(daemon, mountpoint, id)
  const kept = data ?? (await writeData(mountpoint))
  await scene.container?.end()
  await unmount(daemon, 'v1', id)
  await isGone(scene, 'v1')
  await holdsData(daemon, scene, 'v1', kept)
  await remove(daemon, 'v1')
}

/** `docker cp` mounts with the ID of the container, which is to keep its volume. */
async function copyFromContainer(daemon: Daemon, mountpoint: string, id: string): Promise<void> {
  await succeed(daemon, 'Mount', { Name: 'v1', ID: id })
  await unmount(daemon, 'v1', id)
  assert.equal(await isMounted(mountpoint), true, 'docker cp has left the container its volume')
}

function expectMountpoint(body: Record<string, unknown>, scene: Scene): void {
  assert.equal(body['Mountpoint'], pathOf(scene, 'v1'))
}

const clone = { verb: 'Create', body: { Name: 'v2', Opts: { from: 'v1' } } }

async function cloneHoldsData(daemon: Daemon, scene: Scene): Promise<void> {
  await holdsData(daemon, scene, 'v2')
  await remove(daemon, 'v2')
}

export const firstMount: Scenario = {
  name: 'the first Mount, which formats',
  prepare: (daemon) => create(daemon, 'v1').then(() => {}),
  call: { verb: 'Mount', body: { Name: 'v1', ID: 'c1' } },
  expect: expectMountpoint,
  finish: (daemon, scene) => endOfContainer(daemon, scene, 'c1'),
}

const createThin: Scenario = {
  name: 'Create of a thin volume',
  call: { verb: 'Create', body: { Name: 'v1', Opts: SMALL } },
  givenUp: removeAll,
  finish: (daemon, scene) => works(daemon, scene, 'v1'),
}

const createReserved: Scenario = {
  name: 'Create of a reserved volume',
  call: { verb: 'Create', body: { Name: 'v1', Opts: { ...SMALL, spaceReserve: 'volume' } } },
  finish: (daemon, scene) => works(daemon, scene, 'v1'),
}

const cloneOfMounted: Scenario = {
  name: 'Create as a clone of a mounted volume, which is frozen meanwhile',
  prepare: withData,
  begin: (daemon) => mount(daemon, 'v1', 'c1').then(() => {}),
  call: clone,
  async restarted(_, scene) {
    assert.equal(await thawIfFrozen(pathOf(scene, 'v1')), false, 'the source is frozen after the restart')
  },
  async givenUp(daemon) {
    await unmount(daemon, 'v1', 'c1')
    await removeAll(daemon)
  },
  async finish(daemon, scene) {
    assert.equal(await thawIfFrozen(pathOf(scene, 'v1')), false, 'the source is frozen after the clone')
    assert.equal(await readData(pathOf(scene, 'v1')), scene.facts['v1'])
    await cloneHoldsData(daemon, scene)
    await endOfContainer(daemon, scene, 'c1', scene.facts['v1'])
  },
}

const mountFormatted: Scenario = {
  name: 'Mount of a formatted volume',
  prepare: withData,
  call: { verb: 'Mount', body: { Name: 'v1', ID: 'c1' } },
  expect: expectMountpoint,
  givenUp: removeAll,
  finish: (daemon, scene) => endOfContainer(daemon, scene, 'c1', scene.facts['v1']),
}

const lastUnmount: Scenario = {
  name: 'Unmount for the last container',
  prepare: withData,
  begin: (daemon) => mount(daemon, 'v1', 'c1').then(() => {}),
  call: { verb: 'Unmount', body: { Name: 'v1', ID: 'c1' } },
  async finish(daemon, scene) {
    await isGone(scene, 'v1')
    await holdsData(daemon, scene, 'v1')
    await remove(daemon, 'v1')
  },
}

export const SCENARIOS: readonly Scenario[] = [
  createThin,
  createReserved,
  {
    name: 'Create as a clone of a volume that is not mounted',
    prepare: withData,
    call: clone,
    async finish(daemon, scene) {
      await cloneHoldsData(daemon, scene)
      await holdsData(daemon, scene, 'v1')
      await remove(daemon, 'v1')
    },
  },
  cloneOfMounted,
  firstMount,
  mountFormatted,
  {
    name: "Mount for a second container, which joins the first's",
    prepare: withData,
    begin: (daemon) => mount(daemon, 'v1', 'c1').then(() => {}),
    call: { verb: 'Mount', body: { Name: 'v1', ID: 'c2' } },
    expect: expectMountpoint,
    async finish(daemon, scene) {
      assert.deepEqual(await claimsOf(daemon, 'v1'), { c1: 1, c2: 1 })
      await unmount(daemon, 'v1', 'c1')
      await endOfContainer(daemon, scene, 'c2', scene.facts['v1'])
    },
  },
  {
    name: 'Unmount for one of two containers',
    prepare: withData,
    async begin(daemon) {
      await mount(daemon, 'v1', 'c1')
      await mount(daemon, 'v1', 'c2')
    },
    call: { verb: 'Unmount', body: { Name: 'v1', ID: 'c1' } },
    finish: (daemon, scene) => endOfContainer(daemon, scene, 'c2', scene.facts['v1']),
  },
  lastUnmount,
  {
    name: 'Remove',
    prepare: withData,
    call: { verb: 'Remove', body: { Name: 'v1' } },
    finish: isRemoved,
  },
  {
    name: 'Remove of a volume that has a snapshot',
    async prepare(daemon, scene) {
      await withData(daemon, scene)
      const volume = join(volumesOf(scene.root), 'netappdvp_v1')
      await mkdir(join(volume, 'snapshots/s1'), { recursive: true, mode: 0o700 })
      for (const file of ['data', 'volume.json']) await cp(join(volume, file), join(volume, 'snapshots/s1', file))
    },
    call: { verb: 'Remove', body: { Name: 'v1' } },
    finish: isRemoved,
  },
]

/** Those at whose every step SIGTERM is sent. */
export const GRACEFUL: readonly Scenario[] = [createThin, firstMount]

/** Crashes after which the start itself is killed at each of its steps: where there is most to tidy up. */
export const RECOVERIES: readonly { readonly scenario: Scenario; readonly after: RegExp }[] = [
  { scenario: mountFormatted, after: /end of mount / },
  { scenario: lastUnmount, after: /start of umount / },
  { scenario: cloneOfMounted, after: /end of cp / },
]

/** Helpers that take long on large volumes, and the system call each is held up in. */
export const SLOW_HELPERS: readonly { readonly scenario: Scenario; readonly slow: Slow }[] = [
  { scenario: firstMount, slow: { program: 'mkfs.ext4', call: 'pwrite64', nth: 40 } },
  { scenario: mountFormatted, slow: { program: 'e2fsck', call: 'pread64', nth: 2 } },
  { scenario: mountFormatted, slow: { program: 'mount', call: 'mount', nth: 1 } },
  { scenario: lastUnmount, slow: { program: 'umount', call: 'umount2', nth: 1 } },
  { scenario: cloneOfMounted, slow: { program: 'fsfreeze', call: 'ioctl', nth: 1 } },
  { scenario: cloneOfMounted, slow: { program: 'cp', call: 'write', nth: 2 } },
  { scenario: createReserved, slow: { program: 'fallocate', call: 'fallocate', nth: 1 } },
]

/** On a filesystem that shares blocks between files; `volumes` lies there. */
export function reflinkClone(volumes: (root: string) => string): Scenario {
  return {
    name: 'Create as a clone that shares its blocks',
    volumes,
    prepare: withData,
    call: clone,
    async finish(daemon, scene) {
      await cloneHoldsData(daemon, scene)
      await holdsData(daemon, scene, 'v1')
      await remove(daemon, 'v1')
    },
  }
}

async function isRemoved(daemon: Daemon, scene: Scene): Promise<void> {
  assert.deepEqual((await succeed(daemon, 'List', {}))['Volumes'], [])
  assert.equal(existsSync(join(volumesOf(scene.root), 'netappdvp_v1')), false)
}
