/** Quality of service: the config's Types, `-o type` and `-o qos`, and what the array has. */

import type { ElementLimits, Qos } from '../../backends/element/element.ts'
import { suggest } from '../../nearest.ts'

/** A row of the setting `Types`. */
export interface QosType {
  readonly Type: string
  readonly Qos: Qos
}

/** `1000,2000,4000`: least, most and burst IOPS, as `-o qos` takes them. */
export function printQos({ minIOPS, maxIOPS, burstIOPS }: Qos): string {
  return `${minIOPS},${maxIOPS},${burstIOPS}`
}

/** Either the IOPS or what is wrong, to be continued after `Option "qos" `. */
export function parseQos(text: string): Qos | string {
  const match = /^\s*(\d{1,9})\s*,\s*(\d{1,9})\s*,\s*(\d{1,9})\s*$/.exec(text)
  if (!match) return `cannot be ${JSON.stringify(text)}: it takes minIOPS,maxIOPS,burstIOPS, such as 1000,2000,4000`
  const [minIOPS, maxIOPS, burstIOPS] = match.slice(1).map(Number) as [number, number, number]
  const qos = { minIOPS, maxIOPS, burstIOPS }
  const disorder = disorderIn(qos)
  return disorder === undefined ? qos : `cannot be ${printQos(qos)}: ${disorder}`
}

/** What is wrong with the order of the three, in words; undefined when they rise. */
export function disorderIn({ minIOPS, maxIOPS, burstIOPS }: Qos): string | undefined {
  if (minIOPS > maxIOPS) return `minIOPS ${minIOPS} is above maxIOPS ${maxIOPS}`
  if (maxIOPS > burstIOPS) return `maxIOPS ${maxIOPS} is above burstIOPS ${burstIOPS}`
  return undefined
}

/** Which of the three is outside what this array allows, in words; undefined when none is. */
export function excessIn(qos: Qos, limits: Pick<ElementLimits, keyof Qos>): string | undefined {
  for (const key of ['minIOPS', 'maxIOPS', 'burstIOPS'] as const) {
    const [least, most] = limits[key]
    if (qos[key] < least || qos[key] > most)
      return `${key} ${qos[key]} is not from ${least} to ${most}, as this array has it`
  }
  return undefined
}

/** The first type of that name, in any case; the first with the same IOPS stands for all of those. */
export function typeNamed(types: readonly QosType[], name: string): QosType | undefined {
  const found = types.find(({ Type }) => Type.toLowerCase() === name.toLowerCase())
  return found && typeOf(types, found.Qos)
}

/** The type whose IOPS these are. */
export function typeOf(types: readonly QosType[], qos: Qos): QosType | undefined {
  return types.find((type) => printQos(type.Qos) === printQos(qos))
}

/** To be continued after `Option "type" `. */
export function unknownType(types: readonly QosType[], name: string): string {
  const names = types.map(({ Type }) => Type)
  if (names.length === 0) {
    return `cannot be ${JSON.stringify(name)}: the configuration has no "Types". Add some, or use -o qos=min,max,burst`
  }
  const near = suggest(name, names)
  const hint = near === undefined ? '' : ` Did you mean "${near}"?`
  return `cannot be ${JSON.stringify(name)}: specified type not found.${hint} The configuration has: ${names.join(', ')}`
}
