/** The volumes of an array, found by UUID, by name, by junction and by parent, with the room they take. */

import type { Volume } from './state/volume.ts'

/** A volume is never changed but replaced: what is derived from one stays right for as long as it is there. */
export class VolumeTable {
  readonly #byUuid = new Map<string, Volume>()
  /** By SVM and name. Of those in the recovery queue too: their names are taken. */
  readonly #byName = new Map<string, string>()
  readonly #byJunction = new Map<string, string>()
  readonly #clones = new Map<string, Set<string>>()
  readonly #constituents = new Map<string, Set<string>>()
  readonly #deleted = new Set<string>()
  /** Those whose quotas or whose split time will change. */
  readonly #changing = new Set<string>()
  readonly #reserved = new Map<string, number>()
  /** By SVM and name. */
  readonly #order: Volume[] = []

  get size(): number {
    return this.#byUuid.size
  }

  get(uuid: string): Volume | undefined {
    return this.#byUuid.get(uuid)
  }

  named(svm: string, name: string): Volume | undefined {
    return this.#pick(this.#byName.get(key(svm, name)))
  }

  mountedAt(svm: string, junction: string): Volume | undefined {
    return this.#pick(this.#byJunction.get(key(svm, junction)))
  }

  /** Of all SVMs, deleted ones too, by SVM and name. */
  all(): readonly Volume[] {
    return this.#order
  }

  clonesOf(uuid: string): readonly Volume[] {
    return this.#pickAll(this.#clones.get(uuid))
  }

  constituentsOf(uuid: string): readonly Volume[] {
    return this.#pickAll(this.#constituents.get(uuid))
  }

  deleted(): readonly Volume[] {
    return this.#pickAll(this.#deleted)
  }

  changing(): readonly Volume[] {
    return this.#pickAll(this.#changing)
  }

  /** Bytes that the volumes of an aggregate take of it. */
  reservedOf(aggregate: string): number {
    return this.#reserved.get(aggregate) ?? 0
  }

  /** Adds a volume, or replaces the one of its UUID. */
  put(volume: Volume): void {
    const old = this.#byUuid.get(volume.uuid)
    this.#forget(old)
    this.#place(old, volume)
    this.#byUuid.set(volume.uuid, volume)
    this.#byName.set(key(volume.svm, volume.name), volume.uuid)
    if (volume.junction !== undefined) this.#byJunction.set(key(volume.svm, volume.junction), volume.uuid)
    if (volume.clone) add(this.#clones, volume.clone.parent, volume.uuid)
    if (volume.flexgroup !== undefined) add(this.#constituents, volume.flexgroup, volume.uuid)
    if (volume.type === 'del') this.#deleted.add(volume.uuid)
    if (volume.quota.until !== undefined || volume.clone?.splitUntil !== undefined) this.#changing.add(volume.uuid)
    this.#reserve(volume, reservationOf(volume))
  }

  remove(uuid: string): void {
    const old = this.#byUuid.get(uuid)
    if (!old) return
    this.#forget(old)
    this.#order.splice(this.#indexOf(old), 1)
    this.#byUuid.delete(uuid)
  }

  /** Renaming moves a volume; otherwise it keeps its place. */
  #place(old: Volume | undefined, volume: Volume): void {
    if (old && old.svm === volume.svm && old.name === volume.name) {
      this.#order[this.#indexOf(old)] = volume
      return
    }
    if (old) this.#order.splice(this.#indexOf(old), 1)
    this.#order.splice(this.#indexOf(volume), 0, volume)
  }

  /** Where a volume is, or belongs. */
  #indexOf(volume: Volume): number {
    let [low, high] = [0, this.#order.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (inOrder(this.#order[middle]!, volume) < 0) low = middle + 1
      else high = middle
    }
    return low
  }

  #forget(volume: Volume | undefined): void {
    if (!volume) return
    this.#byName.delete(key(volume.svm, volume.name))
    if (volume.junction !== undefined) this.#byJunction.delete(key(volume.svm, volume.junction))
    if (volume.clone) this.#clones.get(volume.clone.parent)?.delete(volume.uuid)
    if (volume.flexgroup !== undefined) this.#constituents.get(volume.flexgroup)?.delete(volume.uuid)
    this.#deleted.delete(volume.uuid)
    this.#changing.delete(volume.uuid)
    this.#reserve(volume, -reservationOf(volume))
  }

  #reserve(volume: Volume, bytes: number): void {
    const [aggregate] = volume.aggregates
    if (aggregate === undefined || bytes === 0) return
    this.#reserved.set(aggregate, this.reservedOf(aggregate) + bytes)
  }

  #pick(uuid: string | undefined): Volume | undefined {
    return uuid === undefined ? undefined : this.#byUuid.get(uuid)
  }

  #pickAll(uuids: ReadonlySet<string> | undefined): readonly Volume[] {
    return [...(uuids ?? [])].map((uuid) => this.#byUuid.get(uuid)!)
  }
}

/** What an empty volume holds. Unsure how much that is; it is not nothing. */
export const EMPTY_BYTES = 319_488

/** Thick volumes take what they may hold; a FlexGroup nothing beside its constituents, and a clone its own blocks. */
function reservationOf({ style, guarantee, size, clone }: Volume): number {
  if (style === 'flexgroup') return 0
  return guarantee === 'volume' && !clone ? size : EMPTY_BYTES
}

function inOrder(a: Volume, b: Volume): number {
  return compare(a.svm, b.svm) || compare(a.name, b.name)
}

const key = (svm: string, name: string) => `${svm} ${name}`

export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function add(index: Map<string, Set<string>>, key: string, uuid: string): void {
  const uuids = index.get(key)
  if (uuids) uuids.add(uuid)
  else index.set(key, new Set([uuid]))
}
