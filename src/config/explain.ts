/** What is wrong with a config, one sentence each: file and line, setting, what was found, what was expected. */

import type { PropertySchema } from '../drivers/driver.ts'
import { ConfigError, reasonOf } from '../errors.ts'
import type { Fault } from '../faults.ts'
import { suggest } from '../nearest.ts'
import { parseSize } from '../units.ts'
import { CONFIG_VERSION, type PropertyTable } from './common.ts'
import type { Finding } from './finding.ts'
import { isObject, pointerTo, type Twins } from './json.ts'
import type { Clash, InertKey, UnknownKey } from './spelling.ts'

/** Something to say about one place in the config. */
export interface Complaint {
  /** JSON pointer. */
  readonly path: string
  /** Without file, line and the final full stop. */
  readonly sentence: string
}

/** A config with faults: its message has them all, one a line. */
export class InvalidConfig extends ConfigError {
  readonly findings: readonly Finding[]

  constructor(findings: readonly Finding[]) {
    super('CONFIG_INVALID', findings.map(({ message }) => message).join('\n'))
    this.findings = findings
  }
}

export function refusal(complaints: readonly Complaint[], place: Place): InvalidConfig {
  return new InvalidConfig(findingsOf('error', complaints, place))
}

export interface Place {
  /** Of the config file. */
  readonly name: string
  lineOf(path: string): number | undefined
}

/** The complaints as findings, in the order of their lines. */
export function findingsOf(
  level: Finding['level'],
  complaints: readonly Complaint[],
  place: Place,
): readonly Finding[] {
  const lined = complaints.map(({ path, sentence }) => ({ line: nearestLine(path, place), sentence }))
  return lined
    .sort((a, b) => (a.line ?? 0) - (b.line ?? 0))
    .map(({ line, sentence }) => ({
      level,
      subject: 'config',
      message: `${place.name}${line === undefined ? '' : ` line ${line}`}: ${sentence}${/[.?]$/.test(sentence) ? '' : '.'}`,
    }))
}

/** Of the setting, or of what it stands in where it is missing. */
function nearestLine(path: string, place: Place): number | undefined {
  if (path === '') return undefined
  return place.lineOf(path) ?? nearestLine(path.slice(0, path.lastIndexOf('/')), place)
}

export function explainTwins({ within, first, second }: Twins): Complaint {
  const same = first.name === second.name
  const names = same
    ? `key "${first.name}" is given twice`
    : `keys "${first.name}" and "${second.name}" are the same setting`
  return {
    path: pointerTo(within, second.name),
    sentence: `${names} (first on line ${first.line}); remove one of them`,
  }
}

export function explainClash({ path, names: [first, second] }: Clash): Complaint {
  return { path, sentence: `keys "${first}" and "${second}" are the same setting; remove one of them` }
}

export function explainInert({ path, why }: InertKey): Complaint {
  return { path, sentence: `setting "${dotted(path)}" has no effect: ${why.replace(/\.$/, '')}` }
}

export function explainUnknown({ path, key, known }: UnknownKey, driverName: string): Complaint {
  const near = suggest(key, known)
  const hint = near === undefined ? `Known: ${known.join(', ')}.` : `Did you mean "${near}"?`
  return { path, sentence: `setting "${dotted(path)}" is unknown to ${driverName}. ${hint}` }
}

/**
 * @param value what was validated
 * @param settings the table its schema was made of
 */
export function explainFault(fault: Fault, value: unknown, settings: PropertyTable): Complaint {
  const { path, keyword, params } = fault
  if (keyword === 'required') return explainMissing(path, String(params['missingProperty']))
  const { setting, secret } = settingAt(path, settings)
  const found = valueAt(path, value)
  if (path === '/version') return { path, sentence: wrongVersion(found) }
  if (keyword === 'format' && setting?.format === 'size') {
    return { path, sentence: whySizeIsRefused(String(found), dotted(path)) }
  }
  return {
    path,
    sentence: `setting "${dotted(path)}" is ${show(found, secret)}; expected ${expectation(fault, setting)}`,
  }
}

function explainMissing(within: string, name: string): Complaint {
  const path = pointerTo(within, name)
  if (path === '/version') return { path, sentence: wrongVersion('none') }
  if (path === '/storageDriverName') return { path, sentence: 'Missing storage driver name in configuration file' }
  return { path, sentence: `setting "${dotted(path)}" is missing; add it` }
}

/** nDVP's words, both spaces included. */
export function wrongVersion(found: unknown): string {
  return `Unexpected config file version;  found ${String(found)} expected ${CONFIG_VERSION}`
}

function whySizeIsRefused(text: string, setting: string): string {
  try {
    parseSize(text, setting)
  } catch (error) {
    return reasonOf(error)
  }
  return `setting "${setting}" is ${show(text, false)}; expected a size`
}

function expectation({ keyword, params, message }: Fault, setting: PropertySchema | undefined): string {
  if (setting?.enum) return alternatives(setting.enum.map((choice) => JSON.stringify(choice)))
  switch (keyword) {
    case 'type':
      return setting ? KINDS[setting.type] : alternatives([params['type']].flat().map(String))
    case 'pattern':
      return setting && setting.type !== 'string' ? KINDS[setting.type] : `text that matches ${setting?.pattern}`
    case 'format':
      return setting?.format === 'percent' ? 'a percentage such as 80 or "80%"' : 'an absolute path'
    case 'minimum':
      return `at least ${params['limit']}`
    case 'maximum':
      return `at most ${params['limit']}`
    case 'minLength':
      return params['limit'] === 1 ? 'text that is not empty' : `at least ${params['limit']} characters`
    case 'maxLength':
      return `at most ${params['limit']} characters`
    default:
      return `another value: it ${message}`
  }
}

const KINDS: Readonly<Record<PropertySchema['type'], string>> = {
  string: 'text in quotes',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list in "[" and "]"',
  object: 'settings in "{" and "}"',
}

function alternatives(choices: readonly string[]): string {
  return choices.length < 2 ? choices.join() : `${choices.slice(0, -1).join(', ')} or ${choices.at(-1)}`
}

const LONGEST = 60

function show(value: unknown, secret: boolean): string {
  if (Array.isArray(value)) return 'a list'
  if (isObject(value)) return 'an object'
  if (secret) return typeof value === 'string' ? 'not of that form' : `a ${typeof value}`
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text
}

function segmentsOf(path: string): readonly string[] {
  return path
    .split('/')
    .slice(1)
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'))
}

/** `/Types/0/Qos` as people write it: `Types[0].Qos`. */
function dotted(path: string): string {
  return segmentsOf(path)
    .map((segment, index) => (/^\d+$/.test(segment) ? `[${segment}]` : index === 0 ? segment : `.${segment}`))
    .join('')
}

function valueAt(path: string, value: unknown): unknown {
  return segmentsOf(path).reduce<unknown>((inner, segment) => (inner as Record<string, unknown>)?.[segment], value)
}

interface SettingAt {
  readonly setting: PropertySchema | undefined
  /** It or one around it is. */
  readonly secret: boolean
}

function settingAt(path: string, settings: PropertyTable): SettingAt {
  const root: SettingAt = { setting: { type: 'object', description: '', properties: settings }, secret: false }
  return segmentsOf(path).reduce((around, segment) => {
    const setting = inside(around.setting, segment)
    return { setting, secret: around.secret || setting?.secret === true }
  }, root)
}

function inside(setting: PropertySchema | undefined, segment: string): PropertySchema | undefined {
  if (setting?.type === 'array') return setting.items as PropertySchema | undefined
  return (setting?.properties as PropertyTable | undefined)?.[segment]
}
