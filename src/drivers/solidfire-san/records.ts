/**
 * What is recorded with a volume after it was made: how far it is formatted, and that somebody counts on it.
 *
 * Attributes are replaced as a whole, and the array has no way to do so only if nobody else has meanwhile. So each change
 * begins with a look, and is not repeated without another; and `formatting` counts only if it still stands after.
 */

import type { Element, ElementAttributes, ElementVolume } from '../../backends/element/element.ts'
import type { Context } from '../../context.ts'
import { BackendError, hasCode } from '../../errors.ts'
import type { ArrayName } from '../../names.ts'
import type { Format } from '../../publication.ts'
import { sleep } from '../../retry.ts'
import * as marks from './marks.ts'
import type { Tenant } from './tenant.ts'

/** A volume that was made a moment ago may not be ready for changes yet. */
const REWRITES = 5
const REWRITE_PAUSE_MS = 500

export class Records {
  readonly #element: Element
  readonly #tenant: Tenant

  constructor(element: Element, tenant: Tenant) {
    this.#element = element
    this.#tenant = tenant
  }

  async noteFormat(ctx: Context, name: ArrayName, format: Format): Promise<void> {
    await this.#rewrite(ctx, name, ({ attributes }) => {
      refuseStepBack(name, marks.formatIn(attributes, `volume "${name}"`), format)
      return marks.withFormat(attributes, format)
    })
    if (format.state !== 'formatting') return
    const { attributes } = await this.#tenant.get(ctx, name)
    if (!isSame(marks.formatIn(attributes, `volume "${name}"`), format)) throw overtaken(name, 'by another host')
  }

  /** Somebody counts on the volume from here on. */
  dropIntent(ctx: Context, name: ArrayName): Promise<void> {
    return this.#rewrite(ctx, name, ({ attributes }) =>
      marks.intentIn(attributes) === undefined ? undefined : marks.withoutIntent(attributes),
    )
  }

  /** @param change answers undefined where there is nothing to change */
  async #rewrite(
    ctx: Context,
    name: ArrayName,
    change: (volume: ElementVolume) => ElementAttributes | undefined,
  ): Promise<void> {
    for (let attempt = 0; ; attempt += 1) {
      const volume = await this.#tenant.get(ctx, name)
      const attributes = change(volume)
      if (!attributes) return
      try {
        return await this.#element.volumes.rewrite(ctx, volume.id, attributes)
      } catch (error) {
        if (!hasCode(error, 'BUSY', 'UNREACHABLE') || attempt + 1 >= REWRITES || ctx.gone.aborted) throw error
        await sleep(REWRITE_PAUSE_MS * 2 ** attempt, ctx.signal)
      }
    }
  }
}

/**
 * `new` may become anything; `formatting` only the same, or ready with the same UUID; `ready` only itself.
 *
 * @throws BackendError BUSY for what another host has written meanwhile
 */
function refuseStepBack(name: ArrayName, found: Format, wanted: Format): void {
  if (found.state === 'new') return
  const sameUuid = wanted.state !== 'new' && found.uuid === wanted.uuid
  const sameHost = found.state !== 'formatting' || wanted.state !== 'formatting' || found.host === wanted.host
  if (sameUuid && sameHost && (found.state === 'formatting' || wanted.state === 'ready')) return
  throw overtaken(name, `and is "${found.state}" by now`)
}

function isSame(one: Format, other: Format): boolean {
  return marks.printFormat(one) === marks.printFormat(other)
}

function overtaken(name: ArrayName, how: string): BackendError {
  return new BackendError('BUSY', `Cannot format volume "${name}": it was changed meanwhile, ${how}. Try again.`)
}
