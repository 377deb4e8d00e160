/** From a config to a driver that works: the SVM, its aggregates, the address hosts mount from. */

import type { Ontap, OntapVolumeStyle } from '../../backends/ontap/ontap.ts'
import { backgroundContext } from '../../context.ts'
import { arrayPrefixOf } from '../../names.ts'
import type { Driver, DriverSettings } from '../driver.ts'
import { CloneSnapshots } from './clone-snapshots.ts'
import { DataLif } from './data-lif.ts'
import { startHeartbeat } from './heartbeat.ts'
import { HostRules } from './host-rules.ts'
import { FLEXVOL_NAMES } from './names.ts'
import { NasDriver } from './nas-driver.ts'
import { OptionsResolver, type PooledOptions } from './nas-options-of.ts'
import type { VolumeSettings } from './nas-settings.ts'
import { openOn } from './open-ontap.ts'
import { Placement } from './placement.ts'
import { poolsOf } from './pools.ts'

/** @throws BackendError; what it opened is closed then */
export function openNas(
  settings: DriverSettings<VolumeSettings>,
  style: OntapVolumeStyle,
): Promise<Driver<PooledOptions>> {
  return openOn(settings, (ontap, its) => openDriver(ontap, its, style))
}

async function openDriver(ontap: Ontap, settings: DriverSettings<VolumeSettings>, style: OntapVolumeStyle) {
  const { config, prefix, log, signal } = settings
  const driverName = style === 'flexgroup' ? 'ontap-nas-flexgroup' : 'ontap-nas'
  const ctx = backgroundContext('open', log, signal)
  const placement = new Placement(ontap, config.limitAggregateUsage)
  const pools = poolsOf(config, config.aggregate)
  const [dataLif] = await Promise.all([
    DataLif.open(ctx, ontap, config.dataLIF),
    placement.check(ctx, [...new Set(pools.flatMap(({ aggregates }) => aggregates))]),
    // Finds out whether there are such mirrors, which the first create would have to.
    ontap.network.updateLoadSharing(ctx),
  ])
  const view = { style, prefix, arrayPrefix: arrayPrefixOf(prefix, FLEXVOL_NAMES), svm: ontap.svm.name }
  log.info('Found the SVM.', {
    svm: ontap.svm.name,
    api: ontap.dialect,
    release: ontap.release.text,
    dataLIF: dataLif.address,
  })
  const { autoExportPolicy, autoExportCIDRs } = config
  return new NasDriver({
    ontap,
    settings,
    view,
    dataLif,
    placement,
    resolver: new OptionsResolver(pools, placement, autoExportPolicy),
    ...(autoExportPolicy && { hostRules: new HostRules(ontap, `${view.arrayPrefix}auto_export`, autoExportCIDRs) }),
    cloneSnapshots: await CloneSnapshots.open(ontap, settings),
    heartbeat: startHeartbeat(ctx, ontap, { driverName, prefix, hours: config.usageHeartbeat }),
  })
}
