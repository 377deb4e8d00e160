/** The volumes of an array, found by ID, by name and by account. */

import type { Volume } from './state.ts'

/** A volume is never changed but replaced: what is derived from one stays right for as long as it is there. */
export class VolumeTable {
  /** In the order of IDs: these only grow, and replacing keeps a place. */
  readonly #byId = new Map<number, Volume>()
  readonly #byName = new Map<string, Set<number>>()
  readonly #byAccount = new Map<number, Set<number>>()
  readonly #deleted = new Set<number>()

  get size(): number {
    return this.#byId.size
  }

  get(id: number): Volume | undefined {
    return this.#byId.get(id)
  }

  all(): readonly Volume[] {
    return [...this.#byId.values()]
  }

  named(name: string): readonly Volume[] {
    return this.#pick(this.#byName.get(name))
  }

  ofAccount(accountID: number): readonly Volume[] {
    return this.#pick(this.#byAccount.get(accountID))
  }

  /** Deleted ones are the account's until they are purged. */
  idsOfAccount(accountID: number): readonly number[] {
    return sorted(this.#byAccount.get(accountID))
  }

  countOfAccount(accountID: number): number {
    return this.#byAccount.get(accountID)?.size ?? 0
  }

  deleted(): readonly Volume[] {
    return this.#pick(this.#deleted)
  }

  /** Adds a volume, or replaces the one of its ID. */
  put(volume: Volume): void {
    const old = this.#byId.get(volume.volumeID)
    this.#byId.set(volume.volumeID, volume)
    this.#forget(old)
    add(this.#byName, volume.name, volume.volumeID)
    add(this.#byAccount, volume.accountID, volume.volumeID)
    if (volume.status === 'deleted') this.#deleted.add(volume.volumeID)
  }

  remove(id: number): void {
    this.#forget(this.#byId.get(id))
    this.#byId.delete(id)
  }

  #forget(volume: Volume | undefined): void {
    if (!volume) return
    take(this.#byName, volume.name, volume.volumeID)
    take(this.#byAccount, volume.accountID, volume.volumeID)
    this.#deleted.delete(volume.volumeID)
  }

  #pick(ids: ReadonlySet<number> | undefined): readonly Volume[] {
    return sorted(ids).map((id) => this.#byId.get(id)!)
  }
}

function sorted(ids: ReadonlySet<number> | undefined): readonly number[] {
  return [...(ids ?? [])].sort((a, b) => a - b)
}

function add<K>(index: Map<K, Set<number>>, key: K, id: number): void {
  const ids = index.get(key)
  if (ids) ids.add(id)
  else index.set(key, new Set([id]))
}

function take<K>(index: Map<K, Set<number>>, key: K, id: number): void {
  const ids = index.get(key)
  ids?.delete(id)
  if (ids?.size === 0) index.delete(key)
}
