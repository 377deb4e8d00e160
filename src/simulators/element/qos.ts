/** Rules of quality of service. */

import { invalidParameter } from './faults.ts'
import { Params } from './params.ts'
import type { ElementArray, Qos } from './state.ts'

/**
 * What a volume gets when nothing is asked for.
 *
 * minIOPS is 50 in most recorded replies, and 100 in the vendor's example of GetDefaultQoS.
 */
export const DEFAULT_QOS: Qos = { minIOPS: 50, maxIOPS: 15_000, burstIOPS: 15_000, burstTime: 60 }

/**
 * `asked` over `base`; what is absent or zero in it stays.
 *
 * @throws Fault xInvalidParameter unless minIOPS ≤ maxIOPS ≤ burstIOPS, each in its range
 */
export function mergedQos({ limits }: ElementArray, base: Qos, asked: Readonly<Record<string, unknown>>): Qos {
  const params = new Params(asked)
  const qos = {
    minIOPS: params.optionalNumber('minIOPS') ?? base.minIOPS,
    maxIOPS: params.optionalNumber('maxIOPS') ?? base.maxIOPS,
    burstIOPS: params.optionalNumber('burstIOPS') ?? base.burstIOPS,
    burstTime: params.optionalNumber('burstTime') ?? base.burstTime,
  }
  ensureWithin('minIOPS', qos.minIOPS, limits.volumeMinIOPSMin, limits.volumeMinIOPSMax)
  ensureWithin('maxIOPS', qos.maxIOPS, limits.volumeMaxIOPSMin, limits.volumeMaxIOPSMax)
  ensureWithin('burstIOPS', qos.burstIOPS, limits.volumeBurstIOPSMin, limits.volumeBurstIOPSMax)
  if (qos.minIOPS > qos.maxIOPS) throw invalidParameter('minIOPS must not be greater than maxIOPS.')
  if (qos.maxIOPS > qos.burstIOPS) throw invalidParameter('maxIOPS must not be greater than burstIOPS.')
  return qos
}

function ensureWithin(name: string, value: number, least: number, most: number): void {
  if (value < least || value > most) throw invalidParameter(`${name} ${value} is not from ${least} to ${most}.`)
}
