/** local-file: no array. A sparse file a volume in a directory of this host: the embedded default, and the reference. */

import { join } from 'node:path'
import { mapAtMost } from '../../concurrency.ts'
import type { Context } from '../../context.ts'
import { BackendError, hasCode, reasonOf } from '../../errors.ts'
import type { ArrayName } from '../../names.ts'
import type { FilePublication, Format } from '../../publication.ts'
import { type Bytes, printSize } from '../../units.ts'
import {
  type Driver,
  type DriverSettings,
  defineDriver,
  type IntentId,
  type NewClone,
  type NewVolume,
  type Snapshot,
  type SnapshotOperations,
  type Volume,
} from '../driver.ts'
import { type Config, config, minimumSize, type Options, options } from './config.ts'
import { copyData, makeFile } from './copy.ts'
import { refuseBeyondFree, refuseOvercommit } from './limits.ts'
import { Store, type StoredVolume } from './store.ts'

export const localFile = defineDriver<Config, Options>({
  label: 'Local File',
  config,
  options,
  // A file name has 255 bytes; what is left over keeps paths below a mount root short.
  names: { maxLength: 200, hashMark: '+' },
  prefix: 'setting',
  sizeStep: 4096,
  minimumSize,
  copiesNeedQuiet: true,
  deletePolicies: ['purge', 'retain'],
  tools: ['losetup', 'blkid', 'mount', 'umount', 'fsfreeze', 'fallocate', 'cp', 'mkfs.ext4', 'e2fsck', 'resize2fs'],
  optionalTools: ['mkfs.xfs', 'xfs_growfs', 'xfs_repair'],

  async open(settings) {
    const { config: own, stateDirectory } = settings
    const store = new Store(own.directory ?? join(stateDirectory, 'volumes'), stateDirectory)
    await store.open()
    return new LocalFileDriver(store, settings)
  },
})

/** As many as the thread pool can keep busy: asking for thousands at once would hold up everything else meanwhile. */
const LISTED_AT_ONCE = 16

class LocalFileDriver implements Driver<Options> {
  readonly #store: Store
  readonly #settings: DriverSettings<Config>
  readonly snapshots: SnapshotOperations

  constructor(store: Store, settings: DriverSettings<Config>) {
    this.#store = store
    this.#settings = settings
    this.snapshots = {
      list: (_ctx, { name }) => this.#snapshotsOf(name),
      create: (ctx, name, snapshot, intent) => this.#createSnapshot(ctx, name, snapshot, intent),
      remove: (_ctx, name, snapshot) => store.remove(name, snapshot),
      restore: (ctx, name, snapshot) => this.#restoreSnapshot(ctx, name, snapshot),
    }
  }

  async create(ctx: Context, volume: NewVolume<Options>): Promise<void> {
    const { name, dockerName, size, options, intent } = volume
    await this.#refuseOvercommit(size, options.spaceReserve)
    const record = { version: 1, dockerName, createdAt: now(), options, format: { state: 'new' }, intent } as const
    await this.#store.make({ name }, record, (data) =>
      makeFile(this.#settings.run, ctx, data, size, options.spaceReserve === 'volume'),
    )
  }

  async clone(ctx: Context, volume: NewClone<Options>): Promise<void> {
    const { name, dockerName, intent } = volume
    const source = await this.#store.get(volume.source, volume.snapshot)
    const options = { ...source.record.options, ...volume.options }
    const size = volume.size ?? source.size
    await this.#refuseOvercommit(size, options.spaceReserve)
    const record = {
      version: 1,
      dockerName,
      createdAt: now(),
      options,
      format: source.record.format,
      intent,
      clonedFrom: volume.source,
    } as const
    await this.#store.make({ name }, record, async (data) => {
      const reserved = options.spaceReserve === 'volume'
      await copyData(this.#settings.run, ctx, this.#store.dataPath(volume.source, volume.snapshot), data, reserved)
      if (size > source.size) await makeFile(this.#settings.run, ctx, data, size, reserved)
    })
  }

  async discard(_ctx: Context, name: ArrayName, intent: IntentId): Promise<void> {
    await this.#store.discard(intent)
    const found = await this.#store.find(name)
    if (found?.record.intent === intent) await this.#store.remove(name)
  }

  remove(_ctx: Context, { name }: Volume): Promise<void> {
    return this.#store.remove(name)
  }

  async find(_ctx: Context, name: ArrayName): Promise<Volume | undefined> {
    const found = await this.#store.find(name)
    return found && volumeOf(found)
  }

