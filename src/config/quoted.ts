/** Numbers and booleans in quotes. nDVP wrote `"splitOnClone": "false"` and `"webProxyPort": "8443"`; so may anyone. */

import type { PropertySchema } from '../drivers/driver.ts'
import type { PropertyTable } from './common.ts'
import { isObject } from './json.ts'

/** What text may stand for a value of each type. The booleans are those of Go. */
export const IN_QUOTES: Readonly<Partial<Record<PropertySchema['type'], string>>> = {
  boolean: '^(?:1|t|T|TRUE|true|True|0|f|F|FALSE|false|False)$',
  integer: '^-?[0-9]{1,15}$',
  number: '^-?[0-9]{1,15}(?:\\.[0-9]{1,15})?$',
}

/** The value with quotes taken off wherever a setting wants a number or a boolean and the text is one. */
export function unquoted(value: unknown, setting: Pick<PropertySchema, 'type' | 'properties' | 'items'>): unknown {
  if (typeof value === 'string') return unquotedScalar(value, setting.type)
  if (Array.isArray(value) && setting.items) {
    return value.map((item) => unquoted(item, setting.items as PropertySchema))
  }
  if (isObject(value) && setting.properties) return unquotedObject(value, setting.properties as PropertyTable)
  return value
}

function unquotedObject(value: Readonly<Record<string, unknown>>, properties: PropertyTable): unknown {
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      const property = Object.hasOwn(properties, key) ? properties[key] : undefined
      return [key, property ? unquoted(inner, property) : inner]
    }),
  )
}

function unquotedScalar(text: string, type: PropertySchema['type']): unknown {
  const pattern = IN_QUOTES[type]
  if (pattern === undefined || !new RegExp(pattern).test(text)) return text
  return type === 'boolean' ? /^[1tT]/.test(text) : Number(text)
}
