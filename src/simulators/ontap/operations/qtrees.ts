/** Qtrees: directories of a volume with rights and quotas of their own. */

import { ArrayFault } from '../faults.ts'
import { MOST_QTREES } from '../limits.ts'
import type { Qtree } from '../state/qtree.ts'
import type { Volume } from '../state/volume.ts'
import type { OntapArray } from '../state.ts'
import { changed } from './changed.ts'
import { exportPolicyNamed, onlineVolume, qtreeNamed, svmNameOf } from './find.ts'
import { checkQtreeName } from './names.ts'
import { dropRules, enforceDefault, renameRules, stopEnforcing } from './quotas.ts'

/** Plain data: it is kept with the job that will make it. */
export interface NewQtree {
  readonly name: string
  /** Absent: the volume's. */
  readonly mode?: number
  readonly securityStyle?: Qtree['securityStyle']
  readonly exportPolicy?: string
  readonly oplocks?: boolean
  readonly user?: string
  readonly group?: string
}

/** @throws ArrayFault no-volume | volume-offline | default-qtree | name-too-long | bad-name | qtree-exists | qtree-limit | no-export-policy */
export function createQtree(array: OntapArray, volume: string, wanted: NewQtree): Qtree {
  const of = onlineVolume(array, volume)
  checkQtreeName(wanted.name)
  const others = array.qtrees.get(volume) ?? []
  checkFree(array, of, wanted.name)
  if (others.length >= MOST_QTREES) throw new ArrayFault('qtree-limit', { volume: of.name, most: MOST_QTREES })
  if (wanted.exportPolicy !== undefined) exportPolicyNamed(array, of.svm, wanted.exportPolicy)
  const id = of.lastQtree < MOST_QTREES ? of.lastQtree + 1 : lowestFree(others)
  const { mode, securityStyle } = of
  const qtree = { mode, securityStyle, oplocks: true, ...wanted, id, volume }
  array.volumes.put({ ...of, lastQtree: Math.max(id, of.lastQtree) })
  array.qtrees.set(
    volume,
    [...others, qtree].sort((a, b) => a.id - b.id),
  )
  array.effects.push({ kind: 'qtree', volume, qtree: qtree.name })
  changed(array, 'exports')
  enforceDefault(array, volume, qtree)
  return qtree
}

export type QtreeChange = Partial<NewQtree>

/** @throws ArrayFault no-volume | no-qtree | qtree-exists | bad-name | no-export-policy */
export function changeQtree(array: OntapArray, volume: string, name: string, change: QtreeChange): Qtree {
  const of = onlineVolume(array, volume)
  const qtree = qtreeNamed(array, of, name)
  if (change.exportPolicy !== undefined) exportPolicyNamed(array, of.svm, change.exportPolicy)
  if (change.name !== undefined && change.name !== name) {
    checkQtreeName(change.name)
    checkFree(array, of, change.name)
    array.effects.push({ kind: 'rename-qtree', volume, qtree: name, to: change.name })
    renameRules(array, volume, name, change.name)
  }
  const made = { ...qtree, ...change }
  const all = array.qtrees.get(volume) ?? []
  array.qtrees.set(
    volume,
    all.map((other) => (other.id === qtree.id ? made : other)),
  )
  changed(array, 'exports')
  return made
}

/** With all that is in it, and its quota rules. @throws ArrayFault no-volume | no-qtree | default-qtree */
export function deleteQtree(array: OntapArray, volume: string, name: string): void {
  const of = onlineVolume(array, volume)
  const { id } = qtreeNamed(array, of, name)
  array.qtrees.set(
    volume,
    (array.qtrees.get(volume) ?? []).filter((qtree) => qtree.id !== id),
  )
  dropRules(array, volume, name)
  stopEnforcing(array, volume, id)
  array.effects.push({ kind: 'unqtree', volume, qtree: name })
  changed(array, 'exports')
}

function checkFree(array: OntapArray, volume: Volume, name: string): void {
  const taken = array.qtrees.get(volume.uuid)?.some((qtree) => qtree.name === name)
  if (taken) throw new ArrayFault('qtree-exists', { qtree: name, volume: volume.name, svm: svmNameOf(array, volume) })
}

function lowestFree(qtrees: readonly Qtree[]): number {
  const taken = new Set(qtrees.map(({ id }) => id))
  let id = 1
  while (taken.has(id)) id += 1
  return id
}
