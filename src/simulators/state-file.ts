/**
 * A simulated array's memory on disk: one JSON value, replaced as a whole.
 *
 * Invariants:
 * - the file is replaced by rename, after the new text is on disk: a crash leaves the old value or the new one
 * - writes follow one another, and changes that come while one runs share the next
 */

import { open, readFile, rename } from 'node:fs/promises'

export class StateFile<T> {
  readonly #path: string
  #running: Promise<void> = Promise.resolve()
  #next: Promise<void> | undefined

  constructor(path: string) {
    this.#path = path
  }

  /** Undefined when there is none yet. @throws Error, naming the file, when it cannot be used */
  async read(): Promise<T | undefined> {
    try {
      return JSON.parse(await readFile(this.#path, 'utf8')) as T
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw new Error(
        `Cannot use the state in ${this.#path}: ${(error as Error).message}. Move the file aside to begin anew.`,
        { cause: error },
      )
    }
  }

  /** Resolves once a value at least as new as this call is on disk. Only its owner may read it: secrets are in it. */
  save(value: () => T): Promise<void> {
    this.#next ??= this.#running
      .catch(() => {})
      .then(() => {
        this.#next = undefined
        this.#running = replace(this.#path, JSON.stringify(value())).catch((error: Error) => {
          throw new Error(`Cannot keep the state in ${this.#path}: ${error.message}`, { cause: error })
        })
        return this.#running
      })
    return this.#next
  }
}

async function replace(path: string, text: string): Promise<void> {
  const fresh = `${path}.new`
  const file = await open(fresh, 'w', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(fresh, path)
}
