/** Volumes whose room is limited, with trees in them whose room is limited too, mounted in a room of their own. */

import { chmod, chown, mkdir, rename, rm, rmdir, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { loopsOf, refreshLoop } from './loop.ts'
import { type Images, openImages, ownBytes } from './nfs-images.ts'
import type { Room } from './nfs-room.ts'

/** Volumes and snapshots are called by their UUIDs, trees by their names. */
export interface NfsVolumes {
  /** Removes what is there of others. */
  keepOnly(volumes: readonly string[]): Promise<void>
  /** Makes it, or mounts what is there of it. @returns whether it was made */
  ensure(volume: string, bytes: number): Promise<boolean>
  /** Copies another, or a snapshot of that, as it is now. */
  clone(volume: string, from: string, snapshot: string | undefined, bytes: number): Promise<void>
  /** Larger at once, for whoever uses it. A volume never becomes smaller than it has been. */
  grow(volume: string, bytes: number): Promise<void>
  /** Ends it, with its snapshots. */
  remove(volume: string): Promise<void>
  /** Does nothing when there is one of this name. */
  takeSnapshot(volume: string, snapshot: string): Promise<void>
  /** Removes its other snapshots. */
  keepSnapshots(volume: string, snapshots: readonly string[]): Promise<void>
  /** Makes it what it was. Where it is mounted, the old one stays until it is mounted anew. */
  restore(volume: string, snapshot: string): Promise<void>
  /** `id` is its own within the volume, and not 0. */
  makeTree(volume: string, tree: string, id: number): Promise<void>
  renameTree(volume: string, tree: string, to: string): Promise<void>
  removeTree(volume: string, tree: string): Promise<void>
  /** What a tree may hold; undefined: as much as the volume. */
  limitTree(volume: string, id: number, bytes: number | undefined): Promise<void>
  setOwner(volume: string, tree: string, owner: Owner): Promise<void>
  /** Path in the room; of a tree in it, if one is named. */
  pathOf(volume: string, tree?: string): string
  /** Mounts a snapshot to be read. */
  mountSnapshot(volume: string, snapshot: string, path: string): Promise<void>
  /** Bytes that users have filled. */
  usedBy(volume: string): Promise<number>
  /** Unmounts all. */
  close(keep: boolean): Promise<void>
  /** Resolves when the kernel has let go of them. */
  unused(): Promise<void>
}

export interface Owner {
  readonly mode?: number
  readonly uid?: number
  readonly gid?: number
}

/** @throws Error when volumes of an earlier process are still in use */
export async function openNfsVolumes(room: Room, directory: string): Promise<NfsVolumes> {
  const images = await openImages(join(directory, 'images'))
  await ensureUnused(join(directory, 'images'))
  return new MountedVolumes(room, images, directory)
}

/** Two file systems on one file would ruin it. The kernel takes a moment to let go of devices. */
async function ensureUnused(directory: string): Promise<void> {
  const until = performance.now() + PATIENCE_MS
  for (;;) {
    const devices = await loopsOf(directory)
    if (devices.length === 0) return
    if (performance.now() > until) {
      throw new Error(
        `The kernel still uses files in ${directory}, of an earlier simulated array: ${devices.join(', ')}. Unmount what shows in "findmnt --task" of it, or reboot.`,
      )
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
}

const PATIENCE_MS = 10_000
const POLL_MS = 50

class MountedVolumes implements NfsVolumes {
  readonly #room: Room
  readonly #images: Images
  readonly #directory: string
  readonly #mounted = new Set<string>()

  constructor(room: Room, images: Images, directory: string) {
    this.#room = room
    this.#images = images
    this.#directory = directory
  }

  async keepOnly(volumes: readonly string[]): Promise<void> {
    const others = (await this.#images.names()).filter((name) => !volumes.includes(name.replace(/@.*$/s, '')))
    for (const name of others) await this.#images.remove(name)
  }

  async ensure(volume: string, bytes: number): Promise<boolean> {
    if (this.#mounted.has(volume)) return false
    const isThere = (await this.#images.names()).includes(volume)
    if (!isThere) await this.#images.make(volume, bytes)
    await this.#mount(volume)
    if (isThere) await this.grow(volume, bytes)
    return !isThere
  }

  async clone(volume: string, from: string, snapshot: string | undefined, bytes: number): Promise<void> {
    if (snapshot === undefined) await this.#copyAsOfNow(from, volume)
    else await this.#images.copy(snapshotName(from, snapshot), volume)
    await this.#mount(volume)
    await this.grow(volume, bytes)
  }

  async grow(volume: string, bytes: number): Promise<void> {
    if (!(await this.#images.extend(volume, bytes))) return
    for (const device of await loopsOf(this.#images.pathOf(volume))) await refreshLoop(device)
    await this.#room.run('xfs_growfs', ['-d', this.pathOf(volume)])
  }

  async remove(volume: string): Promise<void> {
    await this.#unmount(volume)
    for (const name of [volume, ...(await this.#snapshotsOf(volume))]) await this.#images.remove(name)
    await rmdir(this.pathOf(volume)).catch(unlessMissing)
  }

  async takeSnapshot(volume: string, snapshot: string): Promise<void> {
    const name = snapshotName(volume, snapshot)
    if (!(await this.#images.names()).includes(name)) await this.#copyAsOfNow(volume, name)
  }

  async keepSnapshots(volume: string, snapshots: readonly string[]): Promise<void> {
    const kept = snapshots.map((snapshot) => snapshotName(volume, snapshot))
    for (const name of await this.#snapshotsOf(volume)) if (!kept.includes(name)) await this.#images.remove(name)
  }

  async restore(volume: string, snapshot: string): Promise<void> {
    await this.#unmount(volume)
    await this.#images.copy(snapshotName(volume, snapshot), volume)
    await this.#mount(volume)
  }

  async makeTree(volume: string, tree: string, id: number): Promise<void> {
    await mkdir(this.#reach(volume, tree), { recursive: true })
    // What is made in it belongs to its project, and counts there.
    await this.#room.run('xfs_io', ['-r', '-c', `chproj ${id}`, '-c', 'chattr +P', this.pathOf(volume, tree)])
  }

  async renameTree(volume: string, tree: string, to: string): Promise<void> {
    await rename(this.#reach(volume, tree), this.#reach(volume, to))
  }

  async removeTree(volume: string, tree: string): Promise<void> {
    await rm(this.#reach(volume, tree), { recursive: true, force: true })
  }

  async limitTree(volume: string, id: number, bytes: number | undefined): Promise<void> {
    const kib = bytes === undefined ? 0 : Math.max(1, Math.floor(bytes / 1024))
    await this.#room.run('xfs_quota', ['-x', '-c', `limit -p bhard=${kib}k ${id}`, this.pathOf(volume)])
  }

  async setOwner(volume: string, tree: string, { mode, uid, gid }: Owner): Promise<void> {
    const path = this.#reach(volume, tree)
    if (uid !== undefined && gid !== undefined) await chown(path, uid, gid)
    if (mode !== undefined) await chmod(path, mode)
  }

  pathOf(volume: string, tree = ''): string {
    return join(this.#directory, 'volumes', volume, tree)
  }

  async mountSnapshot(volume: string, snapshot: string, path: string): Promise<void> {
    // It was frozen when it was copied: there is nothing to recover, and a device that is read-only could not be.
    await this.#mountImage(snapshotName(volume, snapshot), path, 'ro,norecovery,nouuid')
  }

  async usedBy(volume: string): Promise<number> {
    const { blocks, bfree, bsize } = await statfs(this.#reach(volume, ''))
    return Math.max(0, (blocks - bfree) * bsize - ownBytes(blocks * bsize))
  }

  async close(keep: boolean): Promise<void> {
    for (const volume of [...this.#mounted]) await this.#unmount(volume)
    if (!keep) await rm(join(this.#directory, 'images'), { recursive: true, force: true })
    await rm(join(this.#directory, 'volumes'), { recursive: true, force: true })
  }

  unused(): Promise<void> {
    return ensureUnused(join(this.#directory, 'images'))
  }

  /** `nouuid`: clones have that of their source. `discard`: what users free, the file gives back. */
  async #mount(volume: string): Promise<void> {
    await mkdir(this.pathOf(volume), { recursive: true })
    await this.#mountImage(volume, this.pathOf(volume), 'nouuid,prjquota,discard')
    this.#mounted.add(volume)
  }

  /** `loop`: through a device that the kernel takes away with the last mount of it. */
  async #mountImage(name: string, path: string, options: string): Promise<void> {
    await this.#room.run('mount', ['-t', 'xfs', '-o', `loop,${options}`, '--', this.#images.pathOf(name), path])
  }

  /** Whatever clients have open in it goes on as long as they do. */
  async #unmount(volume: string): Promise<void> {
    if (!this.#mounted.delete(volume)) return
    await this.#room.run('umount', ['--lazy', this.pathOf(volume)])
  }

  async #snapshotsOf(volume: string): Promise<readonly string[]> {
    return (await this.#images.names()).filter((name) => name.startsWith(snapshotName(volume, '')))
  }

  /** No write is halfway while it is copied. */
  async #copyAsOfNow(volume: string, to: string): Promise<void> {
    await this.#room.run('fsfreeze', ['--freeze', this.pathOf(volume)])
    try {
      await this.#images.copy(volume, to)
    } finally {
      await this.#room.run('fsfreeze', ['--unfreeze', this.pathOf(volume)])
    }
  }

  /** By which this process gets there. */
  #reach(volume: string, tree: string): string {
    return this.#room.pathOf(this.pathOf(volume, tree))
  }
}

function snapshotName(volume: string, snapshot: string): string {
  return `${volume}@${snapshot}`
}

function unlessMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error
}
