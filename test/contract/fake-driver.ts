/** A driver in memory that keeps the contract, and fails where a test asks it to. */

import {
  type Driver,
  defineDriver,
  type NewClone,
  type NewVolume,
  type OptionValues,
  type Snapshot,
  type SnapshotOperations,
  type Volume,
} from '../../src/drivers/driver.ts'
import { BackendError } from '../../src/errors.ts'
import type { ArrayName } from '../../src/names.ts'
import type { Filesystem, Format, Publication } from '../../src/publication.ts'
import { type Bytes, GIB, MIB } from '../../src/units.ts'

export interface FakeOptions {
  readonly fileSystemType: Filesystem
  readonly tier?: string
}

interface FakeVolume extends Volume {
  readonly format: Format
  readonly snapshots: readonly Snapshot[]
}

export class FakeDriver implements Driver<FakeOptions> {
  readonly volumes = new Map<ArrayName, FakeVolume>()
  readonly published = new Set<ArrayName>()
  readonly calls: string[] = []
  /** The next call of this name throws this. */
  readonly faults = new Map<string, unknown>()
  /** Calls of this name wait for this. */
  readonly holds = new Map<string, Promise<void>>()

  async create(_ctx: unknown, { name, dockerName, size, options, intent }: NewVolume<FakeOptions>) {
    await this.#called('create')
    this.#refuseTaken(name)
    this.volumes.set(name, { ...this.newVolume(name, dockerName), size, options: { ...options }, intent })
  }

  /** A volume as somebody else may have made it. */
  newVolume(name: ArrayName, dockerName: string): FakeVolume {
    const empty = { options: {}, snapshots: [], format: { state: 'new' } } as const
    return { name, dockerName, size: GIB, createdAt: new Date(), ...empty }
  }

  async clone(_ctx: unknown, { name, dockerName, source, snapshot, size, options, intent }: NewClone<FakeOptions>) {
    await this.#called('clone')
    const original = this.#get(source)
    if (snapshot !== undefined) this.#snapshot(source, snapshot)
    this.#refuseTaken(name)
    this.volumes.set(name, {
      ...original,
      name,
      dockerName,
      size: size ?? original.size,
      options: { ...original.options, ...options },
      intent,
      clonedFrom: source,
      createdAt: new Date(),
      snapshots: [],
    })
  }

  async discard(_ctx: unknown, name: ArrayName, intent: string) {
    await this.#called('discard')
    if (this.volumes.get(name)?.intent === intent) this.volumes.delete(name)
  }

  async remove(_ctx: unknown, { name }: Volume) {
    await this.#called('remove')
    this.#get(name)
    this.volumes.delete(name)
  }

  async find(_ctx: unknown, name: ArrayName): Promise<Volume | undefined> {
    await this.#called('find')
    return this.volumes.get(name)
  }

  async list(_ctx?: unknown): Promise<readonly Volume[]> {
    await this.#called('list')
    return [...this.volumes.values()]
  }

  async resize(_ctx: unknown, name: ArrayName, size: Bytes) {
    await this.#called('resize')
    const volume = this.#get(name)
    if (size < volume.size) throw new BackendError('REFUSED', `Cannot shrink "${name}".`)
    this.volumes.set(name, { ...volume, size })
  }

  async keep(_ctx: unknown, { name }: Volume) {
    await this.#called('keep')
    const { intent, ...volume } = this.#get(name)
    this.volumes.set(name, volume)
  }

  readonly snapshots: SnapshotOperations = {
    list: async (_ctx, { name }) => this.#get(name).snapshots,
    create: async (_ctx, name, snapshot) => {
      await this.#called('snapshots.create')
      const volume = this.#get(name)
      if (volume.snapshots.some((known) => known.name === snapshot)) {
        throw new BackendError('ALREADY_EXISTS', `There is a snapshot "${snapshot}".`)
      }
      const made = { name: snapshot, createdAt: new Date(), size: volume.size }
      this.volumes.set(name, { ...volume, snapshots: [...volume.snapshots, made] })
    },
    remove: async (_ctx, name, snapshot) => {
      this.#snapshot(name, snapshot)
      const volume = this.#get(name)
      this.volumes.set(name, { ...volume, snapshots: volume.snapshots.filter((known) => known.name !== snapshot) })
    },
    restore: async (_ctx, name, snapshot) => {
      this.#snapshot(name, snapshot)
    },
  }

  async publish(_ctx: unknown, name: ArrayName): Promise<Publication> {
    await this.#called('publish')
    const { intent, ...volume } = this.#get(name)
    if (volume.belongsTo !== undefined) throw new BackendError('NOT_FOUND', `"${name}" is of ${volume.belongsTo}.`)
    this.volumes.set(name, volume)
    this.published.add(name)
    const filesystem = volume.options['fileSystemType'] as Filesystem
    return { kind: 'file', path: `/fake/${name}`, size: volume.size, filesystem, format: volume.format, discard: true }
  }

  async unpublish(_ctx: unknown, name: ArrayName) {
    await this.#called('unpublish')
    this.published.delete(name)
  }

  async noteFormat(_ctx: unknown, name: ArrayName, format: Format) {
    await this.#called(`noteFormat ${format.state}`)
    this.volumes.set(name, { ...this.#get(name), format })
  }

  async close() {}

  async #called(call: string) {
    this.calls.push(call)
    await this.holds.get(call)
    const fault = this.faults.get(call)
    this.faults.delete(call)
    if (fault !== undefined) throw fault
  }

  #get(name: ArrayName): FakeVolume {
    const volume = this.volumes.get(name)
    if (!volume) throw new BackendError('NOT_FOUND', `There is no "${name}".`)
    return volume
  }

  #snapshot(name: ArrayName, snapshot: string) {
    if (this.#get(name).snapshots.some((known) => known.name === snapshot)) return
    throw new BackendError('NOT_FOUND', `There is no snapshot "${snapshot}" of "${name}".`)
  }

  #refuseTaken(name: ArrayName) {
    if (this.volumes.has(name)) throw new BackendError('ALREADY_EXISTS', `There is a "${name}".`)
  }
}

export const fakeDefinition = defineDriver<object, FakeOptions>({
  label: 'Fake',
  config: {},
  options: {
    fileSystemType: {
      type: 'string',
      enum: ['ext4', 'ext3', 'xfs'],
      default: 'ext4',
      aliases: ['fstype'],
      inherited: true,
      description: 'Filesystem.',
    },
    tier: { type: 'string', description: 'Which shelf.' },
  },
  names: { maxLength: 64 },
  prefix: 'setting',
  sizeStep: 4096,
  minimumSize: () => (20 * MIB) as Bytes,
  copiesNeedQuiet: true,
  deletePolicies: ['purge', 'retain'],
  tools: [],
  optionalTools: [],
  open: async () => new FakeDriver(),
})

export type { OptionValues }
