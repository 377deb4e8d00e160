/** Where calls wait until the driver works. The socket answers from the first moment; the array may take longer. */

import type { Context } from '../context.ts'
import { DeadlineError, PluginError, reasonOf } from '../errors.ts'
import { unlessAborted } from '../retry.ts'
import type { Volumes } from './volumes.ts'

export class Gate {
  readonly #opened = Promise.withResolvers<Volumes>()
  #isOpen = false
  #reason: unknown

  get isOpen(): boolean {
    return this.#isOpen
  }

  open(volumes: Volumes): void {
    this.#isOpen = true
    this.#opened.resolve(volumes)
  }

  /** Why it is still shut; told to whoever waited in vain. */
  explain(reason: unknown): void {
    this.#reason = reason
  }

  /** It will not open any more: whoever waits is told why. */
  shut(reason: PluginError): void {
    this.#reason = reason
    this.#opened.reject(reason)
    this.#opened.promise.catch(() => {})
  }

  /** @throws the reason it is shut, once nobody waits for `ctx` any more */
  async pass(ctx: Context): Promise<Volumes> {
    return unlessAborted(this.#opened.promise, ctx.gone).catch(() => {
      if (this.#reason instanceof PluginError) throw this.#reason
      throw new DeadlineError(
        this.#reason === undefined
          ? 'The plugin is still starting. Try again in a moment; its log says what it waits for.'
          : `The plugin cannot start: ${reasonOf(this.#reason)}. It keeps trying; its log has more.`,
      )
    })
  }
}
