/** Settings that say which SVM an instance works with, and as whom: the same for every ONTAP driver. */

import { REST_SINCE, ZAPI_UP_TO } from '../../backends/ontap/releases.ts'
import type { OntapCredentials } from '../../backends/ontap/settings.ts'
import { ConfigError, reasonOf } from '../../errors.ts'
import type { Secret } from '../../secret.ts'
import { type ArraySettings, arraySettings } from '../array-settings.ts'
import type { PropertySchema, PropertySchemas, Remark } from '../driver.ts'

export interface AccessSettings extends ArraySettings {
  readonly managementLIF: string
  readonly dataLIF?: string
  readonly svm?: string
  readonly username?: string
  readonly password?: Secret
  readonly clientCertificate?: string
  readonly clientPrivateKey?: Secret
  readonly useREST?: boolean
  readonly aggregate?: string | readonly string[]
  readonly limitAggregateUsage?: string
  readonly usageHeartbeat: number
}

export const accessSettings: PropertySchemas<AccessSettings> = {
  managementLIF: {
    type: 'string',
    minLength: 1,
    required: true,
    description:
      'Where the API is: a name or address of the SVM’s management LIF, or of the cluster’s; IPv6 in brackets if a port follows.',
  },
  dataLIF: {
    type: 'string',
    minLength: 1,
    description: 'Name or address that hosts mount from. Default: the first NFS address of the SVM that is up.',
  },
  svm: {
    type: 'string',
    minLength: 1,
    description: 'Storage virtual machine. Default: the only one that can be seen.',
  },
  username: { type: 'string', minLength: 1, description: 'User of the SVM or cluster; see `scripts/ontap-role`.' },
  password: { type: 'string', secret: true, description: 'The user’s password.' },
  clientCertificate: {
    type: 'string',
    minLength: 1,
    description: 'Certificate to log in with instead of a password: a PEM file’s path, PEM, or PEM in base64.',
  },
  clientPrivateKey: {
    type: 'string',
    secret: true,
    description: 'Its private key: PEM, or PEM in base64.',
  },
  useREST: {
    type: 'boolean',
    description: `\`true\` for ONTAP’s REST API (${REST_SINCE} and later), \`false\` for ZAPI (8.3 to ${ZAPI_UP_TO}). Default: REST from ${REST_SINCE} on; ZAPI for a user whom REST refuses.`,
  },
  aggregate: {
    type: 'array',
    items: { type: 'string', minLength: 1, description: 'Name of an aggregate.' },
    orOne: true,
    description: 'Aggregates to make volumes on: one, or a list. Default: all that the SVM is assigned.',
  },
  limitAggregateUsage: {
    type: 'string',
    format: 'percent',
    description:
      'Make no volume on an aggregate that is fuller, or that reserving its space would make fuller. Needs a user of the cluster.',
  },
  usageHeartbeat: {
    type: 'number',
    minimum: 0,
    default: 24,
    description: 'Hours between entries in the array’s event log that say this plugin is in use; 0 for none.',
  },
  ...arraySettings,
}

/** Settings of Trident's that have no meaning here. */
export const inertAccess = {
  credentials: inert(
    'a config of this plugin has no secret store; use `password`, `passwordFile` or a client certificate',
  ),
  cloneSplitDelay: inert('a clone is split when it is made, if `splitOnClone` says so'),
  replicationPolicy: inert('mirrors are set up on the array'),
  replicationSchedule: inert('mirrors are set up on the array'),
  supportedTopologies: inert('it belongs to Kubernetes; give pools a `region` or `zone` and select by those'),
  useBalancedPlacement: inert('the plugin places volumes by the room their aggregates have'),
  aws: inert('file systems of AWS are reached by their own addresses: managementLIF, dataLIF'),
} satisfies Readonly<Record<string, PropertySchema>>

export function inert(why: string): PropertySchema {
  return { type: 'string', description: 'Without effect.', inert: why }
}

/** @throws ConfigError CONFIG_INVALID */
export function credentialsOf(settings: AccessSettings): OntapCredentials {
  const { username, password, clientCertificate, clientPrivateKey } = settings
  if (clientCertificate !== undefined && clientPrivateKey) {
    if (username === undefined && !password) return { clientCertificate, clientPrivateKey }
    throw invalid('settings "clientCertificate" and "username" or "password" are both given; keep one way to log in')
  }
  if (clientCertificate !== undefined || clientPrivateKey) {
    throw invalid('setting "clientCertificate" or "clientPrivateKey" is missing; the one needs the other')
  }
  if (username !== undefined && password) return { username, password }
  throw invalid(
    `setting "${username === undefined ? 'username' : 'password'}" is missing; give "username" and "password" (or "passwordFile"), or "clientCertificate" and "clientPrivateKey"`,
  )
}

/** The sentence of a ConfigError as a remark; none when `check` throws none. */
export function fault(path: string, check: () => void): readonly Remark[] {
  try {
    check()
    return []
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return [{ level: 'error', path, sentence: reasonOf(error) }]
  }
}

export function listOf<T>(value: T | readonly T[] | undefined): readonly T[] {
  return value === undefined ? [] : Array.isArray(value) ? value : [value as T]
}

function invalid(sentence: string): ConfigError {
  return new ConfigError('CONFIG_INVALID', `${sentence}.`)
}
