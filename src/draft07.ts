/** Our schemas, which say `required: true` beside each property, as the JSON Schema (draft 7) they mean. */

export interface Schema {
  readonly $id: string
  readonly [keyword: string]: unknown
}

/** The same schema with each property's `required: true` moved to where draft 7 has it. Safe to repeat. */
export function draft07<S extends object>(schema: S): S {
  return lifted(schema) as S
}

function lifted(schema: unknown): unknown {
  if (!isObject(schema)) return schema
  const { required, properties, ...rest } = schema
  const names = [...(Array.isArray(required) ? required : []), ...requiredOf(properties)]
  return {
    ...rest,
    ...('items' in rest && { items: lifted(rest['items']) }),
    ...('additionalProperties' in rest && { additionalProperties: lifted(rest['additionalProperties']) }),
    ...(isObject(properties) && { properties: mapValues(properties, lifted) }),
    ...(names.length > 0 && { required: [...new Set(names)] }),
  }
}

function requiredOf(properties: unknown): readonly string[] {
  if (!isObject(properties)) return []
  return Object.keys(properties).filter((name) => {
    const property = properties[name]
    return isObject(property) && property['required'] === true
  })
}

function mapValues(object: Record<string, unknown>, change: (value: unknown) => unknown): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]))
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
