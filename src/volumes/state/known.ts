/**
 * The volumes that the array has last been seen to have, on disk: what Docker is told of while nobody can ask the array.
 *
 * A dockerd that starts asks for each volume it has on record, waits, and forgets those it gets no answer for: the next
 * container would get an empty *local* volume of that name (dockerd 20.10.24). So a name that was there is still there
 * until the array says otherwise; whoever wants to mount it is told how things are.
 *
 * Losing the file, or a name in it, loses no more than that; so it is written without being waited for.
 */

import { type DurableFile, ensureVersion } from '../../durable-file.ts'
import { reasonOf } from '../../errors.ts'
import type { Log } from '../../log.ts'
import type { VolumeName } from '../../names.ts'

/** The file's shape. */
export interface StoredKnown {
  readonly version: 1
  readonly names: readonly VolumeName[]
}

export class Known {
  readonly #file: DurableFile<StoredKnown>
  readonly #log: Log
  /** With which addition each came, counted from 1; those of the file with 0. */
  #names: Map<VolumeName, number>
  #additions = 0
  #saving: Promise<void> = Promise.resolve()

  private constructor(file: DurableFile<StoredKnown>, log: Log, names: Iterable<VolumeName>) {
    this.#file = file
    this.#log = log
    this.#names = new Map([...names].map((name) => [name, 0]))
  }

  /** A file that cannot be read is as good as none. */
  static async open(file: DurableFile<StoredKnown>, log: Log): Promise<Known> {
    try {
      const stored = await file.read()
      if (stored) ensureVersion(file.path, stored, 'names')
      return new Known(file, log, stored?.names ?? [])
    } catch (error) {
      log.warn('Cannot read which volumes there were.', { reason: reasonOf(error) })
      return new Known(file, log, [])
    }
  }

  has(name: VolumeName): boolean {
    return this.#names.has(name)
  }

  add(name: VolumeName): void {
    const isNew = !this.#names.has(name)
    this.#names.set(name, ++this.#additions)
    if (isNew) this.#save()
  }

  /** The array has said that there is none. */
  remove(name: VolumeName): void {
    if (this.#names.delete(name)) this.#save()
  }

  /** How many additions there have been: to be asked for before the array is asked to list what it has. */
  get additions(): number {
    return this.#additions
  }

  /** The array has listed all it had. What was added `since` may have been made too late for that, and stays. */
  replace(listed: readonly VolumeName[], since: number): void {
    const before = this.#names
    const later = [...before].filter(([, addition]) => addition > since)
    this.#names = new Map(listed.map((name) => [name, before.get(name) ?? ++this.#additions]))
    for (const [name, addition] of later) this.#names.set(name, addition)
    if (this.#names.size !== before.size || listed.some((name) => !before.has(name))) this.#save()
  }

  /** Resolves when all that was told is on disk, or could not be put there. */
  saved(): Promise<void> {
    return this.#saving
  }

  #save(): void {
    this.#saving = this.#file
      .save(() => ({ version: 1, names: [...this.#names.keys()] }))
      .catch((error) => this.#log.warn('Cannot record which volumes there are.', { reason: reasonOf(error) }))
  }
}
