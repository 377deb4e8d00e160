/** Volumes of an ONTAP array as files of a real NFS server: the Linux kernel's. */

import { mkdir, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { NfsNamespace } from '../data-plane/nfs-namespace.ts'
import { openRoom, type Room } from '../data-plane/nfs-room.ts'
import { type NfsServer, openNfsServer } from '../data-plane/nfs-server.ts'
import { type NfsVolumes, openNfsVolumes } from '../data-plane/nfs-volumes.ts'
import type { OntapDataPlane } from './keeper.ts'
import { hasFiles, type NfsView, nfsView } from './nfs-view.ts'
import type { Effect, OntapArray, Volume } from './state.ts'

export interface DataPlaneSettings {
  readonly directory: string
  /** Whether the bytes outlive this process; else closing removes them. */
  readonly keep: boolean
}

/** Serves all volumes of the array. @throws Error when the machine cannot do it */
export async function openOntapDataPlane(array: OntapArray, settings: DataPlaneSettings): Promise<OntapDataPlane> {
  // Loop devices name their files by the whole path.
  const directory = resolve(settings.directory)
  const places = { root: join(directory, 'namespace'), own: join(directory, 'server') }
  // Of an earlier process that did not end in order. Its mounts have ended with it, and only directories are left.
  await rm(places.root, { recursive: true, force: true })
  for (const place of Object.values(places)) await mkdir(place, { recursive: true, mode: 0o755 })
  const room = await openRoom()
  const opened = { array, room, directory, keep: settings.keep }
  const plane = await openIn(opened, places).catch(async (error: unknown) => {
    await room.close()
    throw error
  })

  // One change after the other: the kernel is the same for all.
  let last: Promise<unknown> = Promise.resolve()
  let closed = false
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = last.then(() => {
      if (closed) throw new Error('The data plane is closed.')
      return work()
    })
    last = done.catch(() => {})
    return done
  }
  return {
    apply: (effects) => inTurn(() => plane.apply(effects)),
    setNfs: (enabled) => inTurn(() => plane.setNfs(enabled)),
    close: () =>
      inTurn(() => plane.close()).finally(() => {
        closed = true
      }),
  }
}

interface Opened {
  readonly array: OntapArray
  readonly room: Room
  readonly directory: string
  readonly keep: boolean
}

async function openIn(opened: Opened, places: { readonly root: string; readonly own: string }): Promise<Plane> {
  const { room, directory } = opened
  const server = await openNfsServer(room, { directory: places.own, root: places.root })
  const volumes = await openNfsVolumes(room, directory)
  const plane = new Plane(opened, server, volumes, new NfsNamespace(room, volumes, places.root))
  await plane.begin().catch(async (error: unknown) => {
    await plane.close().catch(() => {})
    throw error
  })
  return plane
}

/** A volume as it is on this machine. */
interface Known {
  readonly usable: number
  readonly owner: string
  /** By name. */
  readonly trees: ReadonlyMap<string, Tree>
}

interface Tree {
  readonly id: number
  /** Undefined: as it was made. */
  readonly mode?: number
}

class Plane {
  readonly #array: OntapArray
  readonly #room: Room
  readonly #keep: boolean
  readonly #server: NfsServer
  readonly #volumes: NfsVolumes
  readonly #namespace: NfsNamespace
  readonly #known = new Map<string, Known>()
  readonly #timer: NodeJS.Timeout
  #enabled = true
  #listening = ''
  #exported = ''

  constructor({ array, room, keep }: Opened, server: NfsServer, volumes: NfsVolumes, namespace: NfsNamespace) {
    this.#array = array
    this.#room = room
    this.#keep = keep
    this.#server = server
    this.#volumes = volumes
    this.#namespace = namespace
    this.#timer = setInterval(() => void this.#measure(), MEASURE_MS).unref()
  }

