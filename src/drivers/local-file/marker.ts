/**
 * Tells the directory from the empty one that is left in its place while its disk is not mounted: there, every volume
 * would seem not to exist, and a new one would be made in its stead.
 *
 * The directory carries an ID in `.netappdvp`; the instance remembers it in its state directory.
 */

import { mkdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { replaceFile } from '../../durable-file.ts'
import { BackendError } from '../../errors.ts'
import { ignore } from './faults.ts'

interface Remembered {
  readonly directory: string
  readonly id: string
}

export class Marker {
  readonly #directory: string
  readonly #path: string
  readonly #memory: string

  constructor(directory: string, stateDirectory: string) {
    this.#directory = directory
    this.#path = join(directory, '.netappdvp')
    this.#memory = join(stateDirectory, 'directory.json')
  }

  /**
   * Recognises the directory, or makes and marks it if this instance has not used it before. Its parent must exist.
   *
   * @throws BackendError UNREACHABLE; faults of the filesystem
   */
  async open(): Promise<void> {
    const remembered = await this.#remembered()
    if (remembered?.directory === this.#directory) {
      if ((await this.#found()) !== remembered.id) throw this.#absent()
      return
    }
    await mkdir(this.#directory, { mode: 0o700 }).catch((error) => ignore(error, 'EEXIST'))
    const id = (await this.#found()) ?? crypto.randomUUID()
    await replaceFile(this.#path, `${id}\n`)
    await replaceFile(this.#memory, JSON.stringify({ directory: this.#directory, id } satisfies Remembered))
  }

  /** @throws BackendError UNREACHABLE */
  async ensureThere(): Promise<void> {
    const found = await stat(this.#path).catch((error) => ignore(error, 'ENOENT', 'ENOTDIR'))
    if (!found) throw this.#absent()
  }

  async #found(): Promise<string | undefined> {
    const text = await readFile(this.#path, 'utf8').catch((error) => ignore(error, 'ENOENT'))
    return text?.trim() || undefined
  }

  async #remembered(): Promise<Remembered | undefined> {
    const text = await readFile(this.#memory, 'utf8').catch((error) => ignore(error, 'ENOENT'))
    return text === undefined ? undefined : (JSON.parse(text) as Remembered)
  }

  #absent(): BackendError {
    return new BackendError(
      'UNREACHABLE',
      `The volumes are not in ${this.#directory}: its marker ${this.#path} is missing or another. Is the disk mounted? If the volumes were given up on purpose, remove ${this.#memory} and start anew.`,
    )
  }
}
