/** solidfire-san: volumes of an Element (SolidFire) cluster over iSCSI, one target a volume, one account an instance. */

import type { Element, ElementLimits, ElementVolume } from '../../backends/element/element.ts'
import type { Context } from '../../context.ts'
import { BackendError, hasCode, reasonOf } from '../../errors.ts'
import type { ArrayName } from '../../names.ts'
import type { Format, IscsiPublication } from '../../publication.ts'
import { mapInSlices } from '../../slices.ts'
import { type Bytes, printSize } from '../../units.ts'
import type {
  Driver,
  DriverSettings,
  InspectedVolume,
  IntentId,
  NewClone,
  NewVolume,
  Snapshot,
  SnapshotOperations,
  Volume,
} from '../driver.ts'
import type { Config, Options } from './config.ts'
import { makeTheOne, takeBack } from './making.ts'
import * as marks from './marks.ts'
import { elementNameOf, isCopyOfAnother, type NameSettings } from './names.ts'
import { OptionReader } from './options.ts'
import { portalOf } from './portal.ts'
import { parseQos, printQos, typeOf } from './qos.ts'
import { Records } from './records.ts'
import { snapshotNamed, snapshotOf, snapshotsOf } from './snapshots.ts'
import type { Tenant } from './tenant.ts'

/** What the driver is made of; see open.ts. */
export interface Parts {
  readonly element: Element
  readonly tenant: Tenant
  readonly limits: ElementLimits
  readonly names: NameSettings
  readonly settings: DriverSettings<Config>
}

export class SolidfireDriver implements Driver<Options> {
  readonly #element: Element
  readonly #tenant: Tenant
  readonly #settings: DriverSettings<Config>
  readonly #portal: string
  readonly #options: OptionReader
  readonly #names: NameSettings
  readonly #records: Records
  readonly snapshots: SnapshotOperations
  readonly maximumSize: Bytes

  constructor({ element, tenant, limits, names, settings }: Parts) {
    this.#element = element
    this.#tenant = tenant
    this.#settings = settings
    this.#portal = portalOf(settings.config.SVIP)
    this.#names = names
    this.#records = new Records(element, tenant)
    this.#options = new OptionReader(settings.config.Types ?? [], limits)
    this.snapshots = snapshotsOf(element, tenant)
    this.maximumSize = limits.volumeSizeMax
  }

  resolveOptions(asked: Partial<Options>, options: Options) {
    return this.#options.resolve(asked, options)
  }