  async begin(): Promise<void> {
    // Each has just been done, or is about to be.
    this.#array.effects.splice(0)
    const volumes = this.#array.volumes.all().filter(hasFiles)
    await this.#volumes.keepOnly(volumes.map(({ uuid }) => uuid))
    for (const volume of volumes) {
      const made = await this.#volumes.ensure(volume.uuid, usableOf(volume))
      this.#known.set(volume.uuid, { usable: usableOf(volume), owner: made ? '' : ownerKey(volume), trees: new Map() })
      await this.#refreshSnapshots(volume.uuid)
      for (const qtree of this.#array.qtrees.get(volume.uuid) ?? []) await this.#makeTree(volume.uuid, qtree.name)
      for (const { qtree, hardLimit } of volume.quota.enforced) {
        await this.#volumes.limitTree(volume.uuid, qtree, hardLimit)
      }
    }
    await this.#refresh(new Set())
  }

  async apply(effects: readonly Effect[]): Promise<void> {
    const failures: unknown[] = []
    for (const effect of effects) await this.#carryOut(effect).catch((error: unknown) => failures.push(error))
    const restored = effects.filter(({ kind }) => kind === 'restore')
    await this.#refresh(new Set(restored.map((effect) => ('volume' in effect ? effect.volume : ''))))
    if (failures.length > 0) throw failures[0]
  }

  async setNfs(enabled: boolean): Promise<void> {
    this.#enabled = enabled
    await this.#refresh(new Set())
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.#server.close()
    await this.#namespace.close()
    await this.#volumes.close(this.#keep)
    await this.#room.close()
    await this.#volumes.unused()
  }

  async #carryOut(effect: Effect): Promise<void> {
    switch (effect.kind) {
      case 'make':
        return this.#make(effect.volume, effect.size)
      case 'clone':
        return this.#clone(effect)
      case 'destroy':
        if (this.#known.delete(effect.volume)) await this.#volumes.remove(effect.volume)
        return
      case 'resize':
      case 'exports':
        return
      default:
        // Of volumes without files, and of those that are no more, there is nothing to do.
        if (this.#known.has(effect.volume)) await this.#change(effect)
    }
  }

  async #change(effect: Exclude<Effect, { kind: 'make' | 'clone' | 'destroy' | 'resize' | 'exports' }>): Promise<void> {
    const { volume } = effect
    switch (effect.kind) {
      case 'snapshot':
      case 'unsnapshot':
        return this.#refreshSnapshots(volume)
      case 'restore': {
        const uuid = this.#snapshot(volume, effect.snapshot)
        if (uuid !== undefined) await this.#volumes.restore(volume, uuid)
        return
      }
      case 'qtree':
        return this.#makeTree(volume, effect.qtree)
      case 'unqtree':
        this.#setTree(volume, effect.qtree, undefined)
        return this.#volumes.removeTree(volume, effect.qtree)
      case 'rename-qtree': {
        const tree = this.#known.get(volume)?.trees.get(effect.qtree)
        this.#setTree(volume, effect.qtree, undefined)
        this.#setTree(volume, effect.to, tree)
        return this.#volumes.renameTree(volume, effect.qtree, effect.to)
      }
      case 'quota': {
        const tree = this.#known.get(volume)?.trees.get(effect.qtree)
        if (tree) await this.#volumes.limitTree(volume, tree.id, effect.limit)
      }
    }
  }

  async #make(uuid: string, size: number): Promise<void> {
    const volume = this.#array.volumes.get(uuid)
    if (volume && !hasFiles(volume)) return
    const usable = volume ? usableOf(volume) : size
    await this.#volumes.ensure(uuid, usable)
    this.#known.set(uuid, { usable, owner: '', trees: new Map() })
  }

