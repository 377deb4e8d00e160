/**
 * Volumes as directories of one directory:
 *
 *   <array name>/volume.json              what is recorded
 *   <array name>/data                     the filesystem, as long as the volume is large
 *   <array name>/snapshots/<name>/…       the same two, as they were
 *   .making.<intent>/…                    not a volume yet
 *   .removing.<uuid>/…                    no volume any more
 *   .netappdvp                            which directory this is (marker.ts)
 *
 * Invariants:
 * - a volume or snapshot appears and goes by one rename, whole; a taken name refuses that rename, whoever took it;
 * - its size is the length of `data`, recorded nowhere else;
 * - only names that begin with `.making.` or `.removing.` are ever deleted.
 */

import { lstat, mkdir, open, readdir, readFile, rename, rmdir, stat, statfs, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { replaceFile, syncDirectory } from '../../durable-file.ts'
import { BackendError, reasonOf } from '../../errors.ts'
import type { Format } from '../../publication.ts'
import type { Bytes } from '../../units.ts'
import type { IntentId } from '../driver.ts'
import type { Options } from './config.ts'
import { ignore, translate } from './faults.ts'
import { Marker } from './marker.ts'

/** What volume.json holds. */
export interface VolumeRecord {
  readonly version: 1
  readonly dockerName: string
  readonly createdAt: string
  readonly options: Options
  readonly format: Format
  readonly intent?: IntentId
  readonly clonedFrom?: string
}

export interface StoredVolume {
  readonly name: string
  readonly record: VolumeRecord
  readonly size: Bytes
}

const RECORD = 'volume.json'
const DATA = 'data'
const SNAPSHOTS = 'snapshots'
const MAKING = '.making.'
const REMOVING = '.removing.'

export class Store {
  readonly directory: string
  readonly #marker: Marker

  /** @param stateDirectory where this instance remembers which directory it uses */
  constructor(directory: string, stateDirectory: string) {
    this.directory = directory
    this.#marker = new Marker(directory, stateDirectory)
  }

  /**
   * Makes the directory if its parent exists, and finishes removals that were interrupted.
   *
   * @throws BackendError UNREACHABLE when it is not the directory this instance used before
   */
  async open(): Promise<void> {
    await translate(`use ${this.directory} for volumes`, async () => {
      await this.#marker.open()
      for (const name of await readdir(this.directory)) {
        if (name.startsWith(REMOVING)) await this.#deleteTree(name)
      }
    })
  }

  dataPath(name: string, snapshot?: string): string {
    return join(this.#path(name, snapshot), DATA)
  }

  /** @throws BackendError UNREACHABLE | MALFORMED */
  async find(name: string, snapshot?: string): Promise<StoredVolume | undefined> {
    return translate(`read volume "${name}"`, async () => {
      const path = join(this.#path(name, snapshot), RECORD)
      const text = await readIfThere(path)
      if (text === undefined) {
        await this.#marker.ensureThere()
        return undefined
      }
      const record = parseRecord(text, path)
      const data = await stat(this.dataPath(name, snapshot)).catch((error) => ignore(error, 'ENOENT'))
      if (data) return { name: snapshot ?? name, record, size: data.size as Bytes }
      // Removed between the two, or really without its data.
      if ((await readIfThere(path)) === undefined) return undefined
      throw malformed(this.dataPath(name, snapshot), 'it is missing')
    })
  }

  async names(): Promise<readonly string[]> {
    const entries = await translate('list the volumes', async () => {
      await this.#marker.ensureThere()
      return readdir(this.directory, { withFileTypes: true })
    })
    return entries.filter((entry) => entry.isDirectory() && PATH_PART.test(entry.name)).map(({ name }) => name)
  }

  async snapshotNames(name: string): Promise<readonly string[]> {
    const names = await translate(`list the snapshots of "${name}"`, () =>
      readdir(join(this.#path(name), SNAPSHOTS)).catch((error) => ignore(error, 'ENOENT')),
    )
    return (names ?? []).filter((snapshot) => !snapshot.startsWith('.'))
  }

  /**
   * Makes a volume or snapshot: `fill` writes the data file at the path it is given, then it appears under its name.
   *
   * @throws BackendError ALREADY_EXISTS; what `fill` throws
   */
  async make(target: Target, record: VolumeRecord, fill: (dataPath: string) => Promise<void>): Promise<void> {
    const parent = target.snapshot === undefined ? this.directory : join(this.#path(target.name), SNAPSHOTS)
    const making = join(this.directory, MAKING + (record.intent ?? crypto.randomUUID()))
    await translate(`make "${target.snapshot ?? target.name}"`, async () => {
      await this.#marker.ensureThere()
      await mkdir(making, { mode: 0o700 })
      await fill(join(making, DATA))
      await sync(join(making, DATA))
      await replaceFile(join(making, RECORD), JSON.stringify(record))
      if (target.snapshot !== undefined) await mkdir(parent, { mode: 0o700 }).catch((error) => ignore(error, 'EEXIST'))
      await rename(making, this.#path(target.name, target.snapshot))
      await syncDirectory(parent)
    }).catch(async (error) => {
      await this.discard(making.slice(this.directory.length + 1 + MAKING.length))
      throw error
    })
  }

  /** Replaces what is recorded of a volume. @throws BackendError NOT_FOUND */
  async update(name: string, change: (record: VolumeRecord) => VolumeRecord): Promise<void> {
    const stored = await this.get(name)
    await replaceFile(join(this.#path(name), RECORD), JSON.stringify(change(stored.record)))
  }

  /** Replaces a volume's data by what `fill` writes at the path it is given. */
  async replaceData(name: string, fill: (dataPath: string) => Promise<void>): Promise<void> {
    const fresh = `${this.dataPath(name)}.new`
    await translate(`replace the data of "${name}"`, async () => {
      await unlink(fresh).catch((error) => ignore(error, 'ENOENT'))
      await fill(fresh)
      await sync(fresh)
      await rename(fresh, this.dataPath(name))
      await syncDirectory(this.#path(name))
    })
  }

  /** @throws BackendError NOT_FOUND */
  async get(name: string, snapshot?: string): Promise<StoredVolume> {
    const found = await this.find(name, snapshot)
    if (found) return found
    const what = snapshot === undefined ? `volume "${name}"` : `snapshot "${snapshot}" of volume "${name}"`
    throw new BackendError('NOT_FOUND', `There is no ${what} in ${this.directory}.`)
  }

  /** @throws BackendError NOT_FOUND */
  async remove(name: string, snapshot?: string): Promise<void> {
    const removing = REMOVING + crypto.randomUUID()
    await translate(`remove "${snapshot ?? name}"`, async () => {
      await this.#marker.ensureThere()
      await rename(this.#path(name, snapshot), join(this.directory, removing))
      await syncDirectory(this.directory)
      await this.#deleteTree(removing)
    })
  }

  /** Deletes what an interrupted `make` has left under its intent. */
  async discard(intent: string): Promise<void> {
    await translate('tidy up', () => this.#deleteTree(MAKING + intent))
  }

  /** Bytes that can still be written. */
  async free(): Promise<number> {
    return translate('measure the space', async () => {
      const { bavail, bsize } = await statfs(this.directory)
      return bavail * bsize
    })
  }

  /** Bytes of the filesystem below the directory, and of these what is used or was promised to a volume. */
  async space(): Promise<{ readonly total: number; readonly promised: number }> {
    return translate('measure the space', async () => {
      const { blocks, bfree, bsize } = await statfs(this.directory)
      const unwritten = await Promise.all((await this.names()).map((name) => this.#unwritten(name)))
      const promised = (blocks - bfree) * bsize + unwritten.reduce((sum, bytes) => sum + bytes, 0)
      return { total: blocks * bsize, promised }
    })
  }

  async #unwritten(name: string): Promise<number> {
    const data = await stat(this.dataPath(name)).catch((error) => ignore(error, 'ENOENT'))
    return data ? Math.max(0, data.size - data.blocks * STAT_BLOCK) : 0
  }

  #path(name: string, snapshot?: string): string {
    for (const part of snapshot === undefined ? [name] : [name, snapshot]) {
      if (!PATH_PART.test(part))
        throw new BackendError('REFUSED', `${JSON.stringify(part)} cannot be a file name here.`)
    }
    const path = join(this.directory, name)
    return snapshot === undefined ? path : join(path, SNAPSHOTS, snapshot)
  }

  /** Deletes one tree of ours: files, and directories two levels deep. Never follows a link. */
  async #deleteTree(name: string): Promise<void> {
    if (!name.startsWith(MAKING) && !name.startsWith(REMOVING)) throw new Error(`${name} is not for deletion`)
    await deleteBelow(join(this.directory, name))
  }
}

export interface Target {
  readonly name: string
  readonly snapshot?: string
}

/** st_blocks counts 512 bytes whatever the filesystem. */
const STAT_BLOCK = 512

/** What array names are made of: nothing hidden, nothing that climbs, no `lost+found`. */
const PATH_PART = /^(?!lost\+found$)[A-Za-z0-9_][A-Za-z0-9_.+-]*$/

async function deleteBelow(path: string): Promise<void> {
  const found = await lstat(path).catch((error) => ignore(error, 'ENOENT'))
  if (!found) return
  if (!found.isDirectory()) {
    await unlink(path).catch((error) => ignore(error, 'ENOENT'))
    return
  }
  for (const name of await readdir(path)) await deleteBelow(join(path, name))
  await rmdir(path).catch((error) => ignore(error, 'ENOENT'))
}

async function sync(path: string): Promise<void> {
  const file = await open(path, 'r')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}

function parseRecord(text: string, path: string): VolumeRecord {
  let record: Partial<VolumeRecord>
  try {
    record = JSON.parse(text) as Partial<VolumeRecord>
  } catch (error) {
    throw malformed(path, `it is not JSON (${reasonOf(error)})`)
  }
  if (record?.version !== 1) throw malformed(path, `its version is ${JSON.stringify(record?.version)}, not 1`)
  for (const key of ['dockerName', 'createdAt', 'options', 'format'] as const) {
    if (record[key] === undefined) throw malformed(path, `"${key}" is missing`)
  }
  if (Number.isNaN(Date.parse(record.createdAt!)))
    throw malformed(path, `"createdAt" is ${JSON.stringify(record.createdAt)}`)
  return record as VolumeRecord
}

function malformed(path: string, reason: string): BackendError {
  return new BackendError(
    'MALFORMED',
    `Cannot use ${path}: ${reason}. What is beside it is untouched; restore the file from a backup.`,
  )
}

function readIfThere(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch((error) => ignore(error, 'ENOENT', 'ENOTDIR'))
}
