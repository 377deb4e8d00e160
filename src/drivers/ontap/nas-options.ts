/** `-o` options of volumes on an ONTAP file server, which are also keys under `defaults`, in nDVP's and Trident's words. */

import { RequestError } from '../../errors.ts'
import type { OptionValues, PropertySchema, PropertySchemas } from '../driver.ts'
import { inert } from './access.ts'
import { parseMode, printMode } from './modes.ts'

export interface NasOptions {
  readonly spaceReserve: 'none' | 'volume'
  readonly snapshotPolicy: string
  readonly snapshotReserve?: number
  readonly snapshotDir: boolean
  readonly unixPermissions: string
  readonly exportPolicy: string
  readonly securityStyle: 'unix' | 'mixed'
  readonly splitOnClone: boolean
  readonly encryption?: boolean
  readonly aggregate?: string
  readonly tieringPolicy?: string
  readonly qosPolicy?: string
  readonly adaptiveQosPolicy?: string
  readonly selector?: string
}

export const nasOptions: PropertySchemas<NasOptions> = {
  spaceReserve: {
    type: 'string',
    enum: ['none', 'volume'],
    default: 'none',
    inherited: true,
    description: '`none` takes space as it is written (thin); `volume` reserves all of it at once (thick).',
  },
  snapshotPolicy: {
    type: 'string',
    minLength: 1,
    default: 'none',
    description: 'Which snapshots the array takes by itself: a snapshot policy of the SVM.',
  },
  snapshotReserve: {
    type: 'integer',
    minimum: 0,
    maximum: 90,
    inherited: true,
    description:
      'Percent of the volume, on top of its size, that only snapshots use. Default: 0 with `snapshotPolicy=none`, else 5.',
  },
  snapshotDir: {
    type: 'boolean',
    default: false,
    description: 'Whether containers see snapshots in `.snapshot`; many images cannot chown a volume that has it.',
  },
  unixPermissions: {
    type: 'string',
    minLength: 1,
    default: '---rwxrwxrwx',
    description: 'Permissions of the top directory: `---rwxr-xr-x` or `0755`.',
  },
  exportPolicy: {
    type: 'string',
    minLength: 1,
    default: 'default',
    description:
      'Which hosts may mount it: an export policy of the SVM. With `autoExportPolicy`, the plugin keeps one.',
  },
  securityStyle: {
    type: 'string',
    enum: ['unix', 'mixed'],
    default: 'unix',
    inherited: true,
    description: 'Whose permissions count: `unix`, or `mixed` with Windows.',
  },
  splitOnClone: {
    type: 'boolean',
    default: false,
    description: 'Make a clone independent of its source, which takes its full space; begun when the clone is made.',
  },
  encryption: {
    type: 'boolean',
    inherited: true,
    description: 'Encrypt the volume (NVE). Default: as the aggregate has it.',
  },
  aggregate: {
    type: 'string',
    minLength: 1,
    inherited: true,
    description: 'Aggregate to make it on. Default: the one with most room of those the config allows.',
  },
  tieringPolicy: {
    type: 'string',
    enum: ['none', 'snapshot-only', 'auto', 'backup', 'all'],
    inherited: true,
    description: 'What a FabricPool aggregate moves to its object store. Default: the array’s.',
  },
  qosPolicy: { type: 'string', minLength: 1, description: 'QoS policy group of the SVM that limits it.' },
  adaptiveQosPolicy: {
    type: 'string',
    minLength: 1,
    description: 'Adaptive QoS policy group, whose limits grow with it; instead of `qosPolicy`.',
  },
  selector: {
    type: 'string',
    minLength: 1,
    inherited: true,
    description: 'Which pool of the setting `storage` to make it in, by its labels: `tier=gold,zone!=b`.',
  },
}

/** Keys under `defaults` that Trident has for others. Given for one volume they are unknown: it would lack what was asked. */
export const inertNasDefaults = {
  nameTemplate: inert('it belongs to Kubernetes; Docker says how a volume is called'),
  fileSystemType: inert('volumes are mounted over NFS, and the array brings the filesystem'),
  formatOptions: inert('the array brings the filesystem'),
  spaceAllocation: inert('it is a default of ontap-san'),
  LUKSEncryption: inert('it is a default of ontap-san; "encryption" has the array encrypt'),
  mirroring: inert('mirrors are set up on the array'),
  skipRecoveryQueue: inert('"deletePolicy": "purge" does that'),
  adAdminUser: inert('volumes are mounted over NFS'),
} satisfies Readonly<Record<string, PropertySchema>>

/** What the schema cannot see of values that are given. @throws RequestError OPTION_INVALID */
export function settled<O extends OptionValues>(options: O): O {
  const { unixPermissions, qosPolicy, adaptiveQosPolicy } = options
  if (qosPolicy !== undefined && adaptiveQosPolicy !== undefined) {
    throw new RequestError(
      'OPTION_INVALID',
      'Options "qosPolicy" and "adaptiveQosPolicy" are both given, or one of them in the config; a volume has one of them.',
    )
  }
  if (unixPermissions === undefined) return options
  const mode = parseMode(String(unixPermissions))
  if (typeof mode === 'string') throw new RequestError('OPTION_INVALID', `Option "unixPermissions" ${mode}.`)
  return { ...options, unixPermissions: printMode(mode) }
}

/** In percent, as nDVP and Trident have it where none is asked for. */
export function reserveOf({ snapshotPolicy, snapshotReserve }: Pick<NasOptions, 'snapshotPolicy' | 'snapshotReserve'>) {
  return snapshotReserve ?? (snapshotPolicy === 'none' ? 0 : 5)
}
