/** Options of volumes that are block devices, and get their filesystem from the host. */

import { FILESYSTEMS } from '../publication.ts'
import type { PropertySchema } from './driver.ts'

export const fileSystemType: PropertySchema = {
  type: 'string',
  enum: FILESYSTEMS,
  default: 'ext4',
  aliases: ['fstype'],
  inherited: true,
  description: 'Filesystem the volume is formatted with at its first mount.',
}
