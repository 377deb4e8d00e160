/** From a config to a driver that works: the SVM, its aggregates, the address hosts mount from, the FlexVols there are. */

import { isIPv6 } from 'node:net'
import type { Ontap } from '../../backends/ontap/ontap.ts'
import { backgroundContext, type Context } from '../../context.ts'
import { arrayPrefixOf } from '../../names.ts'
import { type Bytes, GIB, parseSize } from '../../units.ts'
import type { Driver, DriverSettings } from '../driver.ts'
import { DataLif } from '../ontap/data-lif.ts'
import { startHeartbeat } from '../ontap/heartbeat.ts'
import { HostRules } from '../ontap/host-rules.ts'
import { FLEXVOL_NAMES } from '../ontap/names.ts'
import { OptionsResolver } from '../ontap/nas-options-of.ts'
import { openOn } from '../ontap/open-ontap.ts'
import { Placement } from '../ontap/placement.ts'
import { poolsOf } from '../ontap/pools.ts'
import { EconomyDriver, type Options } from './economy-driver.ts'
import { startHousekeeping } from './keeping/housekeeping.ts'
import { Pruning } from './keeping/pruning.ts'
import { Tidying } from './keeping/tidying.ts'
import { Upkeep } from './keeping/upkeep.ts'
import { QTREE_NAMES } from './names.ts'
import { PoolChoice } from './pools/choice.ts'
import { PoolMaker } from './pools/maker.ts'
import { PoolNames } from './pools/names.ts'
import { PoolTable } from './pools/table.ts'
import type { PoolWish } from './pools/wish.ts'
import { Finding } from './qtrees/finding.ts'
import { Rivals } from './qtrees/rivals.ts'
import type { EconomySettings } from './settings.ts'

/** @throws BackendError; what it opened is closed then */
export function openEconomy(settings: DriverSettings<EconomySettings>): Promise<Driver<Options>> {
  return openOn(settings, driverOf)
}

export async function driverOf(
  ontap: Ontap,
  settings: DriverSettings<EconomySettings>,
  { leftoverMs }: { readonly leftoverMs?: number } = {},
): Promise<EconomyDriver> {
  const { config, prefix, log, signal } = settings
  const ctx = backgroundContext('open', log, signal)
  const placement = new Placement(ontap, config.limitAggregateUsage)
  const pools = poolsOf(config, config.aggregate)
  const names = new PoolNames(prefix)
  const table = new PoolTable(ontap, names)
  const [dataLif, , survey] = await Promise.all([
    DataLif.open(ctx, ontap, config.dataLIF),
    placement.check(ctx, [...new Set(pools.flatMap(({ aggregates }) => aggregates))]),
    table.survey(ctx),
  ])
  log.info('Found the SVM.', {
    svm: ontap.svm.name,
    api: ontap.dialect,
    release: ontap.release.text,
    dataLIF: dataLif.address,
  })
  log.info('Found FlexVols for volumes.', { pools: survey.pools.length, qtrees: survey.qtrees.length })

  const arrayPrefix = arrayPrefixOf(prefix, QTREE_NAMES)
  const largest = largestOf(config)
  const rivals = new Rivals(ontap, table)
  const upkeep = new Upkeep({ ontap, table, largest })
  const hostRules = hostRulesOf(ontap, settings)
  const making = {
    ontap,
    names,
    placement,
    prefix,
    everywhere: everywhereOf(dataLif.address),
    ...(hostRules && { hostRules }),
  }
  const maker = new PoolMaker(making)
  const choice = new PoolChoice({
    table,
    names,
    limits: { qtreesPerFlexvol: config.qtreesPerFlexvol, largest, deniesNew: config.denyNewVolumePools },
    allowedOf: (its, wish) => allowedOf(its, wish, placement, config.limitAggregateUsage !== undefined),
    make: (its, wish) => maker.make(its, wish),
  })
  const pruning = new Pruning({ ontap, table, upkeep, afterMs: prunedAfterMs(config) })
  const everyMs = config.qtreePruneFlexvolsPeriod * 1000
  const tidying = new Tidying({
    ...{ ontap, names, table, rivals, upkeep, pruning, arrayPrefix, everyMs },
    ...(leftoverMs !== undefined && { leftoverMs }),
  })
  return new EconomyDriver({
    ontap,
    settings,
    table,
    choice,
    rivals,
    upkeep,
    arrayPrefix,
    dataLif,
    placement,
    resolver: new OptionsResolver(pools, placement, config.autoExportPolicy),
    finding: new Finding(table, rivals),
    largest,
    ...(hostRules && { hostRules }),
    heartbeat: startHeartbeat(ctx, ontap, {
      driverName: 'ontap-nas-economy',
      prefix,
      hours: config.usageHeartbeat,
    }),
    housekeeping: startHousekeeping(log, signal, [
      { name: 'quotas', everyMs: config.qtreeQuotaResizePeriod * 1000, work: (its) => upkeep.retry(its) },
      { name: 'FlexVols', everyMs, work: (its) => tidying.tidy(its) },
    ]),
  })
}

/** What every release takes. @see NetApp Hardware Universe, maximum FlexVol size; more is for newer ones */
const LARGEST = (100 * 1024 * GIB) as Bytes

function largestOf({ limitVolumePoolSize }: EconomySettings): Bytes {
  return limitVolumePoolSize === undefined ? LARGEST : parseSize(limitVolumePoolSize, 'limitVolumePoolSize')
}

/** What is deleted has to be made again when it is needed. */
function prunedAfterMs({ denyNewVolumePools, emptyFlexvolDeferredDeletePeriod }: EconomySettings): number {
  return denyNewVolumePools ? Number.POSITIVE_INFINITY : emptyFlexvolDeferredDeletePeriod * 1000
}

function hostRulesOf(ontap: Ontap, { config, prefix }: DriverSettings<EconomySettings>): HostRules | undefined {
  const { autoExportPolicy, autoExportCIDRs } = config
  if (!autoExportPolicy) return undefined
  return new HostRules(ontap, `${arrayPrefixOf(prefix, FLEXVOL_NAMES)}auto_export`, autoExportCIDRs)
}

function everywhereOf(dataLif: string): string {
  return isIPv6(dataLif) ? '::/0' : '0.0.0.0/0'
}

/** Where nothing is limited, what the config allows is all there is to say. */
async function allowedOf(ctx: Context, { aggregates, kind, size }: PoolWish, placement: Placement, isLimited: boolean) {
  if (!isLimited) return aggregates
  const reserved = (kind.spaceReserve === 'volume' ? size : 0) as Bytes
  return placement.candidates(ctx, { allowed: aggregates, reserved })
}
