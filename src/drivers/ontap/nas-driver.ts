/** Volumes that are FlexVols or FlexGroups of one SVM, each mounted at its own junction over NFS. */

import type { Ontap, OntapVolume } from '../../backends/ontap/ontap.ts'
import type { Context } from '../../context.ts'
import { BackendError, RequestError } from '../../errors.ts'
import type { ArrayName } from '../../names.ts'
import { parseNfsMountOptions } from '../../nfs-options.ts'
import type { HostIdentity, NfsPublication } from '../../publication.ts'
import { mapInSlices } from '../../slices.ts'
import { type Bytes, printSize } from '../../units.ts'
import type {
  Driver,
  DriverSettings,
  InspectedVolume,
  IntentId,
  NewClone,
  NewVolume,
  SnapshotOperations,
  Volume,
} from '../driver.ts'
import type { CloneSnapshots } from './clone-snapshots.ts'
import type { DataLif } from './data-lif.ts'
import { Finding } from './finding.ts'
import type { Heartbeat } from './heartbeat.ts'
import type { HostRules } from './host-rules.ts'
import { Maker } from './making.ts'
import { commentOf, isForeign, marksIn, withoutIntent } from './marks.ts'
import { withNamesOf } from './missing-names.ts'
import type { OptionsResolver, PooledOptions } from './nas-options-of.ts'
import type { VolumeSettings } from './nas-settings.ts'
import type { Placement } from './placement.ts'
import { removeVolume } from './removing.ts'
import { withoutReserve, withReserve } from './sizes.ts'
import { snapshotsOf } from './snapshots.ts'
import { spread } from './spread.ts'
import { refuseUnusable, type ViewSettings, volumeOf } from './volume-view.ts'
import { changeFor, junctionOf, wishFor } from './volume-wishes.ts'

/** What the driver is made of; see open-nas.ts. */
export interface NasParts {
  readonly ontap: Ontap
  readonly settings: DriverSettings<VolumeSettings>
  readonly view: ViewSettings
  readonly dataLif: DataLif
  readonly placement: Placement
  readonly resolver: OptionsResolver
  readonly cloneSnapshots: CloneSnapshots
  /** Absent where administrators keep the export policies. */
  readonly hostRules?: HostRules
  readonly heartbeat: Heartbeat
}

export class NasDriver implements Driver<PooledOptions> {
  readonly #parts: NasParts
  readonly #ontap: Ontap
  readonly #view: ViewSettings
  readonly #nfsOptions: readonly string[]
  readonly #finding: Finding
  readonly #maker: Maker
  readonly snapshots: SnapshotOperations

