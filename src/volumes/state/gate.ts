/** Where calls wait until the driver works. The socket answers from the first moment; the array may take longer. */

import type { Context } from '../../context.ts'
import { DeadlineError, PluginError, reasonOf } from '../../errors.ts'
import type { Volumes } from '../volumes.ts'

export class Gate {
  #volumes: Volumes | undefined
  #shut = false
  #reason: unknown
  /** One entry a call that waits; none stays behind when it leaves, however long the gate is shut. */
  readonly #waiting = new Set<() => void>()

  get isOpen(): boolean {
    return this.#volumes !== undefined
  }

  open(volumes: Volumes): void {
    this.#volumes = volumes
    this.#wake()
  }

  /** Why it is still shut; told to whoever waited in vain. */
  explain(reason: unknown): void {
    this.#reason = reason
    this.#wake()
  }

  /** It will not open any more: whoever waits is told why. */
  shut(reason: PluginError): void {
    this.#shut = true
    this.#reason = reason
    this.#wake()
  }

  /** False once an attempt has failed, or it has taken that long: then it may take longer yet. */
  async opensWithin(ms: number, { gone }: Context): Promise<boolean> {
    const enough = AbortSignal.any([gone, AbortSignal.timeout(ms)])
    while (!this.#volumes && !this.#shut && this.#reason === undefined && !enough.aborted) await this.#change(enough)
    return this.#volumes !== undefined && !this.#shut
  }

  /** Why it is still shut. */
  get reason(): string {
    return this.#reason === undefined ? 'the plugin is still starting' : reasonOf(this.#reason)
  }

  /** @throws the reason it is shut, once nobody waits for `ctx` any more */
  async pass({ gone }: Context): Promise<Volumes> {
    while (!this.#volumes && !this.#shut && !gone.aborted) await this.#change(gone)
    if (this.#volumes && !this.#shut) return this.#volumes
    if (this.#reason instanceof PluginError) throw this.#reason
    throw new DeadlineError(
      this.#reason === undefined
        ? 'The plugin is still starting. Try again in a moment; its log says what it waits for.'
        : `The plugin cannot start: ${reasonOf(this.#reason)}. It keeps trying; its log has more.`,
    )
  }

  /** Until it is opened or shut, or nobody waits any more. */
  #change(gone: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#waiting.add(resolve)
    gone.addEventListener('abort', () => resolve(), { once: true })
    return promise.finally(() => this.#waiting.delete(resolve))
  }

  #wake(): void {
    for (const wake of this.#waiting) wake()
  }
}
