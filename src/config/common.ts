/** The settings every driver has. */

import type { AnyDriverDefinition, PropertySchema } from '../drivers/driver.ts'
import { policiesOf } from './delete-policy.ts'

export type PropertyTable = Readonly<Record<string, PropertySchema>>

export const CONFIG_VERSION = 1
/** nDVP's. */
const DEFAULT_PREFIX = 'netappdvp_'
export const DEFAULT_SIZE = '1G'

export function commonSettings(driverName: string, definition: AnyDriverDefinition): PropertyTable {
  return {
    $schema: { type: 'string', description: 'Where editors find the schema of this file.' },
    version: {
      type: 'integer',
      enum: [CONFIG_VERSION],
      required: true,
      description: `Version of the config format: ${CONFIG_VERSION}.`,
    },
    storageDriverName: {
      type: 'string',
      enum: [driverName],
      required: true,
      description: 'Which driver the volumes are made with.',
    },
    storagePrefix: {
      type: 'string',
      pattern: '^[A-Za-z0-9_.-]*$',
      default: defaultPrefixOf(definition),
      description: 'What the names of the volumes begin with on the array; empty for nothing.',
      ...(definition.prefix === 'none' && { inert: 'names of this driver have had no prefix since nDVP 17.07' }),
    },
    deletePolicy: {
      type: 'string',
      enum: policiesOf(definition),
      description:
        'What `docker volume rm` does: `recoverable` deletes but lets the array keep the volume for a while, `purge` deletes for good, `retain` keeps the volume and says so. Default: `recoverable` where the array can, else `purge`.',
    },
    disableDelete: {
      type: 'boolean',
      default: false,
      description: 'Same as `deletePolicy: retain`, over which it takes precedence.',
    },
    allowForeignDelete: {
      type: 'boolean',
      default: false,
      description:
        'Let `docker volume rm` also remove volumes that carry no mark of this plugin, nDVP or Trident; else such are kept, and the error says so.',
    },
    limitVolumeSize: {
      type: 'string',
      format: 'size',
      description: 'Largest size of a volume; larger ones are refused.',
    },
    strictConfig: {
      type: 'boolean',
      default: true,
      description: 'Refuse settings that are not known. `false` makes a warning of each.',
    },
    debug: {
      type: 'boolean',
      description: 'Without effect.',
      inert: 'the log level is set by --debug or --log-level, as it is since nDVP 17.04',
    },
    debugTraceFlags: {
      type: 'object',
      description: 'Without effect.',
      inert: '--log-level=debug logs every call to the array and every program that is run',
    },
    snapshotPrefix: {
      type: 'string',
      description: 'Without effect.',
      inert: 'nDVP 17.07 removed it, and snapshots are named as their creator asks',
    },
    backendName: {
      type: 'string',
      description: 'Without effect.',
      inert: 'it names a backend among several of Trident, and here a config has just one',
    },
    defaults: {
      type: 'object',
      description: 'Options of `docker volume create` for volumes that are made without them.',
      properties: { size: SIZE, ...definition.options, ...definition.inertDefaults },
    },
  }
}

/** What array names begin with where the config does not say. */
export function defaultPrefixOf({ prefix }: AnyDriverDefinition): string {
  return prefix === 'none' ? '' : DEFAULT_PREFIX
}

const SIZE: PropertySchema = {
  type: 'string',
  format: 'size',
  default: DEFAULT_SIZE,
  description: 'Size of a volume: a whole number and a unit, such as `10g`; without a unit GiB.',
}
