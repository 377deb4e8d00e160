/** The values of a config, made uniform and held against the schema; or every fault in them at once. */

import type { Secret } from '../secret.ts'
import { compile } from '../validate.ts'
import {
  type Complaint,
  explainClash,
  explainFault,
  explainInert,
  explainTwins,
  explainUnknown,
  findingsOf,
  type Place,
  refusal,
} from './explain.ts'
import type { Finding } from './finding.ts'
import type { Identity } from './identify.ts'
import type { Twins } from './json.ts'
import { unquoted } from './quoted.ts'
import { configSchemaOf, settingsOf } from './schema.ts'
import { findSecrets, type SecretContext } from './secrets.ts'
import { spell } from './spelling.ts'

export type Values = Readonly<Record<string, unknown>>

export interface Written {
  /** As parsed, keys in any spelling. */
  readonly root: Values
  readonly twins: readonly Twins[]
  readonly place: Place
}

export interface Checked {
  /** Keys in the schema's spelling, values as the schema has them. */
  readonly value: Values
  readonly secrets: ReadonlyMap<string, Secret>
  readonly warnings: readonly Finding[]
}

/** @throws InvalidConfig */
export async function checked(written: Written, identity: Identity, context: SecretContext): Promise<Checked> {
  const { driverName, definition } = identity
  const settings = settingsOf(driverName, definition)
  const { value: spelled, unknown, clashes, inert } = spell(written.root, settings)
  const value = unquoted(spelled, { type: 'object', properties: settings }) as Values
  const { secrets, ...found } = await findSecrets(value, settings, context)

  const revealed = { ...value, ...Object.fromEntries([...secrets].map(([name, secret]) => [name, secret.reveal()])) }
  const broken = compile(configSchemaOf(driverName, definition))(revealed)
  const strangers = unknown.map((key) => explainUnknown(key, driverName))
  const strict = value['strictConfig'] !== false
  const faults = [
    ...written.twins.map(explainTwins),
    ...clashes.map(explainClash),
    ...(strict ? strangers : []),
    ...found.faults,
    ...broken.map((fault) => explainFault(fault, revealed, settings)),
  ]
  if (faults.length > 0) throw refusal(faults, written.place)

  const warnings = [
    ...inert.map(explainInert),
    ...(strict ? [] : strangers),
    ...found.warnings,
    ...contradictions(value),
  ]
  return { value, secrets, warnings: findingsOf('warning', warnings, written.place) }
}

function contradictions(value: Values): readonly Complaint[] {
  const policy = value['deletePolicy'] ?? 'retain'
  if (value['disableDelete'] !== true || policy === 'retain') return []
  const sentence = 'setting "deletePolicy" has no effect: "disableDelete" is true, so volumes are kept'
  return [{ path: '/deletePolicy', sentence }]
}
