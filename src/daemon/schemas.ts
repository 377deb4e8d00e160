/** Every schema that values are checked against: the build generates a validator for each, and for no other. */

import { configSchemaOf } from '../config/schema.ts'
import { REQUEST_SCHEMAS } from '../docker/protocol.ts'
import type { Schema } from '../draft07.ts'
import { drivers } from '../drivers/registry.ts'

export function allSchemas(): readonly Schema[] {
  const configs = Object.entries(drivers).map(([name, definition]) => configSchemaOf(name, definition))
  return [...REQUEST_SCHEMAS, ...configs]
}
