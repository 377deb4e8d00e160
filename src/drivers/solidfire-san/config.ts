/** Settings and options of solidfire-san, in nDVP's and Trident's words. */

import { parseEndpoint } from '../../backends/element/endpoint.ts'
import { ConfigError, reasonOf } from '../../errors.ts'
import type { Filesystem } from '../../publication.ts'
import type { Secret } from '../../secret.ts'
import type { Bytes } from '../../units.ts'
import { type ArraySettings, arraySettings } from '../array-settings.ts'
import { fileSystemType } from '../block-options.ts'
import type { OptionTexts, PropertySchema, PropertySchemas, Remark } from '../driver.ts'
import { portalOf } from './portal.ts'
import { disorderIn, parseQos, type QosType, typeNamed, unknownType } from './qos.ts'

export interface Config extends ArraySettings {
  readonly Endpoint: Secret
  readonly username?: string
  readonly password?: Secret
  readonly SVIP: string
  readonly TenantName: string
  readonly InitiatorIFace: string
  readonly Types?: readonly QosType[]
  readonly DefaultVolSz?: number
  readonly DefaultBlockSize: BlockSize
  readonly LegacyNamePrefix: string
  readonly AccessGroups?: readonly number[]
}

export type BlockSize = 512 | 4096

const iops = (what: string): PropertySchema => ({
  type: 'integer',
  minimum: 1,
  required: true,
  description: `${what} I/O operations of 4 KiB a second.`,
})

const type: PropertySchema = {
  type: 'object',
  description: 'A quality of service and its name.',
  properties: {
    Type: { type: 'string', minLength: 1, required: true, description: 'The name that `-o type` takes, in any case.' },
    Qos: {
      type: 'object',
      required: true,
      description: 'Its limits, rising in this order.',
      properties: { minIOPS: iops('Guaranteed'), maxIOPS: iops('Sustained'), burstIOPS: iops('Short-term') },
    },
  },
}

/** Of Trident's virtual pools, of which one config of this plugin has none. */
const poolSetting = (what: PropertySchema['type']): PropertySchema => ({
  type: what,
  description: 'Without effect.',
  inert: "it belongs to Trident's virtual pools; name a quality of service with Types and -o type instead",
})

const own: PropertySchemas<Omit<Config, keyof ArraySettings>> = {
  Endpoint: {
    type: 'string',
    secret: true,
    required: true,
    description:
      'Where the API is and who we are there: `https://USER:PASSWORD@MVIP/json-rpc/7.0`. Write `%` in the password as `%25`, `/` as `%2F`.',
  },
  username: { type: 'string', minLength: 1, description: 'Cluster administrator, instead of the one in `Endpoint`.' },
  password: {
    type: 'string',
    secret: true,
    description: "The administrator's password, instead of that in `Endpoint`.",
  },
  SVIP: {
    type: 'string',
    minLength: 1,
    required: true,
    description:
      'Storage address for iSCSI, with or without a port: `10.0.0.7`, `10.0.0.7:3260`, `[2001:db8::7]:3260`.',
  },
  TenantName: {
    type: 'string',
    minLength: 1,
    maxLength: 64,
    required: true,
    description: 'Account that owns the volumes. It is made if the array has none of that name.',
  },
  InitiatorIFace: {
    type: 'string',
    pattern: '^[A-Za-z0-9_.:-]+$',
    default: 'default',
    description: 'The interface of open-iscsi to log in through; see `iscsiadm -m iface`.',
  },
  Types: { type: 'array', items: type, description: 'Qualities of service that `-o type` names.' },
  DefaultVolSz: {
    type: 'integer',
    minimum: 1,
    description: 'Size in GiB of volumes made without one, if `defaults.size` is not given.',
  },
  DefaultBlockSize: {
    type: 'integer',
    enum: [512, 4096],
    default: 512,
    aliases: ['DefaultBockSize'],
    description: 'Logical blocks of new volumes: `512` (emulated) or `4096`.',
  },
  LegacyNamePrefix: {
    type: 'string',
    default: 'netappdvp-',
    description: 'What names on the array began with under nDVP 1.3.0, whose volumes are found by it.',
  },
  AccessGroups: {
    type: 'array',
    items: { type: 'integer', minimum: 1, description: 'ID of a group.' },
    description: 'IDs of volume access groups that each volume joins as it is made, or else as it is first mounted.',
  },
}

