/** ontap-nas-economy: a qtree a volume, many of them in one FlexVol, over NFS. */

import { KIB } from '../../units.ts'
import { defineDriver } from '../driver.ts'
import { arrayHooks } from '../ontap/array-hooks.ts'
import { inertNasDefaults } from '../ontap/nas-options.ts'
import { LEAST_FLEXVOL } from '../ontap/sizes.ts'
import { QTREE_NAMES } from './names.ts'
import { type EconomyOptions, economyOptions, inertOptions } from './options.ts'
import { type EconomySettings, economySettings, examineEconomy, inertEconomy } from './settings.ts'

export const ontapNasEconomy = defineDriver<EconomySettings, EconomyOptions>({
  label: 'Ontap NAS Economy',
  config: { ...economySettings, ...inertEconomy },
  options: { ...economyOptions, ...inertOptions },
  inertDefaults: inertNasDefaults,
  names: QTREE_NAMES,
  prefix: 'setting',
  /** ONTAPI counts quotas in KiB; the file system, blocks. */
  sizeStep: 4 * KIB,
  /** Trident's; the array would take less. */
  minimumSize: () => LEAST_FLEXVOL,
  copiesNeedQuiet: false,
  noClones: 'Cloning with the ONTAP NAS Qtree driver is not supported.',
  deletePolicies: ['purge'],
  tools: ['mount', 'mount.nfs', 'umount'],
  optionalTools: ['rpc.statd'],
  examine: examineEconomy,
  ...arrayHooks('ontap-nas-economy'),

  async open(settings) {
    const { openEconomy } = await import('./open.ts')
    return openEconomy(settings)
  },
})
