/**
 * One JSON value kept on disk so that a crash at any moment leaves the old value or the new one, whole.
 *
 * Invariants:
 * - the file is only ever replaced by rename, after the new text is fsynced; the directory is fsynced after;
 * - writes are one after the other, and callers that come while one runs share the next (group commit).
 */

import { constants } from 'node:fs'
import { open, readFile, rename, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import { errnoOf, HostError, reasonOf } from './errors.ts'

export class DurableFile<T> {
  readonly path: string
  #running: Promise<void> = Promise.resolve()
  #next: Promise<void> | undefined

  constructor(path: string) {
    this.path = path
  }

  /** @returns undefined when there is none yet. @throws HostError STATE_UNREADABLE */
  async read(): Promise<T | undefined> {
    let text: string
    try {
      text = await readFile(this.path, 'utf8')
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return undefined
      throw new HostError('STATE_UNREADABLE', `Cannot read ${this.path}: ${reasonOf(error)}.`, { cause: error })
    }
    try {
      return JSON.parse(text) as T
    } catch (error) {
      throw new HostError(
        'STATE_UNREADABLE',
        `Cannot read ${this.path}: it is not JSON (${reasonOf(error)}). ${MOVE_ASIDE}`,
        { cause: error },
      )
    }
  }

  /**
   * Resolves once a value at least as new as this call is on disk. `value` is called just before the write.
   *
   * @throws HostError STATE_UNWRITABLE; the file is then whole, and the old one unless only its directory could not be
   *   fsynced. Callers put back what they hold in memory, and the next save writes that.
   */
  save(value: () => T): Promise<void> {
    this.#next ??= this.#running
      .catch(() => {})
      .then(() => {
        this.#next = undefined
        this.#running = replaceFile(this.path, JSON.stringify(value()))
        return this.#running
      })
    return this.#next
  }
}

/**
 * Checks that a value read is of the one version this plugin writes, and has the member that makes it what it is.
 *
 * @throws HostError STATE_UNREADABLE
 */
export function ensureVersion(path: string, value: object, member: string): void {
  const { version, [member]: content } = value as Record<string, unknown>
  if (version === 1 && typeof content === 'object' && content !== null) return
  const found = version === 1 ? `it has no "${member}"` : `its version is ${JSON.stringify(version)}, not 1`
  throw new HostError(
    'STATE_UNREADABLE',
    `Cannot use ${path}: ${found}. If a newer plugin wrote it, run that one. Else: ${MOVE_ASIDE}`,
  )
}

const MOVE_ASIDE = 'Stop the containers that use these volumes, unmount what is left, then move the file aside.'

/** Puts `text` in place of the file, durably. @throws HostError STATE_UNWRITABLE */
export async function replaceFile(path: string, text: string, mode = 0o600): Promise<void> {
  const fresh = `${path}.new`
  try {
    const file = await open(
      fresh,
      constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW,
      mode,
    )
    try {
      await file.writeFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(fresh, path)
    await syncDirectory(dirname(path))
  } catch (error) {
    await unlink(fresh).catch(() => {})
    throw unwritable(path, error)
  }
}

/** Makes renames and unlinks in a directory last. */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, constants.O_RDONLY | constants.O_DIRECTORY)
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}

function unwritable(path: string, error: unknown): HostError {
  const cure =
    errnoOf(error) === 'ENOSPC'
      ? 'Free some space there and try again.'
      : errnoOf(error) === 'EROFS'
        ? 'Its filesystem is read-only: see the kernel log (dmesg) for why.'
        : 'Nothing was begun; put that right and try again.'
  return new HostError('STATE_UNWRITABLE', `Cannot write ${path}: ${reasonOf(error)}. ${cure}`, { cause: error })
}
