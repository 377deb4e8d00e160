/** What `docker volume create -o help` answers; Docker prints it as an error text. */

import type { PropertySchema } from '../../drivers/driver.ts'

export function optionsHelp(
  driverName: string,
  schemas: Readonly<Record<string, PropertySchema>>,
  defaults: Readonly<Record<string, string>>,
): string {
  const rows = Object.entries(schemas).map(([name, schema]) => ({ name, text: describe(schema, defaults[name]) }))
  const width = Math.max(...rows.map((row) => row.name.length))
  const lines = rows.map(({ name, text }) => `  ${name.padEnd(width)}  ${text}`)
  return `Options of ${driverName} (no volume was created):\n${lines.join('\n')}\n`
}

function describe(schema: PropertySchema, configured: string | undefined): string {
  if (schema.inert !== undefined) return `No effect: ${schema.inert}`
  const value = configured ?? schema.default
  return [
    schema.description,
    schema.enum ? `One of ${schema.enum.join(', ')}.` : '',
    value === undefined ? '' : `Default: ${value}.`,
    schema.aliases ? `Also: ${schema.aliases.join(', ')}.` : '',
  ]
    .filter((part) => part !== '')
    .join(' ')
}
