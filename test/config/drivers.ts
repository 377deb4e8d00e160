/** Drivers that only have settings, for tests of the config. */

import type { AnyDriverDefinition, PropertySchema } from '../../src/drivers/driver.ts'
import type { Bytes } from '../../src/units.ts'

const base: Omit<AnyDriverDefinition, 'config' | 'options'> = {
  label: 'Test',
  names: { maxLength: 100 },
  prefix: 'setting',
  sizeStep: 1,
  minimumSize: () => 1 as Bytes,
  copiesNeedQuiet: false,
  deletePolicies: ['purge'],
  tools: [],
  optionalTools: [],
  open: async () => {
    throw new Error('Test drivers cannot be opened.')
  },
}

/** Has no settings of its own. */
export const plainDriver: AnyDriverDefinition = { ...base, config: {}, options: {} }

const qos: PropertySchema = {
  type: 'object',
  description: 'IOPS.',
  properties: {
    minIOPS: { type: 'integer', minimum: 50, description: 'Least.', required: true },
    burst: { type: 'boolean', default: true, description: 'Whether.' },
  },
}

/** Has settings of every kind, secrets among them, and keeps deleted volumes for a while. */
export const arrayDriver: AnyDriverDefinition = {
  ...base,
  deletePolicies: ['recoverable', 'purge'],
  config: {
    EndPoint: { type: 'string', secret: true, required: true, pattern: '^https?://', description: 'Where it is.' },
    password: { type: 'string', secret: true, description: 'For logging in.' },
    TenantName: { type: 'string', minLength: 1, required: true, aliases: ['tenant'], description: 'Whose volumes.' },
    port: { type: 'integer', minimum: 1, maximum: 65535, default: 8443, description: 'Which port.' },
    ratio: { type: 'number', default: 1, description: 'How much.' },
    usage: { type: 'string', format: 'percent', description: 'How full.' },
    state: { type: 'string', format: 'path', description: 'Where to keep things.' },
    names: { type: 'array', items: { type: 'string' }, description: 'Names.' },
    Types: {
      type: 'array',
      description: 'Kinds of volumes.',
      items: { type: 'object', properties: { Type: { type: 'string', description: 'Name.' }, Qos: qos } },
    },
    limit: qos,
    old: { type: 'string', inert: 'it never had any.', description: 'Without effect.' },
  },
  options: {
    fileSystemType: { type: 'string', enum: ['ext4', 'xfs'], aliases: ['fstype'], description: 'Filesystem.' },
    splitOnClone: { type: 'boolean', default: false, description: 'Whether to split.' },
    blocks: { type: 'integer', enum: [512, 4096], description: 'Size of a block.' },
    pool: { type: 'string', inert: 'there is only one', description: 'Without effect.' },
  },
}

export const registry = { plain: plainDriver, 'array-san': arrayDriver, 'array-nas': arrayDriver }
