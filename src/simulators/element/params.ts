/** Reads the parameters of a call as the array does: by type, and zero values as absent. */

import { Fault, invalidParameter, invalidType, missingParameter } from './faults.ts'
import { LARGEST_ATTRIBUTES } from './limits.ts'
import type { Attributes } from './state.ts'

/**
 * Clients written in Go send zero values for what they leave out, so `0`, `""` and `null` are an absent parameter
 * wherever it is optional. Numbers and booleans may also come as text: the vendor's own examples have
 * `"volumeID": "1"` and `"isPaired": "false"`.
 */
export class Params {
  readonly #values: Readonly<Record<string, unknown>>

  constructor(values: Readonly<Record<string, unknown>>) {
    this.#values = values
  }

  has(name: string): boolean {
    return (this.#values[name] ?? undefined) !== undefined
  }

  /** @throws Fault xMissingParameter | xInvalidParameterType */
  number(name: string): number {
    if (!this.has(name)) throw missingParameter(name)
    return asNumber(name, this.#values[name])
  }

  optionalNumber(name: string): number | undefined {
    return this.has(name) ? asNumber(name, this.#values[name]) || undefined : undefined
  }

  text(name: string): string {
    if (!this.has(name)) throw missingParameter(name)
    return asText(name, this.#values[name])
  }

  optionalText(name: string): string | undefined {
    return this.has(name) ? asText(name, this.#values[name]) || undefined : undefined
  }

  flag(name: string): boolean {
    if (!this.has(name)) throw missingParameter(name)
    return asFlag(name, this.#values[name])
  }

  optionalFlag(name: string): boolean | undefined {
    return this.has(name) ? asFlag(name, this.#values[name]) : undefined
  }

  /** One of `choices`. @throws Fault xUnrecognizedEnumString */
  optionalChoice<T extends string>(name: string, choices: readonly T[]): T | undefined {
    const value = this.optionalText(name)
    if (value === undefined) return undefined
    const choice = choices.find((choice) => choice === value)
    if (choice === undefined) throw new Fault('xUnrecognizedEnumString', value)
    return choice
  }

  optionalNumbers(name: string): readonly number[] | undefined {
    return this.optionalList(name)?.map((value) => asNumber(name, value))
  }

  optionalList(name: string): readonly unknown[] | undefined {
    const value = this.#values[name] ?? undefined
    if (value === undefined || Array.isArray(value)) return value
    throw invalidType(name, 'a list')
  }

  optionalObject(name: string): Readonly<Record<string, unknown>> | undefined {
    const value = this.#values[name] ?? undefined
    if (value === undefined) return undefined
    if (typeof value === 'object' && !Array.isArray(value)) return value as Readonly<Record<string, unknown>>
    throw invalidType(name, 'an object')
  }

  /** @throws Fault xInvalidParameter when their JSON is too long */
  optionalAttributes(): Attributes | undefined {
    const attributes = this.optionalObject('attributes')
    const length = Buffer.byteLength(JSON.stringify(attributes ?? {}))
    if (length <= LARGEST_ATTRIBUTES) return attributes
    throw invalidParameter(`The attributes are ${length} bytes of JSON, more than ${LARGEST_ATTRIBUTES}.`)
  }
}

function asNumber(name: string, value: unknown): number {
  const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value
  if (typeof number !== 'number') throw invalidType(name, 'an integer')
  if (Number.isSafeInteger(number) && number >= 0) return number
  throw invalidParameter(`Parameter ${name} cannot be ${number}.`)
}

function asText(name: string, value: unknown): string {
  if (typeof value === 'string') return value
  throw invalidType(name, 'a string')
}

function asFlag(name: string, value: unknown): boolean {
  if (value === true || value === 'true') return true
  if (value === false || value === 'false') return false
  throw invalidType(name, 'a boolean')
}
