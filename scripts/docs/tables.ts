/** README's tables, printed from what the code itself goes by. */

import { CHECK_FLAGS, DAEMON_FLAGS, SHARED_FLAGS } from '../../src/cli/options.ts'
import { ELEMENT_FLAGS, ONTAP_FLAGS } from '../../src/cli/simulate-options.ts'
import { settingsOf } from '../../src/config/schema.ts'
import type { AnyDriverDefinition, PropertySchema } from '../../src/drivers/driver.ts'
import { ERROR_TABLE } from '../../src/errors.ts'
import { COMMON_OPTIONS } from '../../src/volumes/request/options.ts'

type Properties = Readonly<Record<string, PropertySchema>>

/** What can be set or asked for, as README shows it. */
export interface Listing {
  readonly heading: readonly string[]
  /** Cells: the name first. */
  readonly rows: readonly (readonly string[])[]
  /** Names that are taken and do nothing. */
  readonly inert: readonly string[]
}

export function settingsOfDriver(driverName: string, definition: AnyDriverDefinition): Listing {
  const settings = settingsOf(driverName, definition)
  const rows = effective(settings).map(([name, setting]) => [
    `\`${name}\`${setting.required ? ' (required)' : ''}`,
    setting.type,
    defaultOf(setting),
    meaningOf(setting),
  ])
  return { heading: ['Setting', 'Type', 'Default', 'Meaning'], rows, inert: inertNames(settings) }
}

export function optionsOfDriver({ options }: AnyDriverDefinition): Listing {
  const rows = effective({ ...COMMON_OPTIONS, ...options }).map(([name, option]) => [
    [name, ...(option.aliases ?? [])].map((spelling) => `\`${spelling}\``).join(', '),
    name === 'size' ? 'setting `defaults.size`' : defaultOf(option),
    meaningOf(option),
  ])
  return { heading: ['Option', 'Default', 'Meaning'], rows, inert: inertNames(options) }
}

/** What all of them have, word for word. */
export function shared([first, ...others]: readonly Listing[]): Listing {
  const { heading, rows, inert } = first!
  return {
    heading,
    rows: rows.filter((row) => others.every((other) => other.rows.some((same) => isEqual(row, same)))),
    inert: inert.filter((name) => others.every((other) => other.inert.includes(name))),
  }
}

/** A listing without what others, which the text names, have said already. */
export function beyond(listing: Listing, others: readonly Listing[]): Listing {
  return {
    ...listing,
    rows: listing.rows.filter((row) => !others.some(({ rows }) => rows.some((same) => isEqual(row, same)))),
    inert: listing.inert.filter((name) => !others.some(({ inert }) => inert.includes(name))),
  }
}

function isEqual(row: readonly string[], other: readonly string[]): boolean {
  return row.every((cell, index) => cell === other[index])
}

/** @param inertWords what to say of the names without effect */
export function printed({ heading, rows, inert }: Listing, inertWords: string): string {
  const names = inert.map((name) => `\`${name}\``).join(', ')
  const parts = [
    rows.length === 0 ? 'No others.' : table(heading, rows),
    ...(names === '' ? [] : [`${inertWords}: ${names}.`]),
  ]
  return parts.join('\n\n')
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

function inertNames(properties: Properties): readonly string[] {
  return Object.entries(properties).flatMap(([name, { inert }]) => (inert === undefined ? [] : [name]))
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
