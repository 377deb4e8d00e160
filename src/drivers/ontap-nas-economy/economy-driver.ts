/**
 * Volumes that are qtrees in shared FlexVols of one SVM, each with a quota of its own, over NFS.
 *
 *     pools/    FlexVols: which there are, which one a new volume goes to, making another
 *     qtrees/   making one of a name, whoever else is at it (making.ts); finding it again; growing it
 *     keeping/  what nobody asks for: quotas that count, room, leftovers, deleting what is empty
 */

import type { Ontap, OntapQtree, OntapVolume } from '../../backends/ontap/ontap.ts'
import type { Context } from '../../context.ts'
import { BackendError, hasCode, RequestError, reasonOf } from '../../errors.ts'
import type { ArrayName } from '../../names.ts'
import { parseNfsMountOptions } from '../../nfs-options.ts'
import type { HostIdentity, NfsPublication } from '../../publication.ts'
import { mapInSlices } from '../../slices.ts'
import type { Bytes } from '../../units.ts'
import type { Driver, DriverSettings, NewVolume, ResolvedOptions, Volume } from '../driver.ts'
import type { DataLif } from '../ontap/data-lif.ts'
import type { Heartbeat } from '../ontap/heartbeat.ts'
import type { HostRules } from '../ontap/host-rules.ts'
import { parseMode, printMode } from '../ontap/modes.ts'
import { nasOptions } from '../ontap/nas-options.ts'
import type { OptionsResolver, PooledOptions } from '../ontap/nas-options-of.ts'
import { refuseUnusable } from '../ontap/volume-view.ts'
import type { Housekeeping } from './keeping/housekeeping.ts'
import { type EconomyOptions, NO_PERMISSIONS } from './options.ts'
import { OPEN_POLICY } from './pools/names.ts'
import { kindOf, type PoolWish } from './pools/wish.ts'
import type { Finding } from './qtrees/finding.ts'
import { type GrowingParts, grow } from './qtrees/growing.ts'
import { Looks } from './qtrees/looks.ts'
import { type MakingParts, makeTheOne } from './qtrees/making.ts'
import { DISCARDING } from './qtrees/patience.ts'
import { isLeaving, leavingNameOf } from './qtrees/removal-names.ts'
import type { Rival } from './qtrees/rivals.ts'
import type { EconomySettings } from './settings.ts'
import { refOf, volumeOf } from './view.ts'

/** What the driver is made of; see open.ts. */
export interface EconomyParts extends MakingParts, GrowingParts {
  readonly settings: DriverSettings<EconomySettings>
  /** As it stands in the array's names. */
  readonly arrayPrefix: string
  readonly dataLif: DataLif
  readonly resolver: OptionsResolver
  readonly finding: Finding
  /** Absent where administrators keep the export policies. */
  readonly hostRules?: HostRules
  readonly heartbeat: Heartbeat
  readonly housekeeping: Housekeeping
}

/** With the pool of the config the volume is made in. */
export type Options = EconomyOptions & Pick<PooledOptions, 'pool'>

export class EconomyDriver implements Driver<Options> {
  readonly #parts: EconomyParts
  readonly #ontap: Ontap
  readonly #nfsOptions: readonly string[]

  constructor(parts: EconomyParts) {
    this.#parts = parts
    this.#ontap = parts.ontap
    this.#nfsOptions = parseNfsMountOptions(parts.settings.config.nfsMountOptions)
  }

  resolveOptions(asked: Partial<Options>, options: Options): ResolvedOptions {
    const resolved = this.#parts.resolver.resolve(asked, options)
    if (resolved.options['unixPermissions'] !== NOTHING) return resolved
    throw new RequestError('OPTION_INVALID', `Option "unixPermissions" ${NO_PERMISSIONS}.`)
  }

