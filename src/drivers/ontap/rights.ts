/** What each driver has the array do: from it follows what its user must be allowed to. */

import type { OntapDialect, OntapRelease } from '../../backends/ontap/ontap.ts'
import { REST_CALLS } from '../../backends/ontap/rest/rights.ts'
import { callsFor, type Deed, type Doings, type RatedCall } from '../../backends/ontap/rights.ts'
import { ZAPI_CALLS } from '../../backends/ontap/zapi/rights.ts'
import type { RoleSettings } from '../driver.ts'
import type { NasSettings } from './nas-settings.ts'

export type OntapNasDriver = 'ontap-nas' | 'ontap-nas-economy' | 'ontap-nas-flexgroup'

/** Whatever the volumes are made of. */
const ANY: readonly Deed[] = [
  'open',
  'aggregates.assigned',
  'network.nfsInterfaces',
  'network.updateLoadSharing',
  'events.log',
  'volumes.find',
  'volumes.withPrefix',
  'volumes.create',
  'volumes.change',
  'volumes.remove',
]

const VOLUMES: readonly Deed[] = [
  ...ANY,
  'volumes.clone',
  'volumes.clonesOf',
  'volumes.split',
  'snapshots.ofVolume',
  'snapshots.create',
  'snapshots.remove',
  'snapshots.restore',
]

const HOST_RULES: readonly Deed[] = ['exports.rules', 'exports.createPolicy', 'exports.addRule']

const QTREES: readonly Deed[] = [
  ...ANY,
  'qtrees.create',
  'qtrees.changeMode',
  'qtrees.rename',
  'qtrees.remove',
  'qtrees.named',
  'qtrees.inVolumes',
  'quotas.treeRules',
  'quotas.setTreeRule',
  'quotas.removeTreeRule',
  'quotas.apply',
  ...HOST_RULES,
]

export function doingsOf(driver: OntapNasDriver, { config, deletePolicy }: RoleSettings<NasSettings>): Doings {
  const isEconomy = driver === 'ontap-nas-economy'
  return {
    style: driver === 'ontap-nas-flexgroup' ? 'flexgroup' : 'flexvol',
    deeds: [
      ...(isEconomy ? QTREES : VOLUMES),
      ...(config.autoExportPolicy ? HOST_RULES : []),
      ...(config.limitAggregateUsage === undefined ? [] : (['aggregates.usage'] as const)),
      // FlexVols of qtrees may stay in the recovery queue, whatever the policy.
      ...(deletePolicy === 'purge' && !isEconomy ? (['volumes.purge'] as const) : []),
    ],
  }
}

/** @param release absent: any */
export function callsOf(dialect: OntapDialect, doings: Doings, release?: OntapRelease): readonly RatedCall[] {
  return callsFor(dialect === 'rest' ? REST_CALLS : ZAPI_CALLS, doings, release)
}

/** Users of an SVM are not told how full aggregates are. */
export function needsCluster({ limitAggregateUsage }: Pick<NasSettings, 'limitAggregateUsage'>): boolean {
  return limitAggregateUsage !== undefined
}
