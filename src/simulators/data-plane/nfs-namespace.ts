/** The tree clients of an NFS server walk in: volumes mounted at their paths, and in each other. */

import { mkdir, readdir, rm, rmdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Room } from './nfs-room.ts'
import type { NfsVolumes } from './nfs-volumes.ts'

export interface Mount {
  /** As clients name it. */
  readonly path: string
  /** UUID */
  readonly volume: string
  /** At most one of the two: a snapshot of the volume, by its UUID, or a tree in it, by its name. */
  readonly snapshot?: string
  readonly qtree?: string
}

export class NfsNamespace {
  readonly #room: Room
  readonly #volumes: NfsVolumes
  /** What clients see as `/`. */
  readonly root: string
  #mounts: readonly Mount[] = []

  constructor(room: Room, volumes: NfsVolumes, root: string) {
    this.#room = room
    this.#volumes = volumes
    this.root = root
  }

  /**
   * Mounts these, and nothing else.
   *
   * @param wanted those in others after them
   * @param anew volumes that have become others, though they have the same names
   * @returns whether anything has changed
   */
  async show(wanted: readonly Mount[], anew: ReadonlySet<string>): Promise<boolean> {
    const keys = new Set(wanted.map(keyOf))
    const gone = this.#mounts.filter((mount) => !keys.has(keyOf(mount)) || anew.has(mount.volume))
    const leaving = this.#mounts.filter((mount) => gone.some(({ path }) => isIn(mount.path, path)))
    for (const mount of leaving.toReversed()) await this.#unmount(mount)
    this.#mounts = this.#mounts.filter((mount) => !leaving.includes(mount))
    // A tree is the volume's own.
    for (const { path, qtree } of leaving.toReversed()) if (qtree === undefined) await this.#tidy(path)

    const there = new Set(this.#mounts.map(keyOf))
    const coming = wanted.filter((mount) => !there.has(keyOf(mount)))
    for (const mount of coming) {
      await this.#mount(mount)
      this.#mounts = [...this.#mounts, mount].sort((a, b) => (a.path < b.path ? -1 : 1))
    }
    return leaving.length > 0 || coming.length > 0
  }

  /** What is left of the tree's own directories. Nothing in a volume is touched. */
  async close(): Promise<void> {
    for (const mount of this.#mounts.toReversed()) await this.#unmount(mount)
    this.#mounts = []
    await rm(this.root, { recursive: true, force: true })
  }

  async #mount({ path, volume, snapshot, qtree }: Mount): Promise<void> {
    const place = join(this.root, path)
    await mkdir(this.#room.pathOf(place), { recursive: true })
    if (snapshot !== undefined) return this.#volumes.mountSnapshot(volume, snapshot, place)
    await this.#room.run('mount', ['--bind', this.#volumes.pathOf(volume, qtree), place])
  }

  /** Clients that use it go on as long as they do. One whose directory was removed has gone with that. */
  async #unmount({ path }: Mount): Promise<void> {
    const place = join(this.root, path)
    if (await this.#room.isMounted(place)) await this.#room.run('umount', ['--lazy', place])
  }

  /** Takes away the directory that it was mounted at, unless something is in there. */
  async #tidy(path: string): Promise<void> {
    for (let place = path; place !== '/'; place = dirname(place)) {
      const isSnapshots = place.endsWith('/.snapshot')
      if (place !== path && !isSnapshots) return
      const reached = this.#room.pathOf(join(this.root, place))
      const names = await readdir(reached).catch(() => undefined)
      if (names === undefined || names.length > 0) return
      await rmdir(reached).catch(() => {})
    }
  }
}

function keyOf({ path, volume, snapshot, qtree }: Mount): string {
  return JSON.stringify([path, volume, snapshot, qtree])
}

function isIn(path: string, of: string): boolean {
  return path === of || path.startsWith(`${of}/`)
}
