/** Load-sharing mirrors of an SVM's root volume. New junctions show through them only after an update. */

import { randomUUID } from 'node:crypto'
import { ArrayFault } from '../faults.ts'
import type { LoadSharing, Svm } from '../state/svm.ts'
import { nextId, now, type OntapArray } from '../state.ts'
import { takeRoom, usableAggregate } from './aggregates.ts'
import { changed } from './changed.ts'

/** One on each of the aggregates. @throws ArrayFault no-aggregate | not-assigned | no-space */
export function addLoadSharing(array: OntapArray, svm: Svm, aggregates: readonly string[]): void {
  const root = array.volumes.get(svm.root ?? '')!
  const mirrors = aggregates.map((name, index) => {
    usableAggregate(array, svm, name)
    takeRoom(array, name, root.size)
    const mirror = {
      ...root,
      uuid: randomUUID(),
      name: `${root.name}_m${index + 1}`,
      type: 'ls' as const,
      aggregates: [name],
      dsid: nextId(array, 'dsid'),
    }
    const { junction: _, ...unmounted } = mirror
    array.volumes.put(unmounted)
    return mirror.uuid
  })
  putLoadSharing(array, svm, { mirrors, updatedAt: now(array), shown: junctionsNow(array, svm) })
}

/** Junctions show once it is done. @throws ArrayFault no-mirrors | mirrors-updating */
export function updateLoadSharing(array: OntapArray, svm: Svm): void {
  const { loadSharing } = svm
  if (!loadSharing) throw new ArrayFault('no-mirrors', { svm: svm.name })
  if (loadSharing.updatingUntil !== undefined) throw new ArrayFault('mirrors-updating', { svm: svm.name })
  putLoadSharing(array, svm, { ...loadSharing, updatingUntil: now(array) + array.durations.job })
}

export function endUpdate(array: OntapArray, svm: Svm, { mirrors }: LoadSharing): void {
  putLoadSharing(array, svm, { mirrors, updatedAt: now(array), shown: junctionsNow(array, svm) })
  changed(array, 'exports')
}

function putLoadSharing(array: OntapArray, svm: Svm, loadSharing: LoadSharing): void {
  array.svms.set(svm.uuid, { ...svm, loadSharing })
}

function junctionsNow(array: OntapArray, svm: Svm): Record<string, string> {
  const mounted = array.volumes.all().filter((volume) => volume.svm === svm.uuid && volume.junction !== undefined)
  return Object.fromEntries(mounted.map(({ uuid, junction }) => [uuid, junction!]))
}
