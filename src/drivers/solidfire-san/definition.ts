/** solidfire-san as the registry knows it. The driver itself is loaded when it is opened: no other instance needs it. */

import { MIB } from '../../units.ts'
import { defineDriver } from '../driver.ts'
import { type Config, config, defaultSize, examine, MINIMUM_SIZE, type Options, options } from './config.ts'

export const solidfireSan = defineDriver<Config, Options>({
  label: 'SolidFire',
  config,
  options,
  // The Docker name itself: the array's own name is no key. See names.ts.
  names: { maxLength: 255 },
  prefix: 'none',
  sizeStep: MIB,
  minimumSize: () => MINIMUM_SIZE,
  copiesNeedQuiet: false,
  deletePolicies: ['recoverable', 'purge'],
  tools: ['iscsiadm', 'blkid', 'blockdev', 'tee', 'sync', 'mount', 'umount', 'mkfs.ext4', 'e2fsck', 'resize2fs'],
  optionalTools: ['multipath', 'multipathd', 'dmsetup', 'mkfs.xfs', 'xfs_growfs', 'xfs_repair'],
  defaultSize,
  examine,

  async open(settings) {
    const { openSolidfire } = await import('./open.ts')
    return openSolidfire(settings)
  },
})
