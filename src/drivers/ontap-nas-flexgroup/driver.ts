/** ontap-nas-flexgroup: a FlexGroup a volume, spread over aggregates, over NFS. */

import { MIB } from '../../units.ts'
import { defineDriver, type PropertySchemas } from '../driver.ts'
import { arrayHooks } from '../ontap/array-hooks.ts'
import { FLEXGROUP_NAMES } from '../ontap/names.ts'
import { inertNasDefaults, type NasOptions, nasOptions } from '../ontap/nas-options.ts'
import { examineVolumes, inertVolumes, type VolumeSettings, volumeSettings } from '../ontap/nas-settings.ts'
import { LEAST_CONSTITUENT } from '../ontap/spread.ts'

const options: PropertySchemas<NasOptions> = {
  ...nasOptions,
  aggregate: { ...nasOptions.aggregate, description: 'Only this aggregate. Default: all that the config allows.' },
}

export const ontapNasFlexgroup = defineDriver<VolumeSettings, NasOptions>({
  label: 'Ontap NAS FlexGroup',
  config: {
    ...volumeSettings,
    aggregate: { ...volumeSettings.aggregate, aliases: ['flexgroupAggregateList'] },
    ...inertVolumes,
  },
  options,
  inertDefaults: inertNasDefaults,
  names: FLEXGROUP_NAMES,
  prefix: 'setting',
  /** The array rounds each part by itself. */
  sizeStep: MIB,
  minimumSize: () => LEAST_CONSTITUENT,
  copiesNeedQuiet: false,
  deletePolicies: ['recoverable', 'purge'],
  tools: ['mount', 'mount.nfs', 'umount'],
  optionalTools: ['rpc.statd'],
  examine: examineVolumes,
  ...arrayHooks('ontap-nas-flexgroup'),

  async open(settings) {
    const { openNas } = await import('../ontap/open-nas.ts')
    return openNas(settings, 'flexgroup')
  },
})
