/** ontap-nas: a FlexVol a volume, over NFS. The driver itself is loaded when it is opened: no other instance needs it. */

import { defineDriver } from '../driver.ts'
import { inert } from '../ontap/access.ts'
import { arrayHooks } from '../ontap/array-hooks.ts'
import { FLEXVOL_NAMES } from '../ontap/names.ts'
import { inertNasDefaults, type NasOptions, nasOptions } from '../ontap/nas-options.ts'
import { examineVolumes, inertVolumes, type VolumeSettings, volumeSettings } from '../ontap/nas-settings.ts'
import { BLOCK, LEAST_FLEXVOL } from '../ontap/sizes.ts'

const inertHere = { flexgroupAggregateList: inert('it is a setting of ontap-nas-flexgroup') }

export const ontapNas = defineDriver<VolumeSettings, NasOptions>({
  label: 'Ontap NAS',
  config: { ...volumeSettings, ...inertVolumes, ...inertHere },
  options: nasOptions,
  inertDefaults: inertNasDefaults,
  names: FLEXVOL_NAMES,
  prefix: 'setting',
  sizeStep: BLOCK,
  minimumSize: () => LEAST_FLEXVOL,
  copiesNeedQuiet: false,
  deletePolicies: ['recoverable', 'purge'],
  tools: ['mount', 'mount.nfs', 'umount'],
  optionalTools: ['rpc.statd'],
  examine: examineVolumes,
  ...arrayHooks('ontap-nas'),

  async open(settings) {
    const { openNas } = await import('../ontap/open-nas.ts')
    return openNas(settings, 'flexvol')
  },
})