const inert = {
  UseCHAP: {
    type: 'boolean',
    description: 'Without effect.',
    inert: "each login authenticates by CHAP with the tenant's own secret",
  },
  storage: poolSetting('array'),
  labels: poolSetting('object'),
  region: poolSetting('string'),
  zone: poolSetting('string'),
  supportedTopologies: poolSetting('array'),
} satisfies Readonly<Record<string, PropertySchema>>

export const config: PropertySchemas<Config> = { ...own, ...arraySettings, ...inert }

export interface Options {
  readonly fileSystemType: Filesystem
  readonly type?: string
  readonly qos?: string
  readonly blocksize?: BlockSize
}

export const options: PropertySchemas<Options> = {
  fileSystemType,
  type: {
    type: 'string',
    minLength: 1,
    description: 'Quality of service by a name from the setting `Types`, in any case.',
  },
  qos: { type: 'string', minLength: 1, description: 'Quality of service as `minIOPS,maxIOPS,burstIOPS`.' },
  blocksize: {
    type: 'integer',
    enum: [512, 4096],
    inherited: true,
    description: 'Logical blocks: `512` (emulated) or `4096`. Default: setting `DefaultBlockSize`.',
  },
}

/** What the schema cannot see. */
export function examine(config: Config, defaults: OptionTexts): readonly Remark[] {
  const faults = [
    ...fault('/Endpoint', () => void parseEndpoint(config.Endpoint.reveal(), credentialsOf(config))),
    ...fault('/SVIP', () => void portalOf(config.SVIP)),
    ...typeFaults(config.Types ?? []),
    ...defaultFaults(config.Types ?? [], defaults),
  ]
  return faults.map((found) => ({ level: 'error', ...found }))
}

export function credentialsOf({ username, password }: Config) {
  return { ...(username !== undefined && { username }), ...(password && { password }) }
}

export function defaultSize({ DefaultVolSz }: Config): string | undefined {
  return DefaultVolSz === undefined ? undefined : `${DefaultVolSz}GiB`
}

/** The array's own least size: a decimal gigabyte. @see Element API, CreateVolume, totalSize */
export const MINIMUM_SIZE = 1_000_000_000 as Bytes

type Fault = Omit<Remark, 'level'>

function fault(path: string, check: () => void): readonly Fault[] {
  try {
    check()
    return []
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return [{ path, sentence: reasonOf(error) }]
  }
}

function typeFaults(types: readonly QosType[]): readonly Fault[] {
  return types.flatMap(({ Type, Qos }, index) => {
    const path = `/Types/${index}`
    const disorder = disorderIn(Qos)
    const first = types.findIndex((other) => other.Type.toLowerCase() === Type.toLowerCase())
    return [
      ...(disorder === undefined ? [] : [{ path, sentence: `type "${Type}" in "Types" cannot be: ${disorder}` }]),
      ...(first === index ? [] : [{ path, sentence: `type "${Type}" stands twice in "Types"; rename or remove one` }]),
    ]
  })
}

function defaultFaults(types: readonly QosType[], { type, qos }: OptionTexts): readonly Fault[] {
  const path = '/defaults'
  if (type !== undefined && qos !== undefined) {
    return [{ path, sentence: 'settings "defaults.type" and "defaults.qos" are both given; keep one of them' }]
  }
  if (type !== undefined && !typeNamed(types, type)) {
    return [{ path: `${path}/type`, sentence: `setting "defaults.type" ${unknownType(types, type)}` }]
  }
  const parsed = qos === undefined ? undefined : parseQos(qos)
  return typeof parsed === 'string' ? [{ path: `${path}/qos`, sentence: `setting "defaults.qos" ${parsed}` }] : []
}
