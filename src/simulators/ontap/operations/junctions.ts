/** Where volumes show in the namespace of their SVM. */

import { ArrayFault } from '../faults.ts'
import type { Volume } from '../state/volume.ts'
import type { OntapArray } from '../state.ts'
import { changed } from './changed.ts'
import { svmNameOf, volumeOf } from './find.ts'

/** @throws ArrayFault bad-junction | junction-taken */
export function checkJunction(array: OntapArray, svm: string, path: string): void {
  if (!/^(?:\/[^/\s]+)+$/.test(path)) {
    throw new ArrayFault('bad-junction', { path, reason: 'A junction path must be absolute and may not be "/".' })
  }
  const parent = path.slice(0, path.lastIndexOf('/')) || '/'
  if (!array.volumes.mountedAt(svm, parent)) {
    throw new ArrayFault('bad-junction', { path, reason: `The parent path "${parent}" does not exist.` })
  }
  const other = array.volumes.mountedAt(svm, path)
  if (other) throw new ArrayFault('junction-taken', { path, volume: other.name })
}

/** A volume that is mounted elsewhere moves. @throws ArrayFault no-volume | volume-offline | bad-junction | junction-taken */
export function mountVolume(array: OntapArray, uuid: string, path: string): void {
  const volume = volumeOf(array, uuid)
  if (volume.state !== 'online') throw new ArrayFault('volume-offline', { volume: volume.name })
  if (volume.junction === path) return
  checkJunction(array, volume.svm, path)
  array.volumes.put({ ...volume, junction: path })
  changed(array, 'exports')
}

/** @throws ArrayFault no-volume | not-mounted | is-root | bad-junction (others are mounted in it) */
export function unmountVolume(array: OntapArray, uuid: string): void {
  const volume = volumeOf(array, uuid)
  if (volume.isRoot) throw new ArrayFault('is-root', { volume: volume.name })
  const { junction, ...rest } = volume
  if (junction === undefined)
    throw new ArrayFault('not-mounted', { volume: volume.name, svm: svmNameOf(array, volume) })
  const inside = array.volumes.all().find((other) => isInside(other, volume.svm, junction))
  if (inside) {
    const reason = `Volume "${inside.name}" is mounted at "${inside.junction}".`
    throw new ArrayFault('bad-junction', { path: junction, reason })
  }
  array.volumes.put(rest)
  changed(array, 'exports')
}

/** What clients see: through load-sharing mirrors, the junctions of the last update. By path. */
export function shownJunctions(array: OntapArray, svm: string): ReadonlyMap<string, Volume> {
  const shown = array.svms.get(svm)?.loadSharing?.shown
  const volumes = array.volumes.all().filter((volume) => volume.svm === svm && volume.junction !== undefined)
  const visible = shown === undefined ? volumes : volumes.filter(({ uuid, junction }) => shown[uuid] === junction)
  return new Map(visible.map((volume) => [volume.junction!, volume]))
}

function isInside({ svm, junction }: Volume, of: string, path: string): boolean {
  return svm === of && junction?.startsWith(`${path}/`) === true
}
