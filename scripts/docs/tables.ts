/** README's tables, printed from what the code itself goes by. */

import { CHECK_FLAGS, DAEMON_FLAGS, SHARED_FLAGS } from '../../src/cli/options.ts'
import { ELEMENT_FLAGS, ONTAP_FLAGS } from '../../src/cli/simulate-options.ts'
import { settingsOf } from '../../src/config/schema.ts'
import type { AnyDriverDefinition, PropertySchema } from '../../src/drivers/driver.ts'
import { ERROR_TABLE } from '../../src/errors.ts'
import { COMMON_OPTIONS } from '../../src/volumes/request/options.ts'

type Properties = Readonly<Record<string, PropertySchema>>

export function settingsTable(driverName: string, definition: AnyDriverDefinition): string {
  const settings = settingsOf(driverName, definition)
  const heading = ['Setting', 'Type', 'Default', 'Meaning']
  const rows = effective(settings).map(([name, setting]) => [
    `\`${name}\`${setting.required ? ' (required)' : ''}`,
    setting.type,
    defaultOf(setting),
    meaningOf(setting),
  ])
  return `${table(heading, rows)}\n\nTaken without effect, with a warning that says why: ${inertNames(settings)}.`
}

export function optionsTable(definition: AnyDriverDefinition): string {
  const options: Properties = { ...COMMON_OPTIONS, ...definition.options }
  const rows = effective(options).map(([name, option]) => [
    [name, ...(option.aliases ?? [])].map((spelling) => `\`${spelling}\``).join(', '),
    name === 'size' ? 'setting `defaults.size`' : defaultOf(option),
    meaningOf(option),
  ])
  const inert = inertNames(definition.options)
  const taken = `Options of the arrays' drivers are taken without effect, so that one Compose file serves a laptop and an array: ${inert}.`
  return table(['Option', 'Default', 'Meaning'], rows) + (inert === '' ? '' : `\n\n${taken}`)
}

export function flagsTable(): string {
  const rows = [
    ...flagRows(SHARED_FLAGS, ''),
    ...flagRows(DAEMON_FLAGS, ''),
    ...flagRows(CHECK_FLAGS, ' Only with `check`.'),
  ]
  return table(['Flag', 'Default', 'Meaning'], rows)
}

export function simulateFlagsTable(array: 'element' | 'ontap'): string {
  return table(['Flag', 'Default', 'Meaning'], flagRows(array === 'element' ? ELEMENT_FLAGS : ONTAP_FLAGS, ''))
}

export function errorTable(): string {
  return ERROR_TABLE.map(({ who, codes }) => {
    const rows = Object.entries(codes).map(([code, meaning]) => [`\`${code}\``, meaning])
    return `${table([who, ''], rows)}\n`
  })
    .join('\n')
    .trimEnd()
}

type Flag = { readonly type: string; readonly default?: string | boolean; readonly description: string }

function flagRows(flags: Readonly<Record<string, Flag>>, note: string): readonly (readonly string[])[] {
  return Object.entries(flags).map(([name, { type, default: value, description }]) => {
    const [, words = description, told] = /^(.*?) \[default: (.*)\]$/.exec(description) ?? []
    const fallback = told ?? (value === undefined || value === false ? '' : `\`${value}\``)
    return [`\`--${name}${type === 'boolean' ? '' : '=…'}\``, fallback, `${words}.${note}`]
  })
}

function effective(properties: Properties): readonly (readonly [string, PropertySchema])[] {
  return Object.entries(properties).filter(([, { inert }]) => inert === undefined)
}

function inertNames(properties: Properties): string {
  const inert = Object.entries(properties).filter(([, property]) => property.inert !== undefined)
  return inert.map(([name]) => `\`${name}\``).join(', ')
}

function defaultOf({ default: value }: PropertySchema): string {
  return value === undefined ? '' : `\`${value}\``
}

/** Choices that the description does not name itself are added. */
function meaningOf({ description, enum: choices = [] }: PropertySchema): string {
  const unnamed = choices.length > 1 && !choices.every((choice) => description.includes(`\`${choice}\``))
  return unnamed ? `${description} One of ${choices.map((choice) => `\`${choice}\``).join(', ')}.` : description
}

function table(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(heading), `|${heading.map(() => '---|').join('')}`, ...rows.map(line)].join('\n')
}
