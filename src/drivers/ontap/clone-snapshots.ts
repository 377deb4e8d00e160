/**
 * Snapshots that the array took because a volume was to be cloned as it was. Nobody asked for them, and they hold on to
 * all that is written over in the source, so they go once nothing needs them: a removed clone needs its own until it
 * leaves the recovery queue, and one that is split until that is done.
 *
 * Invariants:
 * - a snapshot goes only if the clone's own marks, and the snapshot's name, say that it was taken for that clone;
 * - the array refuses to remove one that anything depends on, and is left to judge that.
 */

import { join } from 'node:path'
import type { Ontap, OntapVolume } from '../../backends/ontap/ontap.ts'
import { backgroundContext, type Context } from '../../context.ts'
import { DurableFile } from '../../durable-file.ts'
import { hasCode, reasonOf } from '../../errors.ts'
import type { DriverSettings } from '../driver.ts'
import { marksIn } from './marks.ts'
import { CLONE_IN_THE_MAKING } from './names.ts'

interface CloneSnapshot {
  /** The volume that was cloned. */
  readonly source: string
  readonly snapshot: string
}

export class CloneSnapshots {
  readonly #ontap: Ontap
  readonly #ctx: Context
  /** Outlives the process: a clone stays in the recovery queue for half a day. */
  readonly #file: DurableFile<readonly CloneSnapshot[]>
  readonly #doomed: Map<string, CloneSnapshot>
  readonly #timer: NodeJS.Timeout

  /** @throws HostError STATE_UNREADABLE */
  static async open(ontap: Ontap, settings: OpenSettings): Promise<CloneSnapshots> {
    const file = new DurableFile<readonly CloneSnapshot[]>(join(settings.stateDirectory, 'clone-snapshots.json'))
    return new CloneSnapshots(ontap, settings, file, (await file.read()) ?? [])
  }

  private constructor(
    ontap: Ontap,
    { log, signal }: OpenSettings,
    file: DurableFile<readonly CloneSnapshot[]>,
    left: readonly CloneSnapshot[],
  ) {
    this.#ontap = ontap
    this.#ctx = backgroundContext('clone-snapshots', log, signal)
    this.#file = file
    this.#doomed = new Map(left.map((one) => [keyOf(one), one]))
    this.#timer = setInterval(() => void this.removeFree(this.#ctx), EVERY_MS).unref()
  }

  /**
   * That this clone does without its snapshot: once it is out of the recovery queue, or split. Costs no call.
   *
   * @param gone it is neither in the queue nor to be split: then the snapshot goes at once
   */
  async release(ctx: Context, clone: OntapVolume, { gone }: { readonly gone: boolean }): Promise<void> {
    const taken = takenFor(clone)
    if (!taken) return
    this.#doomed.set(keyOf(taken), taken)
    await this.#save()
    if (gone) await this.#removeFrom(ctx, taken.source, [taken])
  }

  /** Removes those that nothing needs any more. */
  async removeFree(ctx: Context): Promise<void> {
    for (const [source, doomed] of Map.groupBy(this.#doomed.values(), (one) => one.source)) {
      await this.#removeFrom(ctx, source, doomed)
    }
  }

  close(): void {
    clearInterval(this.#timer)
  }

  /** Whatever is in the way is so until the next time. */
  async #removeFrom(ctx: Context, source: string, doomed: readonly CloneSnapshot[]): Promise<void> {
    try {
      const volume = await this.#ontap.volumes.find(ctx, source)
      for (const one of doomed) {
        if (volume && !(await this.#isRemoved(ctx, volume, one))) continue
        this.#doomed.delete(keyOf(one))
        await this.#save()
      }
    } catch (error) {
      if (ctx.signal.aborted) return
      const snapshots = doomed.map(({ snapshot }) => snapshot).join(', ')
      const fields = { volume: source, snapshots, reason: reasonOf(error) }
      ctx.log.warn('Cannot remove snapshots that were taken for clones; tried again in an hour.', fields)
    }
  }

  async #isRemoved(ctx: Context, volume: OntapVolume, { snapshot }: CloneSnapshot): Promise<boolean> {
    try {
      await this.#ontap.snapshots.remove(ctx, volume, snapshot)
      ctx.log.info('Removed the snapshot that was taken for a clone.', { volume: volume.name, snapshot })
      return true
    } catch (error) {
      if (hasCode(error, 'HAS_DEPENDENTS')) return false
      if (hasCode(error, 'NOT_FOUND')) return true
      throw error
    }
  }

  async #save(): Promise<void> {
    await this.#file
      .save(() => [...this.#doomed.values()])
      .catch((error: unknown) => {
        this.#ctx.log.warn('Cannot note which snapshots of clones to remove.', { reason: reasonOf(error) })
      })
  }
}

type OpenSettings = Pick<DriverSettings<unknown>, 'stateDirectory' | 'log' | 'signal'>

const EVERY_MS = 3_600_000

function keyOf({ source, snapshot }: CloneSnapshot): string {
  return `${source}/${snapshot}`
}

/** `clone_db2.2026-01-31_235959.0`: by the name a clone has as it is made. */
const TAKEN = /^clone_(\w+)\./

/** What the array took for this very clone; nothing where somebody named the snapshot, or renamed it since. */
function takenFor({ name, comment, clonedFrom }: OntapVolume): CloneSnapshot | undefined {
  const { volume: source, snapshot } = clonedFrom ?? {}
  const marks = marksIn(comment)
  if (source === undefined || snapshot === undefined || !marks?.asOfNow || marks.from !== source) return undefined
  const [, made = ''] = TAKEN.exec(snapshot) ?? []
  return made === name || CLONE_IN_THE_MAKING.test(made) ? { source, snapshot } : undefined
}
