/**
 * What this host has begun and not finished, on disk: written before the first step, struck out after the last.
 * What an intent left unfinished means, and how it is tidied up, is recover.ts's to say.
 *
 * Removing needs no intent: the array is the truth, and asking again finishes it.
 */

import type { IntentId } from '../../drivers/driver.ts'
import { type DurableFile, ensureVersion } from '../../durable-file.ts'
import type { ArrayName, VolumeName } from '../../names.ts'
import { type Publication, withoutSecrets } from '../../publication.ts'

export type Intent = CreateIntent | MountIntent | UnmountIntent | SnapshotIntent

interface AnyIntent {
  readonly id: IntentId
  readonly name: VolumeName
  readonly array: ArrayName
}

export interface CreateIntent extends AnyIntent {
  readonly verb: 'create'
  /** Mount point of the source of a clone, frozen while it is copied. */
  readonly frozen?: string
}

/** Only the first mount of a volume on this host; joining one changes nothing but the claims. */
export interface MountIntent extends AnyIntent {
  readonly verb: 'mount'
  readonly mountpoint: string
  /** Absent while the driver has not answered yet. */
  readonly publication?: Publication
}

/** Only the last unmount. */
export interface UnmountIntent extends AnyIntent {
  readonly verb: 'unmount'
  readonly mountpoint: string
  readonly publication: Publication
}

export interface SnapshotIntent extends AnyIntent {
  readonly verb: 'snapshot'
  /** Mount point of the volume, frozen while it is copied. */
  readonly frozen?: string
}

/** The file's shape. */
export interface StoredJournal {
  readonly version: 1
  readonly intents: readonly Intent[]
}

export class Journal {
  readonly #file: DurableFile<StoredJournal>
  readonly #open = new Map<IntentId, Intent>()

  private constructor(file: DurableFile<StoredJournal>) {
    this.#file = file
  }

  static async open(file: DurableFile<StoredJournal>): Promise<Journal> {
    const journal = new Journal(file)
    const stored = await file.read()
    if (stored) ensureVersion(file.path, stored, 'intents')
    for (const intent of stored?.intents ?? []) journal.#open.set(intent.id, intent)
    return journal
  }

  /** Intents still open, of one volume or of all. */
  intents(name?: VolumeName): readonly Intent[] {
    const all = [...this.#open.values()]
    return name === undefined ? all : all.filter((intent) => intent.name === name)
  }

  async begin<I extends Intent>(intent: Omit<I, 'id'>): Promise<I> {
    const begun = { ...intent, id: crypto.randomUUID() } as unknown as I
    await this.#put(begun)
    return begun
  }

  /** Adds what was learnt on the way, but for secrets: tidying up needs none. */
  async note<I extends Intent>(intent: I, learnt: Partial<I>): Promise<I> {
    const noted = { ...intent, ...learnt }
    await this.#put(noted)
    return noted
  }

  async strike(intent: Intent): Promise<void> {
    const before = this.#open.get(intent.id)
    this.#open.delete(intent.id)
    await this.#save(() => before && this.#open.set(intent.id, before))
  }

  async #put(intent: Intent): Promise<void> {
    const before = this.#open.get(intent.id)
    this.#open.set(intent.id, storable(intent))
    await this.#save(() => (before ? this.#open.set(intent.id, before) : this.#open.delete(intent.id)))
  }

  async #save(revert: () => unknown): Promise<void> {
    try {
      await this.#file.save(() => ({ version: 1, intents: [...this.#open.values()] }))
    } catch (error) {
      revert()
      throw error
    }
  }
}

function storable(intent: Intent): Intent {
  if (!('publication' in intent) || intent.publication === undefined) return intent
  return { ...intent, publication: withoutSecrets(intent.publication) }
}
