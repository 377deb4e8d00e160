/** Settings and options of local-file. */

import type { Filesystem } from '../../publication.ts'
import { type Bytes, MIB } from '../../units.ts'
import { fileSystemType } from '../block-options.ts'
import type { PropertySchema, PropertySchemas } from '../driver.ts'

export interface Config {
  readonly directory?: string
  readonly limitAggregateUsage?: string
}

export const config: PropertySchemas<Config> = {
  directory: {
    type: 'string',
    format: 'path',
    description:
      'Absolute path of the directory that holds the volumes. Its parent must exist. Default: `volumes` in the state directory of the instance.',
  },
  limitAggregateUsage: {
    type: 'string',
    format: 'percent',
    description:
      "Percent of the directory's filesystem that may be used or promised to volumes (`80%`). Thin volumes count with their full size, so above 100% is overcommitment by that much.",
  },
}

export interface Options {
  readonly fileSystemType: Filesystem
  readonly spaceReserve: 'none' | 'volume'
}

const own: PropertySchemas<Options> = {
  fileSystemType,
  spaceReserve: {
    type: 'string',
    enum: ['none', 'volume'],
    default: 'none',
    description: '`none`: thin, takes the space that is written. `volume`: all space is taken at once.',
  },
}

/** Options of the arrays' drivers that mean nothing to a file. Taken, so that one Compose file serves laptop and array. */
const ARRAY_OPTIONS = {
  'an array': ['type', 'qos', 'blocksize', 'encryption', 'mediaType', 'pool', 'splitOnClone'],
  ONTAP: [
    'aggregate',
    'snapshotPolicy',
    'snapshotReserve',
    'snapshotDir',
    'tieringPolicy',
    'qosPolicy',
    'adaptiveQosPolicy',
  ],
  NFS: ['unixPermissions', 'exportPolicy', 'securityStyle'],
}

const inert = Object.entries(ARRAY_OPTIONS).flatMap(([owner, names]) =>
  names.map((name): [string, PropertySchema] => [
    name,
    { type: 'string', description: `Of ${owner}.`, inert: `a file has nothing of ${owner}'s "${name}".` },
  ]),
)

export const options: PropertySchemas<Options> = { ...own, ...Object.fromEntries(inert) }

/** mkfs.xfs refuses less than 300 MiB since xfsprogs 5.19; ext has ONTAP's least size, so that both behave alike. */
export function minimumSize({ fileSystemType }: Options): Bytes {
  return ((fileSystemType === 'xfs' ? 300 : 20) * MIB) as Bytes
}
