/** From what is asked for to what the array is told of a volume. */

import type { NewOntapVolume, OntapVolume, OntapVolumeChange, OntapVolumeStyle } from '../../backends/ontap/ontap.ts'
import type { ArrayName } from '../../names.ts'
import type { NewClone, NewVolume } from '../driver.ts'
import { commentOf, type Labels } from './marks.ts'
import { parseMode } from './modes.ts'
import { reserveOf } from './nas-options.ts'
import type { PooledOptions } from './nas-options-of.ts'
import { withReserve } from './sizes.ts'

interface Surroundings {
  readonly style: OntapVolumeStyle
  /** As the config has it. */
  readonly prefix: string
  readonly labels: Labels
  /** The one that is kept for hosts, where there is one. */
  readonly exportPolicy?: string
}

export function wishFor(
  volume: NewVolume<PooledOptions>,
  { style, prefix, labels, exportPolicy }: Surroundings,
): Omit<NewOntapVolume, 'aggregates'> {
  const { name, dockerName, size, intent, options } = volume
  const { encryption, tieringPolicy, qosPolicy, adaptiveQosPolicy } = options
  const snapshotReserve = reserveOf(options)
  return {
    name,
    style,
    size: withReserve(size, snapshotReserve),
    spaceGuarantee: options.spaceReserve,
    snapshotPolicy: options.snapshotPolicy,
    snapshotReserve,
    unixPermissions: modeOf(options.unixPermissions),
    securityStyle: options.securityStyle,
    exportPolicy: exportPolicy ?? options.exportPolicy,
    snapshotDirectory: options.snapshotDir,
    junctionPath: junctionOf(name),
    comment: commentOf({ name: dockerName, prefix, intent }, labels),
    ...(encryption !== undefined && { encryption }),
    ...(tieringPolicy !== undefined && { tieringPolicy }),
    ...(qosPolicy !== undefined && { qosPolicy }),
    ...(adaptiveQosPolicy !== undefined && { adaptiveQosPolicy }),
  }
}

/** What a clone is to have otherwise than its source; undefined when that is nothing. */
export function changeFor(
  made: OntapVolume,
  { size, options }: NewClone<PooledOptions>,
): OntapVolumeChange | undefined {
  const { snapshotDir, exportPolicy, unixPermissions, snapshotPolicy, qosPolicy, adaptiveQosPolicy } = options
  const total = size === undefined ? made.size : withReserve(size, made.snapshotReserve)
  const change = {
    ...(total > made.size && { size: total }),
    ...(snapshotDir !== undefined && { snapshotDirectory: snapshotDir }),
    ...(exportPolicy !== undefined && { exportPolicy }),
    ...(unixPermissions !== undefined && { unixPermissions: modeOf(unixPermissions) }),
    ...(snapshotPolicy !== undefined && { snapshotPolicy }),
    ...(qosPolicy !== undefined && { qosPolicy }),
    ...(adaptiveQosPolicy !== undefined && { adaptiveQosPolicy }),
  }
  return Object.keys(change).length > 0 ? change : undefined
}

export function junctionOf(name: ArrayName): string {
  return `/${name}`
}

/** Of an option that has been settled. */
function modeOf(text: string): number {
  return Number(parseMode(text))
}