  /** With it come the source's owner and trees. */
  async #clone({ volume: uuid, from, snapshot, size }: Extract<Effect, { kind: 'clone' }>): Promise<void> {
    const source = this.#known.get(from)
    if (!source) return
    const volume = this.#array.volumes.get(uuid)
    const usable = Math.max(source.usable, volume ? usableOf(volume) : size)
    const of = snapshot === undefined ? undefined : this.#snapshot(from, snapshot)
    await this.#volumes.clone(uuid, from, of, usable)
    this.#known.set(uuid, { ...source, usable })
  }

  /** Their names may change; their UUIDs stay. */
  async #refreshSnapshots(volume: string): Promise<void> {
    const uuids = (this.#array.snapshots.get(volume) ?? []).map(({ uuid }) => uuid)
    await this.#volumes.keepSnapshots(volume, uuids)
    for (const uuid of uuids) await this.#volumes.takeSnapshot(volume, uuid)
  }

  #snapshot(volume: string, name: string): string | undefined {
    return this.#array.snapshots.get(volume)?.find((snapshot) => snapshot.name === name)?.uuid
  }

  async #makeTree(volume: string, name: string): Promise<void> {
    const id = this.#numberFor(volume, name)
    await this.#volumes.makeTree(volume, name, id)
    this.#setTree(volume, name, { id })
  }

  /** The array's own number. A qtree that has another name there meanwhile is the one that is not here yet. */
  #numberFor(volume: string, name: string): number {
    const qtrees = this.#array.qtrees.get(volume) ?? []
    const taken = [...(this.#known.get(volume)?.trees.values() ?? [])].map(({ id }) => id)
    const named = qtrees.find((qtree) => qtree.name === name) ?? qtrees.find(({ id }) => !taken.includes(id))
    return named?.id ?? Math.max(0, ...taken) + FAR
  }

  #setTree(volume: string, name: string, tree: Tree | undefined): void {
    const known = this.#known.get(volume)
    if (!known) return
    const trees = new Map(known.trees)
    if (tree) trees.set(name, tree)
    else trees.delete(name)
    this.#known.set(volume, { ...known, trees })
  }

  /** Makes sizes, modes, namespace and rules what the array says now. */
  async #refresh(anew: ReadonlySet<string>): Promise<void> {
    for (const [uuid, known] of this.#known) {
      const volume = this.#array.volumes.get(uuid)
      if (volume) await this.#refreshVolume(volume, known)
    }
    const view = nfsView(this.#array)
    const mounts = view.mounts.filter(({ volume }) => this.#known.has(volume))
    const changed = await this.#namespace.show(mounts, anew)
    await this.#refreshServer(view, changed)
  }

  async #refreshVolume(volume: Volume, known: Known): Promise<void> {
    const { uuid, mode, uid, gid } = volume
    const usable = usableOf(volume)
    if (usable > known.usable) await this.#volumes.grow(uuid, usable)
    if (ownerKey(volume) !== known.owner) await this.#volumes.setOwner(uuid, '', { mode, uid, gid })
    const trees = new Map(known.trees)
    for (const qtree of this.#array.qtrees.get(uuid) ?? []) {
      const tree = trees.get(qtree.name)
      if (!tree || tree.mode === qtree.mode) continue
      await this.#volumes.setOwner(uuid, qtree.name, { mode: qtree.mode })
      trees.set(qtree.name, { ...tree, mode: qtree.mode })
    }
    this.#known.set(uuid, { usable: Math.max(usable, known.usable), owner: ownerKey(volume), trees })
  }

  async #refreshServer({ exports, addresses, versions }: NfsView, changed: boolean): Promise<void> {
    const exported = JSON.stringify(exports)
    if (changed || exported !== this.#exported) await this.#server.setExports(exports)
    this.#exported = exported
    const listening = JSON.stringify([this.#enabled, addresses, versions])
    if (listening === this.#listening) return
    if (this.#enabled) await this.#server.start({ addresses, versions })
    else await this.#server.stop()
    this.#listening = listening
  }

  /** What the array tells of room that is used. */
  async #measure(): Promise<void> {
    for (const uuid of this.#known.keys()) {
      const used = await this.#volumes.usedBy(uuid).catch(() => undefined)
      if (used !== undefined && this.#known.has(uuid)) this.#array.usage.set(uuid, used)
    }
  }
}

const MEASURE_MS = 2000

/** Beyond the numbers of an array's qtrees. */
const FAR = 1_000_000

/** The snapshot reserve is not for clients. */
function usableOf({ size, snapshotReserve }: Volume): number {
  return Math.floor((size * (100 - snapshotReserve)) / 100)
}

function ownerKey({ mode, uid, gid }: Volume): string {
  return `${mode} ${uid} ${gid}`
}
