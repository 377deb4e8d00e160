/** Volumes that are FlexVols or FlexGroups of one SVM, each mounted at its own junction over NFS. */

import type { NewOntapVolume, Ontap, OntapVolume, OntapVolumeStyle } from '../../backends/ontap/ontap.ts'
import type { Context } from '../../context.ts'
import { BackendError, hasCode } from '../../errors.ts'
import type { ArrayName } from '../../names.ts'
import { parseNfsMountOptions } from '../../nfs-options.ts'
import type { HostIdentity, NfsPublication } from '../../publication.ts'
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
import type { Heartbeat } from './heartbeat.ts'
import type { HostRules } from './host-rules.ts'
import { Maker } from './making.ts'
import { commentOf, isForeign, marksIn, withoutIntent } from './marks.ts'
import { parseMode } from './modes.ts'
import { reserveOf } from './nas-options.ts'
import type { OptionsResolver, PooledOptions } from './nas-options-of.ts'
import type { VolumeSettings } from './nas-settings.ts'
import type { Placement } from './placement.ts'
import { withoutReserve, withReserve } from './sizes.ts'
import { snapshotsOf } from './snapshots.ts'
import { spread } from './spread.ts'
import { ownerOf, refuseUnusable, type ViewSettings, volumeOf } from './volume-view.ts'

/** What the driver is made of; see open-nas.ts. */
export interface NasParts {
  readonly ontap: Ontap
  readonly settings: DriverSettings<VolumeSettings>
  readonly view: ViewSettings
  readonly dataLif: string
  readonly placement: Placement
  readonly resolver: OptionsResolver
  /** Absent where administrators keep the export policies. */
  readonly hostRules?: HostRules
  readonly heartbeat: Heartbeat
}

export class NasDriver implements Driver<PooledOptions> {
  readonly #parts: NasParts
  readonly #ontap: Ontap
  readonly #nfsOptions: readonly string[]
  readonly #maker: Maker
  /** Volumes as last seen: for asking about their snapshots at once, and for not believing that all are gone. */
  readonly #seen = new Map<ArrayName, OntapVolume>()
  readonly snapshots: SnapshotOperations

