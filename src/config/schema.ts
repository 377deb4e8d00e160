/** One driver's whole config: as a table of settings, and as the JSON Schema made of it. */

import { draft07, type Schema } from '../draft07.ts'
import type { AnyDriverDefinition, PropertySchema } from '../drivers/driver.ts'
import { commonSettings, type PropertyTable } from './common.ts'
import { IN_QUOTES } from './quoted.ts'

/**
 * What a driver's config is validated against, what editors are offered, and what the README's tables are printed from.
 * Keys stand here in the spelling they are normalised to; in the file they may have any case.
 */
export function configSchemaOf(driverName: string, definition: AnyDriverDefinition): Schema {
  return draft07({
    $schema: 'http://json-schema.org/draft-07/schema#',
    $id: `netappdvp/config/${driverName}`,
    title: `netappdvp config for ${driverName}`,
    type: 'object',
    additionalProperties: false,
    properties: published(settingsOf(driverName, definition)),
  })
}

/** Every setting: the common ones, the driver's own, and `…File` beside each secret. */
export function settingsOf(driverName: string, definition: AnyDriverDefinition): PropertyTable {
  return { ...commonSettings(driverName, definition), ...definition.config, ...fileSettings(definition.config) }
}

/** The setting that names a file with the secret: `passwordFile` for `password`. */
export function fileSettingOf(secret: string): string {
  return `${secret}File`
}

function fileSettings(settings: PropertyTable): PropertyTable {
  const secrets = Object.keys(settings).filter((name) => settings[name]?.secret)
  return Object.fromEntries(
    secrets.map((name): [string, PropertySchema] => [
      fileSettingOf(name),
      { type: 'string', format: 'path', description: `Absolute path of a file that holds \`${name}\`, in its place.` },
    ]),
  )
}

/**
 * The table as JSON Schema: nothing unknown inside objects; numbers and booleans also in quotes, as nDVP wrote them;
 * and no secret required, since it may come from elsewhere (secrets.ts sees to that).
 */
function published(settings: PropertyTable): Readonly<Record<string, object>> {
  return Object.fromEntries(Object.entries(settings).map(([name, setting]) => [name, publishedOne(setting)]))
}

function publishedOne(setting: PropertySchema): object {
  const { required, orOne, ...schema } = setting
  const { type, properties, items, secret } = schema
  const pattern = IN_QUOTES[type]
  return {
    ...schema,
    ...(required && !secret && { required }),
    ...(pattern && { type: [type, 'string'], pattern }),
    ...(properties && { additionalProperties: false, properties: published(properties as PropertyTable) }),
    ...(items && { items: publishedOne(items as PropertySchema) }),
    ...(items && orOne && { type: [type, (items as PropertySchema).type] }),
  }
}
