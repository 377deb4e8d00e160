/** Settings of ontap-nas-economy. */

import type { OptionTexts, PropertySchemas, Remark } from '../driver.ts'
import { inert } from '../ontap/access.ts'
import { inertNasDefaults } from '../ontap/nas-options.ts'
import { examineVolumes, inertNas, nasSettings, type VolumeSettings } from '../ontap/nas-settings.ts'
import { poolSettings } from '../ontap/pools.ts'
import { economyOptions, examineMode } from './options.ts'

export interface EconomySettings extends VolumeSettings {
  readonly qtreesPerFlexvol: number
  readonly limitVolumePoolSize?: string
  readonly denyNewVolumePools: boolean
  readonly qtreeQuotaResizePeriod: number
  readonly qtreePruneFlexvolsPeriod: number
  readonly emptyFlexvolDeferredDeletePeriod: number
}

export const economySettings: PropertySchemas<EconomySettings> = {
  ...nasSettings,
  ...poolSettings({ ...economyOptions, ...inertNasDefaults }),
  qtreesPerFlexvol: {
    type: 'integer',
    minimum: 50,
    maximum: 300,
    default: 200,
    description: 'How many volumes one FlexVol takes before another is made.',
  },
  limitVolumePoolSize: {
    type: 'string',
    format: 'size',
    description: 'Largest size of a FlexVol; a volume that would exceed it goes to another.',
  },
  denyNewVolumePools: {
    type: 'boolean',
    default: false,
    description: 'Make no FlexVols, and delete none that are empty: volumes go to those that are there.',
  },
  qtreeQuotaResizePeriod: {
    type: 'integer',
    minimum: 1,
    default: 60,
    description:
      'Seconds between tries to have the array take up new quotas, which it is first asked for as they are made.',
  },
  qtreePruneFlexvolsPeriod: {
    type: 'integer',
    minimum: 0,
    default: 600,
    description: 'Seconds between looks for what needs tidying up: empty FlexVols, volumes half removed; 0 for none.',
  },
  emptyFlexvolDeferredDeletePeriod: {
    type: 'integer',
    minimum: 0,
    default: 28_800,
    description: 'Seconds that a FlexVol stays empty before it is deleted.',
  },
}

export const inertEconomy = {
  ...inertNas,
  lunsPerFlexvol: inert('it is a setting of ontap-san-economy'),
}

export function examineEconomy(settings: EconomySettings, defaults: OptionTexts): readonly Remark[] {
  const pools = (settings.storage ?? []).flatMap((pool, i) =>
    examineMode(`/storage/${i}/defaults`, pool.defaults ?? {}),
  )
  return [...examineVolumes(settings, defaults), ...examineMode('/defaults', defaults), ...pools]
}