  /** A volume whose record is damaged is left out, loudly: the others are still to be listed. */
  async list(ctx: Context): Promise<readonly Volume[]> {
    const ours = (await this.#store.names()).filter((name) => name.startsWith(this.#settings.prefix)) as ArrayName[]
    const found = await mapAtMost(LISTED_AT_ONCE, ours, (name) =>
      this.#store.find(name).catch((error) => {
        if (!hasCode(error, 'MALFORMED')) throw error
        ctx.log.error('A volume is left out of the list.', { volume: name, reason: reasonOf(error) })
        return undefined
      }),
    )
    return found.filter((stored) => stored !== undefined).map(volumeOf)
  }

  async resize(ctx: Context, name: ArrayName, size: Bytes): Promise<void> {
    const { size: before, record } = await this.#store.get(name)
    if (size < before) {
      throw new BackendError(
        'REFUSED',
        `Cannot shrink volume "${name}" from ${printSize(before)} to ${printSize(size)}.`,
      )
    }
    await this.#refuseOvercommit((size - before) as Bytes, record.options.spaceReserve)
    const reserved = record.options.spaceReserve === 'volume'
    await makeFile(this.#settings.run, ctx, this.#store.dataPath(name), size, reserved)
  }

  async publish(_ctx: Context, name: ArrayName): Promise<FilePublication> {
    const { record, size } = await this.#store.get(name)
    if (record.intent !== undefined) await this.#dropIntent(name)
    return {
      kind: 'file',
      path: this.#store.dataPath(name),
      size,
      filesystem: record.options.fileSystemType,
      format: record.format,
      discard: record.options.spaceReserve === 'none',
    }
  }

  keep(_ctx: Context, { name }: Volume): Promise<void> {
    return this.#dropIntent(name)
  }

  /** Nothing is granted, so nothing is taken away. */
  async unpublish(): Promise<void> {}

  noteFormat(_ctx: Context, name: ArrayName, format: Format): Promise<void> {
    return this.#store.update(name, (record) => ({ ...record, format }))
  }

  async close(): Promise<void> {}

  #dropIntent(name: ArrayName): Promise<void> {
    return this.#store.update(name, ({ intent, ...rest }) => rest)
  }

  async #createSnapshot(ctx: Context, name: ArrayName, snapshot: string, intent: IntentId): Promise<void> {
    const { record } = await this.#store.get(name)
    await this.#store.make({ name, snapshot }, { ...record, createdAt: now(), intent }, (data) =>
      copyData(this.#settings.run, ctx, this.#store.dataPath(name), data, false),
    )
  }

  /** The copy takes the place of the data by one rename, and brings back the record's format with it. */
  async #restoreSnapshot(ctx: Context, name: ArrayName, snapshot: string): Promise<void> {
    const { record } = await this.#store.get(name, snapshot)
    const current = await this.#store.get(name)
    const reserved = current.record.options.spaceReserve === 'volume'
    await this.#store.replaceData(name, (data) =>
      copyData(this.#settings.run, ctx, this.#store.dataPath(name, snapshot), data, reserved),
    )
    await this.noteFormat(ctx, name, record.format)
  }

  async #refuseOvercommit(more: Bytes, reserve: Options['spaceReserve']): Promise<void> {
    const { directory } = this.#store
    const limit = this.#settings.config.limitAggregateUsage
    if (reserve === 'volume') refuseBeyondFree(await this.#store.free(), more, directory)
    if (limit !== undefined) refuseOvercommit(await this.#store.space(), limit, more, directory)
  }

  async #snapshotsOf(name: ArrayName): Promise<readonly Snapshot[]> {
    const names = await this.#store.snapshotNames(name)
    const found = await Promise.all(names.map((snapshot) => this.#store.find(name, snapshot)))
    return found
      .filter((stored) => stored !== undefined)
      .map((stored) => ({ name: stored.name, createdAt: new Date(stored.record.createdAt), size: stored.size }))
  }
}

function volumeOf({ name, record, size }: StoredVolume): Volume {
  const { dockerName, createdAt, options, intent, clonedFrom } = record
  return {
    name: name as ArrayName,
    dockerName,
    size,
    createdAt: new Date(createdAt),
    options: { ...options },
    ...(intent !== undefined && { intent }),
    ...(clonedFrom !== undefined && { clonedFrom: clonedFrom as ArrayName }),
  }
}

function now(): string {
  return new Date().toISOString()
}
