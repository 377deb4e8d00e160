/** What time does to an array by itself. */

import { RECOVERABLE_MS } from './limits.ts'
import { type ElementArray, now } from './state.ts'

/** Finishes clones, purges volumes deleted long ago, drops expired snapshots. @returns whether anything changed */
export function settle(array: ElementArray): boolean {
  const time = now(array)
  const finished = [...array.jobs.values()].filter(({ done, readyAt }) => !done && readyAt <= time)
  for (const job of finished) {
    array.jobs.set(job.asyncHandle, { ...job, done: true })
    const volume = array.volumes.get(job.volumeID)
    if (volume?.status !== 'init') continue
    array.volumes.put({ ...volume, status: 'active' })
    array.effects.push({ kind: 'refresh', volumeID: job.volumeID })
  }
  const expired = [...array.snapshots.values()].filter(({ expiresAt }) => expiresAt !== null && expiresAt <= time)
  for (const { snapshotID } of expired) dropSnapshot(array, snapshotID)
  const purged = array.volumes.deleted().filter(({ deletedAt = 0 }) => deletedAt + RECOVERABLE_MS <= time)
  for (const { volumeID } of purged) purge(array, volumeID)
  return finished.length + expired.length + purged.length > 0
}

/** Ends a volume for good, its snapshots with it. */
export function purge(array: ElementArray, volumeID: number): void {
  for (const snapshot of array.snapshots.values()) {
    if (snapshot.volumeID === volumeID) dropSnapshot(array, snapshot.snapshotID)
  }
  array.volumes.remove(volumeID)
  array.effects.push({ kind: 'purge', volumeID })
}

export function dropSnapshot(array: ElementArray, snapshotID: number): void {
  array.snapshots.delete(snapshotID)
  array.effects.push({ kind: 'drop-snapshot', snapshotID })
}
