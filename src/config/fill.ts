/** The last touches on checked values: what was left out, and that nobody changes them. */

import type { PropertyTable } from './common.ts'
import { isObject } from './json.ts'

/** The settings with the schema's defaults where none was given, also within objects that were. */
export function fillDefaults(
  value: Readonly<Record<string, unknown>>,
  settings: PropertyTable,
): Readonly<Record<string, unknown>> {
  const filled = Object.entries(settings).flatMap(([name, setting]) => {
    const given = value[name] ?? setting.default
    if (given === undefined) return []
    const inner = setting.properties as PropertyTable | undefined
    return [[name, inner && isObject(given) ? fillDefaults(given, inner) : given] as const]
  })
  return { ...value, ...Object.fromEntries(filled) }
}

export function freezeDeeply<T extends object>(value: T): Readonly<T> {
  for (const inner of Object.values(value)) if (typeof inner === 'object' && inner !== null) freezeDeeply(inner)
  return Object.freeze(value)
}
