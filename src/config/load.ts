/** A config, from its file to what the daemon works with: read, validated, filled, frozen. */

import type { AnyDriverDefinition, DeletePolicy } from '../drivers/driver.ts'
import { ConfigError } from '../errors.ts'
import { type Bytes, parseSize } from '../units.ts'
import { type Checked, checked, type Values } from './checked.ts'
import { DEFAULT_SIZE, defaultPrefixOf } from './common.ts'
import { defaultPolicyOf } from './delete-policy.ts'
import { findingsOf, type Place, refusal } from './explain.ts'
import { fillDefaults, freezeDeeply } from './fill.ts'
import type { Finding } from './finding.ts'
import { identify, type Registry } from './identify.ts'
import { isObject, type Json, JsonFault, parseJson } from './json.ts'
import type { Environment } from './secrets.ts'
import { type ConfigSource, type ConfigText, readSource } from './source.ts'

export interface LoadedConfig {
  /** The file, for messages. */
  readonly name: string
  readonly driverName: string
  readonly definition: AnyDriverDefinition
  /** The driver's own settings, as its definition describes them; each secret one is a Secret. Frozen. */
  readonly config: Readonly<Record<string, unknown>>
  /** What array names begin with. */
  readonly prefix: string
  readonly deletePolicy: DeletePolicy
  /** Also remove volumes that carry no mark of ours. */
  readonly allowForeignDelete: boolean
  readonly limitVolumeSize?: Bytes
  /** Options for volumes made without them, in the words of `-o`; `size` always among them. */
  readonly defaults: Readonly<Record<string, string>>
  readonly warnings: readonly Finding[]
}

/** @throws ConfigError CONFIG_UNREADABLE | CONFIG_INVALID (an InvalidConfig, which has every fault) | DRIVER_UNKNOWN */
export async function loadConfig(source: ConfigSource, registry: Registry, env: Environment): Promise<LoadedConfig> {
  const text = await readSource(source)
  const json = decode(text)
  const place: Place = { name: text.name, lineOf: json.lineOf }
  const root = rootOf(json, place)
  const identity = identify(root, registry, place)
  const context = { driverName: identity.driverName, env, exposed: text.exposed }
  const { value, secrets, warnings } = await checked({ root, twins: json.twins, place }, identity, context)
  const config = configOf(identity.definition, value, secrets)
  const common = commonOf(identity.definition, value, config)
  const remarks = examined(identity.definition, config, common.defaults, place)
  return { name: text.name, ...identity, config, ...common, warnings: [...warnings, ...remarks] }
}

/** What the driver has to say of settings that are each fine by themselves. @throws InvalidConfig */
function examined(
  definition: AnyDriverDefinition,
  config: Values,
  defaults: LoadedConfig['defaults'],
  place: Place,
): readonly Finding[] {
  const remarks = definition.examine?.(config as never, defaults) ?? []
  const faults = remarks.filter(({ level }) => level === 'error')
  if (faults.length > 0) throw refusal(faults, place)
  return findingsOf('warning', remarks, place)
}

/** nDVP's words, and the place. */
function decode({ name, text }: ConfigText): Json {
  try {
    return parseJson(text)
  } catch (error) {
    if (!(error instanceof JsonFault)) throw error
    const { line, column, message } = error
    throw new ConfigError(
      'CONFIG_UNREADABLE',
      `Cannot decode json configuration error: ${name} line ${line} column ${column}: ${message}.`,
      { cause: error },
    )
  }
}

function rootOf({ value }: Json, place: Place): Values {
  if (isObject(value)) return value
  throw refusal([{ path: '', sentence: 'the config is not an object; write its settings between "{" and "}"' }], place)
}

function configOf(definition: AnyDriverDefinition, value: Values, secrets: Checked['secrets']): Values {
  const own = Object.keys(definition.config).flatMap((name) => {
    const given = secrets.get(name) ?? value[name]
    return given === undefined ? [] : [[name, given] as const]
  })
  return freezeDeeply(fillDefaults(Object.fromEntries(own), definition.config))
}

type Common = Pick<LoadedConfig, 'prefix' | 'deletePolicy' | 'allowForeignDelete' | 'limitVolumeSize' | 'defaults'>

/** The value has passed the schema; the casts say what that means. */
function commonOf(definition: AnyDriverDefinition, value: Values, config: Values): Common {
  const { storagePrefix, deletePolicy, disableDelete, allowForeignDelete, limitVolumeSize, defaults } = value as {
    readonly storagePrefix?: string
    readonly deletePolicy?: DeletePolicy
    readonly disableDelete?: boolean
    readonly allowForeignDelete?: boolean
    readonly limitVolumeSize?: string
    readonly defaults?: Values
  }
  const options = Object.entries(defaults ?? {}).map(([name, option]) => [name, String(option)])
  return {
    prefix: storagePrefix ?? defaultPrefixOf(definition),
    deletePolicy: disableDelete ? 'retain' : (deletePolicy ?? defaultPolicyOf(definition)),
    allowForeignDelete: allowForeignDelete ?? false,
    ...(limitVolumeSize !== undefined && { limitVolumeSize: parseSize(limitVolumeSize, 'limitVolumeSize') }),
    defaults: Object.freeze({
      size: definition.defaultSize?.(config as never) ?? DEFAULT_SIZE,
      ...Object.fromEntries(options),
    }),
  }
}
