/**
 * Values against JSON schemas.
 *
 * The executable carries another module in place of this one: the same `compile`, which looks up code that ajv
 * generated at build time by the schema's `$id`. Hence one export, and schemas that are named and known beforehand.
 */

import type { ValidateFunction } from 'ajv'
import { newAjv } from './ajv.ts'
import { draft07, type Schema } from './draft07.ts'
import { type Fault, faultsOf } from './faults.ts'

/** A check for the schema; its answer is empty when the value passes. ajv compiles each schema once, at its first use. */
export function compile(schema: Schema): (value: unknown) => readonly Fault[] {
  return (value) => {
    const check = compiled.get(schema) ?? newAjv().compile(draft07(schema))
    compiled.set(schema, check)
    return check(value) ? [] : faultsOf(check.errors)
  }
}

const compiled = new WeakMap<Schema, ValidateFunction>()