  constructor(parts: NasParts) {
    const { ontap, view, settings, cloneSnapshots } = parts
    this.#parts = parts
    this.#ontap = ontap
    this.#view = view
    this.#nfsOptions = parseNfsMountOptions(settings.config.nfsMountOptions)
    const finding = new Finding(ontap, view)
    this.#finding = finding
    this.#maker = new Maker(
      ontap,
      (ctx, name) => finding.find(ctx, name),
      (ctx, volume) => cloneSnapshots.release(ctx, volume, { gone: true }),
    )
    this.snapshots = snapshotsOf(ontap, (ctx, name) => finding.get(ctx, name))
  }

  resolveOptions(asked: Partial<PooledOptions>, options: PooledOptions) {
    return this.#parts.resolver.resolve(asked, options)
  }

  async create(ctx: Context, volume: NewVolume<PooledOptions>): Promise<void> {
    const { resolver, placement, hostRules } = this.#parts
    const { style, prefix } = this.#view
    const { options } = volume
    await hostRules?.ensurePolicy(ctx)
    const labels = resolver.labelsOf(options)
    const wish = wishFor(volume, { style, prefix, labels, ...(hostRules && { exportPolicy: hostRules.policy }) })
    const reserved = (options.spaceReserve === 'volume' ? wish.size : 0) as Bytes
    const candidates = await placement.candidates(ctx, { allowed: resolver.aggregatesOf(options), reserved })
    const places =
      style === 'flexgroup' ? [spread(candidates, wish.size)] : candidates.map((one) => ({ aggregates: [one] }))
    try {
      await this.#maker.make(ctx, volume, places, (place) => this.#ontap.volumes.create(ctx, { ...wish, ...place }))
    } catch (error) {
      throw withNamesOf(error, { ...options, exportPolicy: wish.exportPolicy }, this.#view.svm)
    }
    await this.#ontap.network.updateLoadSharing(ctx)
  }

  async clone(ctx: Context, clone: NewClone<PooledOptions>): Promise<void> {
    const { name, dockerName, source, snapshot, intent, options } = clone
    const { style, prefix } = this.#view
    if (options.selector !== undefined) throw notToBeChosen(options.selector)
    const asOfNow = snapshot === undefined
    const wish = {
      name,
      source,
      intent,
      junctionPath: junctionOf(name),
      comment: commentOf({ name: dockerName, prefix, intent, from: source, asOfNow }),
      style,
      ...(snapshot !== undefined && { snapshot }),
    }
    const made = await this.#maker.make(ctx, clone, NOWHERE, () => this.#ontap.volumes.clone(ctx, wish))
    try {
      await this.#finishClone(ctx, made, clone)
    } catch (error) {
      await this.#maker.discard(ctx, clone).catch(() => {})
      throw withNamesOf(error, options, this.#view.svm)
    }
    await this.#ontap.network.updateLoadSharing(ctx)
    ctx.log.info('Cloned.', { volume: name, source, split: options.splitOnClone === true })
  }

  discard(ctx: Context, name: ArrayName, intent: IntentId): Promise<void> {
    return this.#maker.discard(ctx, { name, intent })
  }

  async remove(ctx: Context, { name, id = '' }: Volume): Promise<void> {
    const purge = this.#parts.settings.deletePolicy === 'purge'
    const before = this.#finding.seen(name)
    const parts = { ontap: this.#ontap, finding: this.#finding, view: this.#view }
    await removeVolume(parts, ctx, { name, uuid: id, purge })
    if (before?.uuid === id) await this.#parts.cloneSnapshots.release(ctx, before, { gone: purge })
    if (!purge) ctx.log.info('Deleted. The array keeps the volume in its recovery queue for a while.', { volume: name })
  }

  async find(ctx: Context, name: ArrayName): Promise<Volume | undefined> {
    const found = await this.#finding.find(ctx, name)
    return found && volumeOf(found, this.#view)
  }

  async inspect(ctx: Context, name: ArrayName): Promise<InspectedVolume | undefined> {
    const inspected = await this.#finding.inspect(ctx, name)
    return inspected && { volume: volumeOf(inspected.found, this.#view), snapshots: inspected.snapshots }
  }

  async list(ctx: Context): Promise<readonly Volume[]> {
    const view = this.#view
    const found = await this.#ontap.volumes.withPrefix(ctx, view.arrayPrefix)
    const volumes = await mapInSlices(found, (volume) => volumeOf(volume, view))
    return volumes.filter(({ belongsTo }) => belongsTo === undefined)
  }

  async keep(ctx: Context, { name, id }: Volume): Promise<void> {
    const found = await this.#finding.get(ctx, name)
    if (found.uuid !== id) return
    const comment = withoutIntent(found.comment)
    if (comment !== undefined) await this.#ontap.volumes.change(ctx, found, { comment })
  }

  async resize(ctx: Context, name: ArrayName, size: Bytes): Promise<void> {
    const found = await this.#finding.get(ctx, name)
    refuseUnusable(found)
    const before = withoutReserve(found.size, found.snapshotReserve)
    if (size < before) {
      throw new BackendError(
        'REFUSED',
        `Cannot shrink volume "${name}" from ${printSize(before)} to ${printSize(size)}.`,
      )
    }
    const reserved = (found.spaceGuarantee === 'volume' ? size - before : 0) as Bytes
    await this.#parts.placement.refuseAboveLimit(ctx, found.aggregates, reserved)
    await this.#ontap.volumes.change(ctx, found, { size: withReserve(size, found.snapshotReserve) })
  }

  async publish(ctx: Context, name: ArrayName, host: HostIdentity): Promise<NfsPublication> {
    const { hostRules, dataLif } = this.#parts
    const found = await this.#finding.get(ctx, name)
    refuseUnusable(found)
    if (found.junctionPath === undefined && isForeign(found, this.#view.arrayPrefix)) throw notMounted(name)
    const server = await dataLif.addressFor(ctx, name)
    const isOurs = marksIn(found.comment) !== undefined
    const comment = withoutIntent(found.comment)
    const { junctionPath = junctionOf(name) } = found
    const exportPolicy = hostRules && isOurs ? hostRules.policy : found.exportPolicy
    const change = {
      ...(comment !== undefined && { comment }),
      ...(found.junctionPath === undefined && { junctionPath }),
      ...(exportPolicy !== undefined && exportPolicy !== found.exportPolicy && { exportPolicy }),
    }
    if (hostRules && isOurs) await hostRules.admit(ctx, host)
    if (Object.keys(change).length > 0) await this.#ontap.volumes.change(ctx, found, change)
    if (change.junctionPath !== undefined) await this.#ontap.network.updateLoadSharing(ctx)
    return {
      kind: 'nfs',
      server,
      path: junctionPath,
      options: this.#nfsOptions,
      svm: this.#ontap.svm.name,
      ...(exportPolicy !== undefined && { exportPolicy }),
    }
  }

  /** Whoever is in the export policy may mount; nothing is granted for one volume that could be taken away. */
  async unpublish(): Promise<void> {}

  close(): Promise<void> {
    this.#parts.heartbeat.stop()
    this.#parts.cloneSnapshots.close()
    return this.#ontap.close()
  }

  async #finishClone(ctx: Context, made: OntapVolume, clone: NewClone<PooledOptions>): Promise<void> {
    const change = changeFor(made, clone)
    if (change) await this.#ontap.volumes.change(ctx, made, change)
    if (!clone.options.splitOnClone) return
    await this.#ontap.volumes.split(ctx, made)
    await this.#parts.cloneSnapshots.release(ctx, made, { gone: false })
  }
}

/** A clone is made where its source is. */
const NOWHERE = [{ aggregates: [] }]

function notToBeChosen(selector: string): RequestError {
  return new RequestError(
    'OPTION_INVALID',
    `Option "selector" cannot be ${JSON.stringify(selector)} for a clone, which is made where its source is. Leave it out.`,
  )
}

function notMounted(name: ArrayName): BackendError {
  return new BackendError(
    'REFUSED',
    `Volume "${name}" is not mounted in the SVM's namespace, and not ours to mount. On the array: "volume mount -volume ${name} -junction-path /${name}".`,
  )
}