  async create(ctx: Context, { name, size, options }: NewVolume<Options>): Promise<void> {
    if (isLeaving(name)) {
      throw new RequestError(
        'NAME_INVALID',
        `Volume name "${name}" begins as those of volumes that are being removed do. Choose another name.`,
      )
    }
    const { hostRules } = this.#parts
    await makeTheOne(this.#parts, ctx, {
      name,
      size,
      unixPermissions: Number(parseMode(options.unixPermissions)),
      securityStyle: options.securityStyle,
      exportPolicy: hostRules?.policy ?? options.exportPolicy,
      wish: this.#wishOf(size, options),
    })
  }

  /**
   * A qtree cannot say who made it: only a candidate is removed, which nobody has been told of; and, as it may be another
   * host's, only when it stays for a while.
   */
  async discard(ctx: Context, name: ArrayName): Promise<void> {
    const { rivals } = this.#parts
    for (const looks = new Looks(); ; await looks.pause(ctx)) {
      const candidates = (await rivals.named(ctx, name)).filter(({ stage }) => stage === 'candidate')
      if (candidates.length === 0) return
      looks.see(candidates)
      const left = candidates.filter((candidate) => looks.hasLasted(candidate, DISCARDING))
      for (const { qtree } of left) await rivals.takeAway(ctx, qtree)
    }
  }

  async remove(ctx: Context, volume: Volume): Promise<void> {
    const { table } = this.#parts
    const ref = refOf(volume)
    const volumeUuid = table.get(ref.volume)?.volume.uuid
    const qtree = { ...ref, ...(volumeUuid !== undefined && { volumeUuid }) }
    const away = { ...qtree, name: leavingNameOf(volume.name) }
    await this.#ontap.qtrees.rename(ctx, qtree, away.name)
    table.forgetQtree(qtree)
    try {
      await this.#ontap.qtrees.remove(ctx, away)
    } catch (error) {
      if (hasCode(error, 'NOT_FOUND')) return
      ctx.log.warn('Removed, but the array has not begun to free the space; it is asked again.', {
        pool: away.volume,
        qtree: away.name,
        reason: reasonOf(error),
      })
    }
  }

  async find(ctx: Context, name: ArrayName): Promise<Volume | undefined> {
    const { finding, table } = this.#parts
    const found = await finding.withLimit(ctx, name)
    return found && this.#viewOf(found.qtree, found.limit, await table.volume(ctx, found.qtree.volume))
  }

  async list(ctx: Context): Promise<readonly Volume[]> {
    const { table, arrayPrefix } = this.#parts
    const [qtrees, rules] = await Promise.all([table.qtrees(ctx), table.rules(ctx)])
    const limits = new Map(rules.map((rule) => [`${rule.volume}/${rule.qtree}`, rule]))
    const ours = qtrees.filter(({ name }) => name.startsWith(arrayPrefix) && !isLeaving(name))
    await table.ensureKnown(ctx, ours)
    const seen = await mapInSlices(ours, (qtree) => {
      const rule = limits.get(`${qtree.volume}/${qtree.name}`)
      if (qtree.unixPermissions === 0 && !rule) return undefined
      return this.#viewOf(qtree, rule?.hardLimit, table.get(qtree.volume)?.volume)
    })
    return seen.filter((volume) => volume !== undefined)
  }

  /** It carries no intent: there is nothing to take off. */
  async keep(): Promise<void> {}

  async resize(ctx: Context, name: ArrayName, size: Bytes): Promise<void> {
    const { qtree } = await this.#get(ctx, name)
    const pool = await this.#parts.table.look(ctx, qtree.volume)
    if (!pool) throw this.#notFound(name)
    refuseUnusable(pool)
    await grow(this.#parts, ctx, qtree, { pool, size })
  }

  async publish(ctx: Context, name: ArrayName, host: HostIdentity): Promise<NfsPublication> {
    const { table, upkeep, hostRules, dataLif } = this.#parts
    const found = await this.#get(ctx, name)
    const pool = await table.look(ctx, found.qtree.volume)
    if (!pool) throw this.#notFound(name)
    refuseUnusable(pool)
    if (found.stage === 'nearly') await this.#finish(ctx, found.qtree)
    const junction = pool.junctionPath ?? (await this.#mountPool(ctx, pool))
    const { exportPolicy = pool.exportPolicy } = found.qtree
    if (hostRules && [exportPolicy, pool.exportPolicy].includes(hostRules.policy)) await hostRules.admit(ctx, host)
    await upkeep.ready(ctx, pool, name)
    return {
      kind: 'nfs',
      server: await dataLif.addressFor(ctx, name),
      path: `${junction}/${name}`,
      options: this.#nfsOptions,
      svm: this.#ontap.svm.name,
      ...(exportPolicy !== undefined && { exportPolicy }),
    }
  }

  /** Whoever is in the export policy may mount; nothing is granted for one volume that could be taken away. */
  async unpublish(): Promise<void> {}

  async close(): Promise<void> {
    this.#parts.heartbeat.stop()
    this.#parts.upkeep.stop()
    await this.#parts.housekeeping.stop()
    await this.#ontap.close()
  }

  #wishOf(size: Bytes, options: Options): PoolWish {
    const { hostRules, resolver } = this.#parts
    const { exportPolicy } = options
    return {
      kind: kindOf(options),
      anyReserve: options.snapshotReserve === undefined,
      exportPolicy: hostRules?.policy ?? (exportPolicy === DEFAULT_POLICY ? OPEN_POLICY : exportPolicy),
      aggregates: resolver.aggregatesOf(options),
      size,
      labels: resolver.labelsOf(options),
    }
  }

  /** One call, mostly. @throws BackendError NOT_FOUND | AMBIGUOUS */
  async #get(ctx: Context, name: ArrayName): Promise<Rival> {
    const found = await this.#parts.finding.toUse(ctx, name)
    if (found) return found
    throw this.#notFound(name)
  }

  /** Its maker has gone between the last two steps, or a container has locked itself out. */
  async #finish(ctx: Context, qtree: OntapQtree): Promise<void> {
    await this.#ontap.qtrees.changeMode(ctx, qtree, OWNER_ONLY)
    ctx.log.warn(
      `A volume had no permissions at all; its owner has all of them now, and others none. To let others in: chmod in a container, or "volume qtree modify -vserver ${this.#ontap.svm.name} -volume ${qtree.volume} -qtree ${qtree.name} -unix-permissions 0777" on the array.`,
      { volume: qtree.name, pool: qtree.volume, unixPermissions: printMode(OWNER_ONLY) },
    )
  }

  async #mountPool(ctx: Context, pool: OntapVolume): Promise<string> {
    const junctionPath = `/${pool.name}`
    await this.#ontap.volumes.change(ctx, pool, { junctionPath })
    await this.#ontap.network.updateLoadSharing(ctx)
    return junctionPath
  }

  #viewOf(qtree: OntapQtree, limit: Bytes | undefined, pool: OntapVolume | undefined): Volume {
    const { arrayPrefix: prefix } = this.#parts
    const seen = { qtree, ...(limit !== undefined && { limit }), ...(pool && { pool }) }
    return volumeOf(seen, { prefix, svm: this.#ontap.svm.name })
  }

  #notFound(name: ArrayName): BackendError {
    return new BackendError('NOT_FOUND', `There is no volume "${name}" in SVM ${this.#ontap.svm.name}.`)
  }
}

/** The least that is not the mark of a candidate and can be used: what was asked for is on record nowhere. */
const OWNER_ONLY = 0o700

/** What options say of a volume that nobody may use. */
const NOTHING = printMode(0)

const DEFAULT_POLICY = nasOptions.exportPolicy.default
