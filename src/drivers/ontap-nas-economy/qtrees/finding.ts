/** The one qtree of a name, in whatever FlexVol. */

import type { Context } from '../../../context.ts'
import { BackendError } from '../../../errors.ts'
import type { PoolTable } from '../pools/table.ts'
import { Looks } from './looks.ts'
import { SETTLING } from './patience.ts'
import type { Rival, Rivals } from './rivals.ts'

export class Finding {
  readonly #table: PoolTable
  readonly #rivals: Rivals
  /** By name: pool and ID of what has looked nearly made for long. Nobody waits for that again as long as it is seen. */
  readonly #lasting = new Map<string, readonly string[]>()

  constructor(table: PoolTable, rivals: Rivals) {
    this.#table = table
    this.#rivals = rivals
  }

  /** With its limit. Two calls at once. @throws BackendError AMBIGUOUS */
  withLimit(ctx: Context, name: string): Promise<Rival | undefined> {
    return this.#settled(ctx, name, 'nearly', async () => {
      const [qtrees, rules] = await Promise.all([this.#table.named(ctx, name), this.#table.rules(ctx, name)])
      return this.#rivals.staged(qtrees, rules)
    })
  }

  /** Waits a little for one that is in the making. One call, mostly. @throws BackendError AMBIGUOUS */
  toUse(ctx: Context, name: string): Promise<Rival | undefined> {
    return this.#settled(ctx, name, 'candidate', () => this.#rivals.named(ctx, name))
  }

  /**
   * One that is nearly made gets a little time: its maker may be about to take it back. If it stays so, its maker has
   * gone, or a container has changed its mode. Either way somebody may count on it.
   *
   * @param from the first stage that is worth waiting for
   */
  async #settled(ctx: Context, name: string, from: 'candidate' | 'nearly', look: () => Promise<readonly Rival[]>) {
    for (const looks = new Looks(); ; await looks.pause(ctx)) {
      const all = await look()
      looks.see(all)
      const lasting = all.filter((rival) => looks.hasLasted(rival, SETTLING))
      const staying = this.#staying(name, all, lasting)
      const made = all.filter((rival) => rival.stage === 'made' || staying.includes(keyOf(rival)))
      if (made.length > 1) throw ambiguous(name, made)
      if (made.length === 1) return made[0]
      const coming = all.filter(({ stage }) => stage === 'nearly' || stage === from)
      if (coming.every((rival) => lasting.includes(rival))) return undefined
    }
  }

  /** Of a name that was just looked for: those that stayed nearly made before, and those that have done so by now. */
  #staying(name: string, all: readonly Rival[], lasting: readonly Rival[]): readonly string[] {
    const before = this.#lasting.get(name) ?? []
    const now = lasting.filter(({ stage }) => stage === 'nearly').map(keyOf)
    const staying = all.map(keyOf).filter((key) => before.includes(key) || now.includes(key))
    this.#lasting.delete(name)
    if (staying.length > 0) this.#lasting.set(name, staying)
    const [oldest] = this.#lasting.keys()
    if (this.#lasting.size > MOST_NAMES) this.#lasting.delete(oldest!)
    return staying
  }
}

/** Whatever is left on the array; the one that is forgotten is waited for once more. */
const MOST_NAMES = 1_000

function keyOf({ qtree: { volume, id } }: Rival): string {
  return `${volume}/${id}`
}

function ambiguous(name: string, found: readonly Rival[]): BackendError {
  const places = found.map(({ qtree }) => `/${qtree.volume}/${name}`).join(' and ')
  return new BackendError(
    'AMBIGUOUS',
    `Volume "${name}" is on the array more than once: as qtree ${places}. See which is the right one, and rename the other there ("volume qtree rename").`,
  )
}
