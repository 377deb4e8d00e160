/** The bytes of an array's volumes, kept as operations and the array want them. */

import type { NfsVolumes } from '../data-plane/nfs-volumes.ts'
import { hasFiles } from './nfs-view.ts'
import type { Effect } from './state/effect.ts'
import type { Volume } from './state/volume.ts'
import type { OntapArray } from './state.ts'

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

/** What happens within one volume. */
type Change = Exclude<Effect, { readonly kind: 'make' | 'clone' | 'destroy' | 'resize' | 'exports' }>

export class VolumeBytes {
  readonly #array: OntapArray
  readonly #volumes: NfsVolumes
  readonly #known = new Map<string, Known>()

  constructor(array: OntapArray, volumes: NfsVolumes) {
    this.#array = array
    this.#volumes = volumes
  }

  /** Makes and mounts all the array has, and removes what it no longer has. */
  async begin(): Promise<void> {
    const volumes = this.#array.volumes.all().filter(hasFiles)
    await this.#volumes.keepOnly(volumes.map(({ uuid }) => uuid))
    for (const volume of volumes) {
      const { uuid } = volume
      const made = await this.#volumes.ensure(uuid, usableOf(volume))
      this.#known.set(uuid, { usable: usableOf(volume), owner: made ? '' : ownerKey(volume), trees: new Map() })
      await this.#refreshSnapshots(uuid)
      for (const { name } of this.#array.qtrees.get(uuid) ?? []) await this.#makeTree(uuid, name)
      for (const { qtree, hardLimit } of volume.quota.enforced) await this.#volumes.limitTree(uuid, qtree, hardLimit)
    }
  }

  has(uuid: string): boolean {
    return this.#known.has(uuid)
  }

  /** Sizes, modes, junctions and rules are not looked at: `refresh` takes them from the array. */
  async carryOut(effect: Effect): Promise<void> {
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

  /** Makes sizes, owners and modes what the array says now. */
  async refresh(): Promise<void> {
    for (const [uuid, known] of this.#known) {
      const volume = this.#array.volumes.get(uuid)
      if (volume) await this.#refreshVolume(volume, known)
    }
  }

  /** Tells the array what of its room is used. */
  async measure(): Promise<void> {
    for (const uuid of this.#known.keys()) {
      const used = await this.#volumes.usedBy(uuid).catch(() => undefined)
      if (used !== undefined && this.#known.has(uuid)) this.#array.usage.set(uuid, used)
    }
  }

  unmount(keep: boolean): Promise<void> {
    return this.#volumes.close(keep)
  }

  /** Resolves when the kernel has let go of them. */
  unused(): Promise<void> {
    return this.#volumes.unused()
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

  async #change(effect: Change): Promise<void> {
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
      case 'rename-qtree':
        this.#setTree(volume, effect.to, this.#tree(volume, effect.qtree))
        this.#setTree(volume, effect.qtree, undefined)
        return this.#volumes.renameTree(volume, effect.qtree, effect.to)
      case 'quota': {
        const tree = this.#tree(volume, effect.qtree)
        if (tree) await this.#volumes.limitTree(volume, tree.id, effect.limit)
      }
    }
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

  #tree(volume: string, name: string): Tree | undefined {
    return this.#known.get(volume)?.trees.get(name)
  }

  #setTree(volume: string, name: string, tree: Tree | undefined): void {
    const known = this.#known.get(volume)
    if (!known) return
    const trees = new Map(known.trees)
    if (tree) trees.set(name, tree)
    else trees.delete(name)
    this.#known.set(volume, { ...known, trees })
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
}

/** Beyond the numbers of an array's qtrees. */
const FAR = 1_000_000

/** The snapshot reserve is not for clients. */
function usableOf({ size, snapshotReserve }: Volume): number {
  return Math.floor((size * (100 - snapshotReserve)) / 100)
}

function ownerKey({ mode, uid, gid }: Volume): string {
  return `${mode} ${uid} ${gid}`
}
