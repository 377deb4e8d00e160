/** Which version of the config format, and which driver. */

import type { AnyDriverDefinition } from '../drivers/driver.ts'
import { ConfigError } from '../errors.ts'
import { suggest } from '../nearest.ts'
import { CONFIG_VERSION } from './common.ts'
import { type Place, refusal, wrongVersion } from './explain.ts'
import { unquoted } from './quoted.ts'

export type Registry = Readonly<Record<string, AnyDriverDefinition>>

export interface Identity {
  readonly driverName: string
  readonly definition: AnyDriverDefinition
}

type Values = Readonly<Record<string, unknown>>

/** Decided before all else: of another version or for another driver, every other sentence would mislead. */
export function identify(root: Values, registry: Registry, place: Place): Identity {
  const version = unquoted(topLevel(root, 'version'), { type: 'integer' })
  if (version !== undefined && version !== CONFIG_VERSION) {
    throw refusal([{ path: '/version', sentence: wrongVersion(JSON.stringify(version)) }], place)
  }
  const name = topLevel(root, 'storageDriverName')
  if (name === undefined || name === '') {
    const sentence = `Missing storage driver name in configuration file. ${knownDrivers(registry)}`
    throw refusal([{ path: '', sentence }], place)
  }
  const definition = typeof name === 'string' && Object.hasOwn(registry, name) ? registry[name] : undefined
  if (typeof name === 'string' && definition) return { driverName: name, definition }
  const complaint = { path: '/storageDriverName', sentence: unknownDriver(name, registry) }
  throw new ConfigError('DRIVER_UNKNOWN', refusal([complaint], place).message)
}

/** A top-level value by its key in any case; null is nothing. */
function topLevel(root: Values, name: string): unknown {
  const key = Object.keys(root).find((key) => key.toLowerCase() === name.toLowerCase())
  return (key === undefined ? undefined : root[key]) ?? undefined
}

/** Drivers of nDVP and Trident that are not here: meant as they stand, however near the name of another is. */
const ELSEWHERE = ['ontap-san', 'ontap-san-economy', 'eseries-iscsi']

function unknownDriver(name: unknown, registry: Registry): string {
  return `Unknown storage driver ${JSON.stringify(name)} in configuration file.${hintFor(name, registry)} ${knownDrivers(registry)}`
}

function hintFor(name: unknown, registry: Registry): string {
  if (typeof name !== 'string') return ''
  if (ELSEWHERE.includes(name)) return ' nDVP or Trident has it, this version of netappdvp does not.'
  const near = suggest(name, Object.keys(registry))
  return near === undefined ? '' : ` Did you mean "${near}"?`
}

function knownDrivers(registry: Registry): string {
  return `Set "storageDriverName" to one of: ${Object.keys(registry).join(', ')}.`
}
