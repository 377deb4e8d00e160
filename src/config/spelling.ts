/** Keys as people write them, in any case and by any alias, to the one spelling of the schema. */

import type { PropertySchema } from '../drivers/driver.ts'
import type { PropertyTable } from './common.ts'
import { isObject, pointerTo } from './json.ts'

export interface Spelled {
  /** Known keys only, in the schema's spelling; what counts as absent, and what has no effect, is gone. */
  readonly value: Readonly<Record<string, unknown>>
  readonly unknown: readonly UnknownKey[]
  readonly clashes: readonly Clash[]
  readonly inert: readonly InertKey[]
}

/** Paths are JSON pointers with keys as written. */
export interface UnknownKey {
  readonly path: string
  readonly key: string
  readonly known: readonly string[]
}

/** One setting under two of its names. */
export interface Clash {
  readonly path: string
  readonly names: readonly [string, string]
}

export interface InertKey {
  readonly path: string
  readonly why: string
}

export function spell(value: Readonly<Record<string, unknown>>, settings: PropertyTable): Spelled {
  const notes = { unknown: [], clashes: [], inert: [] }
  return { value: spellObject(value, settings, '', notes), ...notes }
}

interface Notes {
  readonly unknown: UnknownKey[]
  readonly clashes: Clash[]
  readonly inert: InertKey[]
}

function spellObject(
  value: Readonly<Record<string, unknown>>,
  settings: PropertyTable,
  within: string,
  notes: Notes,
): Readonly<Record<string, unknown>> {
  const names = spellingsOf(settings)
  const given = new Map<string, { readonly key: string; readonly value: unknown }>()
  for (const [key, inner] of Object.entries(value)) {
    const path = pointerTo(within, key)
    const name = names.get(key.toLowerCase())
    const setting = name === undefined ? undefined : settings[name]
    if (name === undefined || setting === undefined) {
      notes.unknown.push({ path, key, known: effectiveOf(settings) })
    } else if (setting.inert !== undefined) {
      notes.inert.push({ path, why: setting.inert })
    } else if (!countsAsAbsent(name, setting, inner)) {
      const earlier = given.get(name)
      if (earlier && !sameButForCase(earlier.key, key)) notes.clashes.push({ path, names: [earlier.key, key] })
      given.set(name, { key, value: spellValue(inner, setting, path, notes) })
    }
  }
  return Object.fromEntries([...given].map(([name, entry]) => [name, entry.value]))
}

function spellingsOf(settings: PropertyTable): ReadonlyMap<string, string> {
  const names = Object.entries(settings).flatMap(([name, { aliases = [] }]) =>
    [name, ...aliases].map((as) => [as, name]),
  )
  return new Map(names.map(([spelling, name]) => [spelling!.toLowerCase(), name!]))
}

/** Nobody is pointed to a setting without effect. */
function effectiveOf(settings: PropertyTable): readonly string[] {
  return Object.entries(settings).flatMap(([name, { inert }]) => (inert === undefined ? [name] : []))
}

/**
 * As in Go, null is nothing, and so is empty text where it is no value: Trident documents `"snapshotReserve": ""` and the
 * like. nDVP took an object for the prefix as absent too; its own templates had `"storagePrefix": {}`.
 */
function countsAsAbsent(name: string, setting: PropertySchema, value: unknown): boolean {
  if (value === null) return true
  if (value === '') return setting.format !== undefined || !(setting.required || mayBeEmpty(setting))
  return name === 'storagePrefix' && isObject(value)
}

function mayBeEmpty({ type, secret, enum: choices, minLength = 0, pattern = '' }: PropertySchema): boolean {
  return type === 'string' && !secret && choices === undefined && minLength === 0 && new RegExp(pattern).test('')
}

/** Keys that differ in case only have been found by the parser. */
function sameButForCase(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase()
}

function spellValue(value: unknown, setting: PropertySchema, path: string, notes: Notes): unknown {
  if (isObject(value) && setting.properties) {
    return spellObject(value, setting.properties as PropertyTable, path, notes)
  }
  if (Array.isArray(value) && setting.items) {
    const items = setting.items as PropertySchema
    return value.map((item, index) => spellValue(item, items, pointerTo(path, index), notes))
  }
  return value
}