  constructor(parts: NasParts) {
    this.#parts = parts
    this.#ontap = parts.ontap
    this.#maker = new Maker(parts.ontap, (ctx, name) => this.#find(ctx, name))
    this.#nfsOptions = parseNfsMountOptions(parts.settings.config.nfsMountOptions)
    this.snapshots = snapshotsOf(parts.ontap, (ctx, name) => this.#get(ctx, name))
  }

  resolveOptions(asked: Partial<PooledOptions>, options: PooledOptions) {
    return this.#parts.resolver.resolve(asked, options)
  }

  async create(ctx: Context, volume: NewVolume<PooledOptions>): Promise<void> {
    const { options } = volume
    const plan = await this.#planOf(ctx, volume)
    const reserved = (options.spaceReserve === 'volume' ? plan.size : 0) as Bytes
    const allowed = this.#parts.resolver.aggregatesOf(options)
    const candidates = await this.#parts.placement.candidates(ctx, { allowed, reserved })
    const places =
      this.#style === 'flexgroup' ? [spread(candidates, plan.size)] : candidates.map((one) => ({ aggregates: [one] }))
    await this.#maker.make(ctx, volume, places, (place) => this.#ontap.volumes.create(ctx, { ...plan, ...place }))
    await this.#ontap.network.updateLoadSharing(ctx)
  }

  async clone(ctx: Context, clone: NewClone<PooledOptions>): Promise<void> {
    const { name, dockerName, source, snapshot, intent, options } = clone
    const wanted = {
      name,
      source,
      intent,
      junctionPath: junctionOf(name),
      comment: commentOf({ name: dockerName, prefix: this.#prefix, intent, from: source }),
      style: this.#style,
      ...(snapshot !== undefined && { snapshot }),
    }
    const made = await this.#maker.make(ctx, clone, NOWHERE, () => this.#ontap.volumes.clone(ctx, wanted))
    try {
      await this.#finishClone(ctx, made, clone)
    } catch (error) {
      await this.#maker.discard(ctx, clone).catch(() => {})
      throw error
    }
    await this.#ontap.network.updateLoadSharing(ctx)
    ctx.log.info('Cloned.', { volume: name, source, split: options.splitOnClone === true })
  }

  discard(ctx: Context, name: ArrayName, intent: IntentId): Promise<void> {
    return this.#maker.discard(ctx, { name, intent })
  }

  async remove(ctx: Context, { name, id = '' }: Volume): Promise<void> {
    const purge = this.#parts.settings.deletePolicy === 'purge'
    const volume = { name, uuid: id, style: this.#style }
    try {
      // Over ZAPI the array may have taken the volume offline by the time it refuses.
      if (this.#seen.get(name)?.cloneCount) throw new BackendError('HAS_DEPENDENTS', `Volume "${name}" has clones.`)
      await this.#ontap.volumes.remove(ctx, volume, { purge })
    } catch (error) {
      if (hasCode(error, 'NOT_FOUND')) await this.#ensureGone(ctx, name, id)
      if (!hasCode(error, 'HAS_DEPENDENTS')) throw error
      throw keptFor(name, await this.#ontap.volumes.clonesOf(ctx, volume).catch(() => []), error)
    }
    this.#seen.delete(name)
    if (!purge) ctx.log.info('Deleted. The array keeps the volume in its recovery queue for a while.', { volume: name })
  }

  async find(ctx: Context, name: ArrayName): Promise<Volume | undefined> {
    const found = await this.#find(ctx, name)
    return found && volumeOf(found, this.#parts.view)
  }

  /** One call for a volume without snapshots; for others a second at the same time, once they have been seen. */
  async inspect(ctx: Context, name: ArrayName): Promise<InspectedVolume | undefined> {
    const before = this.#seen.get(name)
    const early = before?.snapshotCount ? this.#snapshotsOf(ctx, before) : undefined
    early?.catch(() => {})
    const found = await this.#find(ctx, name)
    if (!found) return undefined
    const snapshots =
      found.snapshotCount === 0 || found.state !== 'online'
        ? []
        : await (early && found.uuid === before?.uuid ? early : this.#snapshotsOf(ctx, found))
    return { volume: volumeOf(found, this.#parts.view), snapshots }
  }

  async list(ctx: Context): Promise<readonly Volume[]> {
    const { view } = this.#parts
    const found = await this.#ontap.volumes.withPrefix(ctx, view.arrayPrefix)
    return found.filter((volume) => ownerOf(volume, view) === undefined).map((volume) => volumeOf(volume, view))
  }

  async keep(ctx: Context, { name, id }: Volume): Promise<void> {
    const found = await this.#get(ctx, name)
    if (found.uuid !== id) return
    const comment = withoutIntent(found.comment)
    if (comment !== undefined) await this.#ontap.volumes.change(ctx, found, { comment })
  }

  async resize(ctx: Context, name: ArrayName, size: Bytes): Promise<void> {
    const found = await this.#get(ctx, name)
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
    const found = await this.#get(ctx, name)
    refuseUnusable(found)
    if (found.junctionPath === undefined && isForeign(found, this.#parts.view.arrayPrefix)) throw notMounted(name)
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
      server: dataLif,
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
    return this.#ontap.close()
  }

  get #style(): OntapVolumeStyle {
    return this.#parts.view.style
  }

  get #prefix(): string {
    return this.#parts.view.prefix
  }

  async #planOf(ctx: Context, volume: NewVolume<PooledOptions>): Promise<Omit<NewOntapVolume, 'aggregates'>> {
    const { name, dockerName, size, intent, options } = volume
    const { hostRules, resolver } = this.#parts
    await hostRules?.ensurePolicy(ctx)
    const { encryption, tieringPolicy, qosPolicy, adaptiveQosPolicy } = options
    const snapshotReserve = reserveOf(options)
    return {
      name,
      style: this.#style,
      size: withReserve(size, snapshotReserve),
      spaceGuarantee: options.spaceReserve,
      snapshotPolicy: options.snapshotPolicy,
      snapshotReserve,
      unixPermissions: modeOf(options.unixPermissions),
      securityStyle: options.securityStyle,
      exportPolicy: hostRules?.policy ?? options.exportPolicy,
      snapshotDirectory: options.snapshotDir,
      junctionPath: junctionOf(name),
      comment: commentOf({ name: dockerName, prefix: this.#prefix, intent }, resolver.labelsOf(options)),
      ...(encryption !== undefined && { encryption }),
      ...(tieringPolicy !== undefined && { tieringPolicy }),
      ...(qosPolicy !== undefined && { qosPolicy }),
      ...(adaptiveQosPolicy !== undefined && { adaptiveQosPolicy }),
    }
  }

  async #finishClone(ctx: Context, made: OntapVolume, { size, options }: NewClone<PooledOptions>): Promise<void> {
    const { snapshotDir, exportPolicy, unixPermissions, snapshotPolicy, qosPolicy, adaptiveQosPolicy } = options
    const change = {
      ...(snapshotDir !== undefined && { snapshotDirectory: snapshotDir }),
      ...(exportPolicy !== undefined && { exportPolicy }),
      ...(unixPermissions !== undefined && { unixPermissions: modeOf(unixPermissions) }),
      ...(snapshotPolicy !== undefined && { snapshotPolicy }),
      ...(qosPolicy !== undefined && { qosPolicy }),
      ...(adaptiveQosPolicy !== undefined && { adaptiveQosPolicy }),
    }
    const total = size === undefined ? undefined : withReserve(size, made.snapshotReserve)
    const grown = total !== undefined && total > made.size ? { size: total } : {}
    if (Object.keys({ ...change, ...grown }).length > 0) {
      await this.#ontap.volumes.change(ctx, made, { ...change, ...grown })
    }
    if (options.splitOnClone) await this.#ontap.volumes.split(ctx, made)
  }

  async #find(ctx: Context, name: ArrayName): Promise<OntapVolume | undefined> {
    const found = await this.#ontap.volumes.find(ctx, name)
    if (found) {
      this.#seen.set(name, found)
      return found
    }
    // Docker forgets what is said to be gone.
    if (this.#seen.has(name)) await this.#ontap.ensureSeen(ctx)
    this.#seen.delete(name)
    return undefined
  }

  /** What an array says not to be there may be something else than the volume. @throws BackendError REFUSED */
  async #ensureGone(ctx: Context, name: ArrayName, id: string): Promise<void> {
    if ((await this.#find(ctx, name))?.uuid !== id) return
    throw new BackendError(
      'REFUSED',
      `The array says of volume "${name}", which it lists, that it is not there. It was not removed; see the array's event log.`,
    )
  }

  /** @throws BackendError NOT_FOUND, also for one that is another instance's */
  async #get(ctx: Context, name: ArrayName): Promise<OntapVolume> {
    const found = await this.#find(ctx, name)
    if (found && ownerOf(found, this.#parts.view) === undefined) return found
    throw new BackendError('NOT_FOUND', `There is no volume "${name}" in SVM ${this.#ontap.svm.name}.`)
  }

  /** None for a volume that goes away meanwhile. */
  async #snapshotsOf(ctx: Context, volume: OntapVolume): Promise<readonly Snapshot[]> {
    try {
      return await this.#ontap.snapshots.ofVolume(ctx, volume)
    } catch (error) {
      if (!hasCode(error, 'NOT_FOUND')) throw error
      return []
    }
  }
}

/** A clone is made where its source is. */
const NOWHERE = [{ aggregates: [] }]

/** Clones that were removed wait in the recovery queue for their end, and the source with them. */
function keptFor(name: ArrayName, clones: readonly string[], cause: unknown): BackendError {
  const who = clones.length > 1 ? `${clones.join(', ')} are clones of it` : `${clones[0]} is a clone of it`
  const found =
    clones.length > 0
      ? `${who}. Remove what is cloned, or split it off ("volume clone split start")`
      : 'it has clones in the recovery queue. Wait until they are gone, some twelve hours, or purge them ("volume recovery-queue purge")'
  return new BackendError('HAS_DEPENDENTS', `Volume "${name}" was kept: ${found}, then try again.`, { cause })
}

function notMounted(name: ArrayName): BackendError {
  return new BackendError(
    'REFUSED',
    `Volume "${name}" is not mounted in the SVM's namespace, and not ours to mount. On the array: "volume mount -volume ${name} -junction-path /${name}".`,
  )
}

function junctionOf(name: ArrayName): string {
  return `/${name}`
}

/** Of an option that has been settled. */
function modeOf(text: string): number {
  return Number(parseMode(text))
}
