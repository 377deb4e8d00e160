/** Docker's `-o key=value` strings to the driver's typed options: the one door they come through. */

import type { AnyDriverDefinition, OptionValue, PropertySchema } from '../../drivers/driver.ts'
import { RequestError } from '../../errors.ts'
import { suggest } from '../../nearest.ts'
import { type Bytes, parseSize } from '../../units.ts'
import { optionsHelp } from './options-help.ts'

/** Options every driver has; the volumes layer acts on them itself. */
export const COMMON_OPTIONS: Readonly<Record<string, PropertySchema>> = {
  size: {
    type: 'string',
    format: 'size',
    description: 'Size: a whole number with a unit (`10g`, `512m`, `20gb`); a bare number means GiB.',
  },
  from: { type: 'string', minLength: 1, description: 'Make a clone of this volume.' },
  fromSnapshot: {
    type: 'string',
    minLength: 1,
    aliases: ['fromSnap'],
    description: 'With `from`: clone the volume as it was at this snapshot instead of as it is now.',
  },
}

export interface CreateRequest {
  /** What was asked for in so many words: only these can contradict a volume that exists. */
  readonly given: Readonly<Record<string, OptionValue>>
  /** `given`, else the config's defaults, else the schema's. */
  readonly options: Readonly<Record<string, OptionValue>>
  /** Absent: the default, or the size of the source. */
  readonly size?: Bytes
  readonly defaultSize: Bytes
  readonly from?: string
  readonly fromSnapshot?: string
  /** Given, known from other drivers, and without effect here: why. */
  readonly inert: readonly { readonly option: string; readonly why: string }[]
}

/**
 * @param defaults option values of the config, by the schema's spelling; `size` among them
 * @throws RequestError OPTION_UNKNOWN | OPTION_INVALID | OPTION_HELP
 */
export function parseCreateOptions(
  definition: AnyDriverDefinition,
  driverName: string,
  defaults: Readonly<Record<string, string>>,
  raw: Readonly<Record<string, string>>,
): CreateRequest {
  const schemas = { ...COMMON_OPTIONS, ...definition.options }
  if (Object.keys(raw).some((key) => key.toLowerCase() === 'help')) {
    throw new RequestError('OPTION_HELP', optionsHelp(driverName, schemas, defaults))
  }

  const spelled = respell(driverName, schemas, raw)
  const given: Record<string, OptionValue> = {}
  const inert: { option: string; why: string }[] = []
  for (const [key, text] of spelled) {
    const why = schemas[key]!.inert
    if (why !== undefined) inert.push({ option: key, why })
    else if (!(key in COMMON_OPTIONS)) given[key] = readOption(key, schemas[key]!, text)
  }
  const options = { ...fillOptions(definition.options, defaults), ...given }

  const [size, from, fromSnapshot] = ['size', 'from', 'fromSnapshot'].map((key) => spelled.get(key))
  if (from === '' || fromSnapshot === '') {
    throw new RequestError('OPTION_INVALID', `Option "${from === '' ? 'from' : 'fromSnapshot'}" needs a name.`)
  }
  if (fromSnapshot !== undefined && from === undefined) {
    throw new RequestError(
      'OPTION_INVALID',
      `Option "fromSnapshot=${fromSnapshot}" needs the volume it is a snapshot of: add -o from=VOLUME.`,
    )
  }
  return {
    given,
    options,
    defaultSize: parseSize(defaults['size'] ?? DEFAULT_SIZE, 'defaults.size'),
    inert,
    ...(size !== undefined && { size: parseSize(size) }),
    ...(from !== undefined && { from }),
    ...(fromSnapshot !== undefined && { fromSnapshot }),
  }
}

/** nDVP's. */
const DEFAULT_SIZE = '1G'

/** Keys in the schema's spelling: any case, and aliases, are taken. */
function respell(
  driverName: string,
  schemas: Readonly<Record<string, PropertySchema>>,
  raw: Readonly<Record<string, string>>,
): ReadonlyMap<string, string> {
  const spellings = new Map<string, string>()
  for (const [key, schema] of Object.entries(schemas)) {
    for (const spelling of [key, ...(schema.aliases ?? [])]) spellings.set(spelling.toLowerCase(), key)
  }

  const spelled = new Map<string, string>()
  for (const [asked, value] of Object.entries(raw)) {
    const key = spellings.get(asked.toLowerCase())
    if (key === undefined) throw unknownOption(driverName, asked, Object.keys(schemas))
    if (spelled.has(key))
      throw new RequestError('OPTION_INVALID', `Option "${key}" is given twice (once as "${asked}").`)
    spelled.set(key, value)
  }
  return spelled
}

function unknownOption(driverName: string, asked: string, known: readonly string[]): RequestError {
  const near = suggest(asked, known)
  const hint = near === undefined ? '' : ` Did you mean "${near}"?`
  return new RequestError(
    'OPTION_UNKNOWN',
    `Unknown option ${JSON.stringify(asked)} for ${driverName}.${hint} Known: ${known.join(', ')}. "-o help" describes them.`,
  )
}

function fillOptions(
  schemas: Readonly<Record<string, PropertySchema>>,
  defaults: Readonly<Record<string, string>>,
): Record<string, OptionValue> {
  const filled: Record<string, OptionValue> = {}
  for (const [key, schema] of Object.entries(schemas)) {
    if (schema.inert !== undefined) continue
    const text = defaults[key]
    const value = text === undefined ? schema.default : readOption(`defaults.${key}`, schema, text)
    if (value !== undefined) filled[key] = value
  }
  return filled
}

/** Go's spellings of a boolean, which nDVP's users know. */
const TRUE = ['1', 't', 'true']
const FALSE = ['0', 'f', 'false']

function readOption(key: string, schema: PropertySchema, text: string): OptionValue {
  const refuse = (expected: string) =>
    new RequestError('OPTION_INVALID', `Option "${key}" cannot be ${JSON.stringify(text)}: it takes ${expected}.`)

  switch (schema.type) {
    case 'boolean':
      if (TRUE.includes(text.toLowerCase())) return true
      if (FALSE.includes(text.toLowerCase())) return false
      throw refuse('true or false')
    case 'integer':
    case 'number': {
      const number = /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN
      const { minimum = Number.MIN_SAFE_INTEGER, maximum = Number.MAX_SAFE_INTEGER } = schema
      const whole = schema.type === 'integer'
      if (!(number >= minimum && number <= maximum) || (whole && !Number.isInteger(number))) {
        throw refuse(`a ${whole ? 'whole ' : ''}number from ${minimum} to ${maximum}`)
      }
      if (schema.enum && !schema.enum.includes(number)) throw refuse(`one of ${schema.enum.join(', ')}`)
      return number
    }
    default:
      return readText(schema, text, refuse)
  }
}

function readText(schema: PropertySchema, text: string, refuse: (expected: string) => RequestError): OptionValue {
  if (schema.enum) {
    const value = schema.enum.find((allowed) => String(allowed).toLowerCase() === text.toLowerCase())
    if (value === undefined) throw refuse(`one of ${schema.enum.join(', ')}`)
    return value
  }
  if (schema.format === 'size') return parseSize(text)
  if (text.length < (schema.minLength ?? 0)) throw refuse('a value')
  if (schema.pattern !== undefined && !new RegExp(schema.pattern).test(text))
    throw refuse(`what ${schema.pattern} matches`)
  return text
}
