/** Making volumes. */

import { randomUUID } from 'node:crypto'
import { ArrayFault } from '../faults.ts'
import { SMALLEST_VOLUME } from '../limits.ts'
import type { Svm } from '../state/svm.ts'
import type { Volume } from '../state/volume.ts'
import { nextId, now, type OntapArray } from '../state.ts'
import { EMPTY_BYTES } from '../volume-table.ts'
import { takeRoom, usableAggregate } from './aggregates.ts'
import { volumeOf } from './find.ts'
import { constituentsOf, planConstituents } from './flexgroups.ts'
import { checkJunction, mountVolume } from './junctions.ts'
import { checkVolumeName } from './names.ts'
import { checkNameIsFree, checkPolicies, checkSize, checkValues, roundUp } from './volume-checks.ts'

/** What is wanted of a new volume. Plain data: it is kept with the job that will make it. */
export interface NewVolume {
  /** UUID */
  readonly svm: string
  /** What it is to have; absent: any. */
  readonly uuid?: string
  readonly name: string
  readonly style: 'flexvol' | 'flexgroup'
  /** Names. A FlexVol needs exactly one; a FlexGroup with none takes what the SVM has. */
  readonly aggregates: readonly string[]
  /** Of a FlexGroup; absent: 4. */
  readonly constituentsPerAggregate?: number
  /** Absent: 20 MiB, or the least for a FlexGroup. */
  readonly size?: number
  readonly type?: 'rw' | 'dp'
  readonly guarantee?: 'none' | 'volume'
  /** Absent: `default`. */
  readonly snapshotPolicy?: string
  readonly snapshotReserve?: number
  readonly comment?: string
  readonly junction?: string
  readonly securityStyle?: 'unix' | 'ntfs' | 'mixed'
  readonly mode?: number
  readonly uid?: number
  readonly gid?: number
  /** Absent: `default`. */
  readonly exportPolicy?: string
  readonly snapshotDirectory?: boolean
  readonly encryption?: boolean
  readonly tieringPolicy?: Volume['tieringPolicy']
  readonly qosPolicy?: string
}

/**
 * What an array looks at before it begins.
 *
 * @throws ArrayFault no-svm | name-too-long | name-bad-start | bad-name | volume-exists | one-aggregate | no-aggregates |
 * no-aggregate | not-assigned | no-snapshot-policy | no-export-policy | no-qos-policy | bad-junction | bad-value |
 * not-in-release | volume-limit
 */
export function checkNewVolume(array: OntapArray, wanted: NewVolume): void {
  const svm = array.svms.get(wanted.svm)
  if (svm?.type !== 'data') throw new ArrayFault('no-svm', { svm: wanted.svm })
  checkVolumeName(wanted.name, wanted.style)
  checkNameIsFree(array, svm, wanted.name)
  checkPlace(array, svm, wanted)
  checkPolicies(array, svm.uuid, wanted)
  checkValues(array, wanted)
  if (wanted.junction !== undefined) checkJunction(array, svm.uuid, wanted.junction)
  const { maxVolumes } = svm
  if (maxVolumes !== undefined && volumeCount(array, svm) >= maxVolumes) {
    throw new ArrayFault('volume-limit', { svm: svm.name, most: maxVolumes })
  }
}

/** Online, and mounted if it has a junction. @throws ArrayFault as checkNewVolume, too-small | too-large | no-space */
export function createVolume(array: OntapArray, wanted: NewVolume): Volume {
  checkNewVolume(array, wanted)
  const constituents = wanted.style === 'flexgroup' ? planConstituents(array, wanted) : undefined
  const smallest = constituents?.smallest ?? SMALLEST_VOLUME
  const asked = wanted.size ?? smallest
  checkSize(asked, smallest, wanted.name)
  const size = roundUp(asked)
  const volume = newVolume(array, { ...wanted, size, aggregates: constituents?.aggregates ?? wanted.aggregates })
  if (constituents) {
    for (const constituent of constituentsOf(array, volume, constituents.places)) array.volumes.put(constituent)
  } else {
    takeRoom(array, volume.aggregates[0]!, volume.guarantee === 'volume' ? size : EMPTY_BYTES)
  }
  array.volumes.put(volume)
  array.effects.push({ kind: 'make', volume: volume.uuid, size })
  if (wanted.junction !== undefined) mountVolume(array, volume.uuid, wanted.junction)
  return volumeOf(array, volume.uuid)
}

/** Those that can be seen, the root included. */
function volumeCount(array: OntapArray, { uuid }: Svm): number {
  return array.volumes.all().filter(({ svm, type, style }) => svm === uuid && type !== 'del' && style !== 'constituent')
    .length
}

function checkPlace(array: OntapArray, svm: Svm, { style, aggregates }: NewVolume): void {
  if (style === 'flexvol' && aggregates.length !== 1) {
    throw new ArrayFault('one-aggregate', { given: aggregates.length })
  }
  for (const name of aggregates) usableAggregate(array, svm, name)
}

/** Unless told, 5 % of a volume with a snapshot policy are for snapshots. */
function newVolume(array: OntapArray, wanted: NewVolume & { readonly size: number }): Volume {
  const svm = array.svms.get(wanted.svm)!
  const snapshotPolicy = wanted.snapshotPolicy ?? 'default'
  return {
    uuid: wanted.uuid ?? randomUUID(),
    name: wanted.name,
    svm: svm.uuid,
    style: wanted.style,
    type: wanted.type ?? 'rw',
    isRoot: false,
    state: 'online',
    createdAt: now(array),
    msid: nextId(array, 'msid'),
    dsid: nextId(array, 'dsid'),
    aggregates: wanted.aggregates,
    size: wanted.size,
    snapshotReserve: wanted.snapshotReserve ?? array.snapshotPolicies.get(snapshotPolicy)?.reserve ?? 0,
    guarantee: wanted.guarantee ?? 'volume',
    snapshotPolicy,
    comment: wanted.comment ?? '',
    securityStyle: wanted.securityStyle ?? 'unix',
    mode: wanted.mode ?? 0o755,
    uid: wanted.uid ?? 0,
    gid: wanted.gid ?? 0,
    exportPolicy: wanted.exportPolicy ?? 'default',
    snapshotDirectory: wanted.snapshotDirectory ?? true,
    language: svm.language,
    encryption: wanted.encryption ?? false,
    tieringPolicy: wanted.tieringPolicy ?? 'none',
    ...(wanted.qosPolicy !== undefined && { qosPolicy: wanted.qosPolicy }),
    quota: { state: 'off', enforced: [] },
    lastQtree: 0,
  }
}
