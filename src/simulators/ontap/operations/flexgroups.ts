/** FlexGroups: volumes made of hidden ones. */

import { randomUUID } from 'node:crypto'
import { ArrayFault } from '../faults.ts'
import { CONSTITUENTS_PER_AGGREGATE, SMALLEST_CONSTITUENT } from '../limits.ts'
import { isAtLeast } from '../releases.ts'
import type { Volume } from '../state/volume.ts'
import { nextId, type OntapArray } from '../state.ts'
import { EMPTY_BYTES } from '../volume-table.ts'
import { assignedTo, takeRoom } from './aggregates.ts'
import type { NewVolume } from './volumes.ts'

export interface Constituents {
  /** Each aggregate once. */
  readonly aggregates: readonly string[]
  /** The aggregate of each. */
  readonly places: readonly string[]
  readonly smallest: number
}

type Plan = Pick<NewVolume, 'svm' | 'aggregates' | 'constituentsPerAggregate'>

/** @throws ArrayFault not-in-release | no-aggregates */
export function planConstituents(array: OntapArray, { svm, aggregates, constituentsPerAggregate }: Plan): Constituents {
  if (!isAtLeast(array.release, '9.2')) throw new ArrayFault('not-in-release', { field: 'flexgroup' })
  const owner = array.svms.get(svm)!
  const given = aggregates.length > 0 ? aggregates : assignedTo(array, owner).map(({ name }) => name)
  if (given.length === 0) throw new ArrayFault('no-aggregates', { svm: owner.name })
  const places = Array.from({ length: constituentsPerAggregate ?? CONSTITUENTS_PER_AGGREGATE }, () => given).flat()
  return { aggregates: [...new Set(given)], places, smallest: places.length * SMALLEST_CONSTITUENT }
}

/** `NAME__0001` and so on, which nobody sees who does not ask for them. @throws ArrayFault no-space */
export function constituentsOf(array: OntapArray, group: Volume, places: readonly string[]): readonly Volume[] {
  const size = Math.ceil(group.size / places.length)
  for (const place of new Set(places)) {
    const count = places.filter((other) => other === place).length
    takeRoom(array, place, count * (group.guarantee === 'volume' ? size : EMPTY_BYTES))
  }
  const { junction: _, ...facts } = group
  return places.map((place, index) => ({
    ...facts,
    uuid: randomUUID(),
    name: `${group.name}__${String(index + 1).padStart(4, '0')}`,
    style: 'constituent',
    msid: nextId(array, 'msid'),
    dsid: nextId(array, 'dsid'),
    aggregates: [place],
    flexgroup: group.uuid,
    size,
  }))
}

/** A FlexGroup only grows. @throws ArrayFault too-small | no-space */
export function resizeConstituents(array: OntapArray, group: Volume, size: number): void {
  const constituents = array.volumes.constituentsOf(group.uuid)
  const smallest = Math.max(group.size, constituents.length * SMALLEST_CONSTITUENT)
  if (size < smallest) throw new ArrayFault('too-small', { volume: group.name, size, smallest })
  const each = Math.ceil(size / constituents.length)
  if (group.guarantee === 'volume') {
    for (const place of group.aggregates) {
      const here = constituents.filter(({ aggregates }) => aggregates.includes(place))
      takeRoom(
        array,
        place,
        here.reduce((more, constituent) => more + each - constituent.size, 0),
      )
    }
  }
  for (const constituent of constituents) array.volumes.put({ ...constituent, size: each })
}