  async create(ctx: Context, volume: NewVolume<Options>): Promise<void> {
    const { name, dockerName, size, intent, options } = volume
    const { qos, blocksize = this.#settings.config.DefaultBlockSize, fileSystemType: filesystem } = options
    const attributes = marks.attributesOf({ dockerName, filesystem, intent, format: { state: 'new' } })
    await this.#make(ctx, volume, () =>
      this.#element.volumes.create(ctx, {
        name: elementNameOf(name),
        accountId: this.#tenant.accountId,
        size,
        enable512e: blocksize === 512,
        attributes,
        ...qosOf(qos),
      }),
    )
  }

  async clone(ctx: Context, volume: NewClone<Options>): Promise<void> {
    const { name, dockerName, intent, options, size } = volume
    const source = await this.#tenant.get(ctx, volume.source)
    refuseUnsettled(volume.source, marks.formatIn(source.attributes, `volume "${volume.source}"`))
    const snapshot =
      volume.snapshot === undefined
        ? undefined
        : await snapshotNamed(this.#element, ctx, volume.source, source.id, volume.snapshot)
    // A snapshot of ours knows how far the volume was formatted then.
    const origin = snapshot && marks.hasFormat(snapshot.attributes) ? snapshot : source
    const made = await this.#make(ctx, volume, () =>
      this.#element.volumes.clone(ctx, {
        sourceId: source.id,
        name: elementNameOf(name),
        accountId: this.#tenant.accountId,
        attributes: marks.attributesOf({
          dockerName,
          filesystem: marks.filesystemIn(source.attributes),
          format: marks.formatIn(origin.attributes, `volume "${volume.source}"`),
          intent,
          clonedFrom: volume.source,
        }),
        ...(snapshot && { snapshotId: snapshot.id }),
        ...(size !== undefined && { size }),
      }),
    )
    if (options.qos === undefined) return
    await this.#orDiscard(ctx, volume, () => this.#element.volumes.modify(ctx, made.id, { ...qosOf(options.qos) }))
  }

  async discard(ctx: Context, name: ArrayName, intent: IntentId): Promise<void> {
    for (const volume of await this.#tenant.named(ctx, name)) {
      if (marks.intentIn(volume.attributes) === intent) await takeBack(this.#element, ctx, volume.id)
      else await this.#discardSnapshots(ctx, volume, intent)
    }
  }

  async remove(ctx: Context, { name, id }: Volume): Promise<void> {
    const volumeId = id === undefined ? (await this.#tenant.get(ctx, name)).id : Number(id)
    await this.#element.volumes.remove(ctx, volumeId)
    if (this.#settings.deletePolicy === 'purge') return this.#purge(ctx, name, volumeId)
    ctx.log.info('Deleted. The array keeps the volume for about eight hours.', { volume: name, volumeId })
  }

  async find(ctx: Context, name: ArrayName): Promise<Volume | undefined> {
    const found = await this.#tenant.find(ctx, name)
    return found && this.#volumeOf(name, found)
  }

  /** Asks for both at once where the volume's ID is known: two calls, and the time of one. */
  async inspect(ctx: Context, name: ArrayName): Promise<InspectedVolume | undefined> {
    const expected = this.#tenant.lastIdOf(name)
    const early = expected === undefined ? undefined : this.#snapshotsOf(ctx, expected)
    early?.catch(() => {})
    const found = await this.#tenant.find(ctx, name)
    if (!found) return undefined
    const snapshots = await (found.id === expected && early ? early : this.#snapshotsOf(ctx, found.id))
    return { volume: this.#volumeOf(name, found), snapshots }
  }

  async list(ctx: Context): Promise<readonly Volume[]> {
    return mapInSlices([...(await this.#tenant.list(ctx))], ([name, [volume]]) => this.#volumeOf(name, volume!))
  }

  async resize(ctx: Context, name: ArrayName, size: Bytes): Promise<void> {
    const { id, size: before } = await this.#tenant.get(ctx, name)
    if (size < before) {
      throw new BackendError(
        'REFUSED',
        `Cannot shrink volume "${name}" from ${printSize(before)} to ${printSize(size)}.`,
      )
    }
    await this.#element.volumes.modify(ctx, id, { size })
  }

  async publish(ctx: Context, name: ArrayName): Promise<IscsiPublication> {
    const { accountId } = this.#tenant
    const [volume, account] = await Promise.all([
      this.#tenant.get(ctx, name),
      this.#element.accounts.get(ctx, accountId).catch((error) => refuseMissing(error, `account ${accountId}`)),
    ])
    const format = marks.formatIn(volume.attributes, `volume "${name}"`)
    refuseUnusable(name, volume)
    if (marks.intentIn(volume.attributes) !== undefined) await this.#records.dropIntent(ctx, name)
    await this.#joinGroups(ctx, volume)
    return {
      kind: 'iscsi',
      target: volume.iqn,
      portals: [this.#portal],
      lun: 0,
      naa: volume.naa,
      ownTarget: true,
      interface: this.#settings.config.InitiatorIFace,
      size: volume.size,
      filesystem: marks.filesystemIn(volume.attributes),
      format,
      discard: false,
      ...(account.enableChap !== false && { chap: { user: account.username, secret: account.initiatorSecret } }),
    }
  }

  /** Any host that knows the account's secret may log in; nothing is granted to one host that could be taken away. */
  async unpublish(): Promise<void> {}

  async keep(ctx: Context, { name, id }: Volume): Promise<void> {
    const volume = await this.#tenant.get(ctx, name)
    if (String(volume.id) === id) await this.#records.dropIntent(ctx, name)
  }

  noteFormat(ctx: Context, name: ArrayName, format: Format): Promise<void> {
    return this.#records.noteFormat(ctx, name, format)
  }

  close(): Promise<void> {
    return this.#element.close()
  }

  async #make(
    ctx: Context,
    { name, intent }: { readonly name: ArrayName; readonly intent: IntentId },
    make: () => Promise<unknown>,
  ): Promise<ElementVolume> {
    const made = await makeTheOne({ element: this.#element, tenant: this.#tenant }, ctx, { name, intent }, make)
    await this.#orDiscard(ctx, { name, intent }, () => this.#joinGroups(ctx, made))
    return made
  }

  /** nDVP left a clone behind whose quality of service it could not set. One that another host counts on by now stays. */
  async #orDiscard(
    ctx: Context,
    { name, intent }: { readonly name: ArrayName; readonly intent: IntentId },
    work: () => Promise<unknown>,
  ): Promise<void> {
    try {
      await work()
    } catch (error) {
      await this.discard(ctx, name, intent)
      throw error
    }
  }

  async #joinGroups(ctx: Context, { id, accessGroups }: ElementVolume): Promise<void> {
    for (const group of this.#settings.config.AccessGroups ?? []) {
      if (accessGroups.includes(group)) continue
      await this.#element.accessGroups
        .addVolumes(ctx, group, [id])
        .catch((error) => refuseMissing(error, `volume access group ${group} of the setting "AccessGroups"`))
    }
  }

  /** The volume is gone by now, whatever comes: asking again would find none. */
  async #purge(ctx: Context, name: ArrayName, volumeId: number): Promise<void> {
    try {
      await this.#element.volumes.purge(ctx, volumeId)
    } catch (error) {
      const reason = reasonOf(error)
      ctx.log.warn('Deleted, but not purged: the array keeps it for about eight hours.', {
        volume: name,
        volumeId,
        reason,
      })
    }
  }

  /** None for a volume that goes away meanwhile. */
  async #snapshotsOf(ctx: Context, volumeId: number): Promise<readonly Snapshot[]> {
    try {
      return (await this.#element.snapshots.ofVolume(ctx, volumeId)).map(snapshotOf)
    } catch (error) {
      if (!hasCode(error, 'NOT_FOUND')) throw error
      return []
    }
  }

  async #discardSnapshots(ctx: Context, { id }: ElementVolume, intent: IntentId): Promise<void> {
    for (const snapshot of await this.#element.snapshots.ofVolume(ctx, id)) {
      if (marks.intentIn(snapshot.attributes) === intent) await this.#element.snapshots.remove(ctx, snapshot.id)
    }
  }

  #volumeOf(name: ArrayName, volume: ElementVolume): Volume {
    const { id, size, createdAt, iqn, access, attributes, qos } = volume
    const { prefix, config: own } = this.#settings
    const type = typeOf(own.Types ?? [], qos)
    const [intent, from] = [marks.intentIn(attributes), marks.clonedFromIn(attributes)]
    return {
      name,
      id: String(id),
      ...(name.startsWith(prefix) && { dockerName: name.slice(prefix.length) }),
      size,
      createdAt,
      options: {
        fileSystemType: marks.filesystemIn(attributes),
        qos: printQos(qos),
        blocksize: volume.enable512e ? 512 : 4096,
        ...(type && { type: type.Type }),
      },
      status: { iqn, volumeID: id, arrayName: volume.name, access },
      ...((marks.isForeign(attributes) || isCopyOfAnother(volume, this.#names)) && { foreign: true }),
      ...(intent !== undefined && { intent }),
      ...(from !== undefined && { clonedFrom: from as ArrayName }),
    }
  }
}

/** What is missing is not the volume: that is for whoever keeps the array or the config to see. */
function refuseMissing(error: unknown, what: string): never {
  if (!hasCode(error, 'NOT_FOUND')) throw error
  throw new BackendError('REFUSED', `The array has no ${what}. Make it there, or correct the configuration.`, {
    cause: error,
  })
}

/** The text has been resolved, and so can be read. */
function qosOf(text: string | undefined) {
  const qos = text === undefined ? undefined : parseQos(text)
  return typeof qos === 'object' ? { qos } : {}
}

/** A copy of a disk that is just being formatted would say so of itself for ever. @throws BackendError BUSY */
function refuseUnsettled(name: ArrayName, { state }: Format): void {
  if (state !== 'formatting') return
  throw new BackendError(
    'BUSY',
    `Cannot copy volume "${name}" while it is being formatted. Try again when it is mounted.`,
  )
}

/** @throws BackendError BUSY | REFUSED */
function refuseUnusable(name: ArrayName, { id, status, access }: ElementVolume): void {
  if (status === 'init') {
    throw new BackendError('BUSY', `Cannot use volume "${name}" yet: the array is still copying it (volumeID ${id}).`)
  }
  if (access === 'readWrite') return
  throw new BackendError(
    'REFUSED',
    `Cannot use volume "${name}": its access on the array is "${access}" (volumeID ${id}). Set it to readWrite there.`,
  )
}
