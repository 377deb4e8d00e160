/** What each driver has the array do: from it follows what its user must be allowed to. */

import type { Deed, Doings } from '../../backends/ontap/rights.ts'
import type { RoleSettings } from '../driver.ts'
import type { NasSettings } from './nas-settings.ts'

export type OntapNasDriver = 'ontap-nas' | 'ontap-nas-economy' | 'ontap-nas-flexgroup'

/** Whatever the volumes are made of. Only what Docker can bring about: it cannot take snapshots, nor restore them. */
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
  'snapshots.remove',
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

/** Users of an SVM are not told how full aggregates are. */
export function needsCluster({ limitAggregateUsage }: Pick<NasSettings, 'limitAggregateUsage'>): boolean {
  return limitAggregateUsage !== undefined
}
