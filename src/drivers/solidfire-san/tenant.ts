/** The volumes of one account, by the names they are known by. */

import type { Element, ElementVolume } from '../../backends/element/element.ts'
import type { Context } from '../../context.ts'
import { BackendError } from '../../errors.ts'
import type { ArrayName } from '../../names.ts'
import { printSize } from '../../units.ts'
import { intentIn } from './marks.ts'
import { catalogueOf, elementNameOf, type NameSettings, nameElsewhereOf, ownNameOf } from './names.ts'

export class Tenant {
  readonly accountId: number
  readonly #element: Element
  readonly #names: NameSettings
  /** IDs as last seen. The array gives none twice, so one that is no longer right is merely gone. */
  readonly #ids = new Map<ArrayName, number>()
  /** IDs of volumes that are not where their name leads, as of the last list. There are none but of old or odd making. */
  #elsewhere: ReadonlyMap<ArrayName, readonly number[]> = new Map()

  constructor(element: Element, accountId: number, names: NameSettings) {
    this.#element = element
    this.accountId = accountId
    this.#names = names
  }

  /** Every name with the volumes that answer to it. */
  async list(ctx: Context): Promise<ReadonlyMap<ArrayName, readonly ElementVolume[]>> {
    const catalogue = catalogueOf(await this.#element.volumes.ofAccount(ctx, this.accountId), this.#names)
    const strayed = [...catalogue].filter(([name, [first]]) => first && elementNameOf(name) !== first.name)
    this.#elsewhere = new Map(strayed.map(([name, volumes]) => [name, volumes.map(({ id }) => id)]))
    this.#ids.clear()
    for (const [name, [first]] of catalogue) this.#ids.set(name, first!.id)
    return catalogue
  }

  /**
   * All that answer to the name, oldest first. One call to the array, and another where an earlier list has shown such a
   * volume elsewhere.
   */
  async named(ctx: Context, name: ArrayName): Promise<readonly ElementVolume[]> {
    const namesakes = await this.#element.volumes.named(ctx, this.accountId, elementNameOf(name))
    const inPlace = namesakes.filter((volume) => ownNameOf(volume, this.#names) === name)
    const elsewhere = this.#elsewhere.get(name)
    if (inPlace.length > 0 || !elsewhere) return byAge(inPlace)
    const found = await this.#element.volumes.withIds(ctx, elsewhere)
    return byAge(found.filter((volume) => volume.status !== 'deleted' && nameElsewhereOf(volume, this.#names) === name))
  }

  /** @throws BackendError AMBIGUOUS */
  async find(ctx: Context, name: ArrayName): Promise<ElementVolume | undefined> {
    const found = theOne(name, await this.named(ctx, name))
    if (found) this.#ids.set(name, found.id)
    else this.#ids.delete(name)
    return found
  }

  /** What the volume's ID was when it was last seen: to ask about both at once. */
  lastIdOf(name: ArrayName): number | undefined {
    return this.#ids.get(name)
  }

  /** @throws BackendError NOT_FOUND | AMBIGUOUS */
  async get(ctx: Context, name: ArrayName): Promise<ElementVolume> {
    const volume = await this.find(ctx, name)
    if (volume) return volume
    throw new BackendError('NOT_FOUND', `There is no volume "${name}" in account ${this.accountId} of the array.`)
  }
}

/**
 * Younger ones that still carry an intent are being taken back by whoever made them: see making.ts.
 *
 * @throws BackendError AMBIGUOUS
 */
function theOne(name: ArrayName, volumes: readonly ElementVolume[]): ElementVolume | undefined {
  const [first, ...others] = volumes
  if (others.every(({ attributes }) => intentIn(attributes) !== undefined)) return first
  throw new BackendError(
    'AMBIGUOUS',
    `${volumes.length} volumes on the array answer to "${name}": ${volumes.map(describe).join('; ')}. None was touched. On the array, delete by its volumeID the one without data, or give it another attribute docker-name.`,
  )
}

function describe({ id, name, size, createdAt }: ElementVolume): string {
  return `volumeID ${id} ("${name}", ${printSize(size)}, made ${createdAt.toISOString()})`
}

/** IDs rise, and are never used again. */
function byAge(volumes: readonly ElementVolume[]): readonly ElementVolume[] {
  return volumes.toSorted((a, b) => a.id - b.id)
}
