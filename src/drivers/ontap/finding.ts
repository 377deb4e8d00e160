/** Volumes of one instance as the array shows them, and as it last did. */

import type { Ontap, OntapVolume } from '../../backends/ontap/ontap.ts'
import type { Context } from '../../context.ts'
import { BackendError, hasCode } from '../../errors.ts'
import type { ArrayName } from '../../names.ts'
import type { Snapshot } from '../driver.ts'
import { ownerOf, type ViewSettings } from './volume-view.ts'

interface FoundVolume {
  readonly found: OntapVolume
  readonly snapshots: readonly Snapshot[]
}

export class Finding {
  readonly #ontap: Ontap
  readonly #view: ViewSettings
  /** For asking about their snapshots at once, and for not believing that all are gone. */
  readonly #seen = new Map<ArrayName, OntapVolume>()

  constructor(ontap: Ontap, view: ViewSettings) {
    this.#ontap = ontap
    this.#view = view
  }

  /** As it was when last looked at. */
  seen(name: ArrayName): OntapVolume | undefined {
    return this.#seen.get(name)
  }

  forget(name: ArrayName): void {
    this.#seen.delete(name)
  }

  async find(ctx: Context, name: ArrayName): Promise<OntapVolume | undefined> {
    const found = await this.#ontap.volumes.find(ctx, name)
    if (found) {
      this.#seen.set(name, found)
      return found
    }
    // Docker forgets what is said to be gone.
    if (this.#seen.has(name)) await this.#ontap.ensureSeen(ctx)
    this.#seen.delete(name)
    return undefined
  }

  /** @throws BackendError NOT_FOUND, also for one that is another instance's */
  async get(ctx: Context, name: ArrayName): Promise<OntapVolume> {
    const found = await this.find(ctx, name)
    if (found && ownerOf(found, this.#view) === undefined) return found
    throw new BackendError('NOT_FOUND', `There is no volume "${name}" in SVM ${this.#ontap.svm.name}.`)
  }

  /** One call for a volume without snapshots; for others a second at the same time, once they have been seen. */
  async inspect(ctx: Context, name: ArrayName): Promise<FoundVolume | undefined> {
    const before = this.#seen.get(name)
    const early = before?.snapshotCount ? this.#snapshotsOf(ctx, before) : undefined
    early?.catch(() => {})
    const found = await this.find(ctx, name)
    if (!found) return undefined
    if (found.snapshotCount === 0 || found.state !== 'online') return { found, snapshots: [] }
    return { found, snapshots: await (early && found.uuid === before?.uuid ? early : this.#snapshotsOf(ctx, found)) }
  }

  /** None for a volume that goes away meanwhile. */
  async #snapshotsOf(ctx: Context, volume: OntapVolume): Promise<readonly Snapshot[]> {
    try {
      return await this.#ontap.snapshots.ofVolume(ctx, volume)
    } catch (error) {
      if (!hasCode(error, 'NOT_FOUND')) throw error
      return []
    }
  }
}
