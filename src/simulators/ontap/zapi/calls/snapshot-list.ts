/** Snapshots as snapshot-get-iter lists them. */

import { snapshotsOf } from '../../operations/find.ts'
import { ownersOf } from '../../operations/snapshots.ts'
import type { Snapshot, Volume } from '../../state/volume.ts'
import type { OntapArray } from '../../state.ts'
import { type Answer, type Call, listing, svmName, svmsOf } from '../call.ts'
import { sortedBy, typed } from '../iterators.ts'
import { patternOf } from '../patterns.ts'
import type { Shape } from '../records.ts'
import { written } from '../views.ts'
import { liveVolumes } from './volume-list.ts'

interface Of {
  readonly volume: Volume
  readonly snapshot: Snapshot
}

/**
 * snapshot-get-iter. Of a volume that is offline nothing is told but an error, in an answer that has passed.
 *
 * Recorded: `volume-errors` beside `num-records` 0, with errno 13023.
 */
export function getSnapshots(call: Call): Answer {
  const { array } = call
  const rows = liveVolumes(call).flatMap((volume) =>
    snapshotsOf(array, volume.uuid).map((snapshot) => ({ volume, snapshot })),
  )
  const keys = ({ volume, snapshot }: Of) => [volume.svm, volume.name, age(snapshot), snapshot.name]
  return (
    listing(call, { record: 'snapshot-info', shape: shapeOf(array), rows: sortedBy(rows, keys), keys }) + errorsOf(call)
  )
}

function shapeOf(array: OntapArray): Shape<Of> {
  return {
    'access-time': ({ snapshot }) => Math.floor(snapshot.createdAt / 1000),
    busy: ({ snapshot }) => ownersOf(array, snapshot).length > 0,
    comment: ({ snapshot }) => snapshot.comment || undefined,
    'cumulative-total': ({ snapshot }) => kilobytes(snapshot.size),
    dependency: ({ snapshot }) => ownersOf(array, snapshot)[0],
    name: ({ snapshot }) => snapshot.name,
    'snapmirror-label': ({ snapshot }) => snapshot.mirrorLabel || undefined,
    'snapshot-instance-uuid': ({ snapshot }) => snapshot.uuid,
    'snapshot-owners-list': {
      'snapshot-owner': ({ snapshot }) => ownersOf(array, snapshot).map((owner) => ({ owner })),
    },
    'snapshot-version-uuid': ({ snapshot }) => snapshot.uuid,
    total: ({ snapshot }) => kilobytes(snapshot.size),
    volume: ({ volume }) => volume.name,
    vserver: ({ volume }) => svmName(array, volume.svm),
  }
}

/** Names of volumes are patterns here as in any query. */
function errorsOf(call: Call): string {
  const { array, input } = call
  const asked = typed(input, 'query', 'snapshot-info')?.children.find(({ name }) => name === 'volume')?.text ?? ''
  if (asked === '') return ''
  const matches = patternOf(asked)
  const errors = svmsOf(call)
    .flatMap(({ uuid }) => array.volumes.all().filter((volume) => volume.svm === uuid))
    .filter(({ name, state, type }) => type !== 'del' && state !== 'online' && matches([name]))
    .map(({ name, svm }) => ({
      errno: ESNAPSHOTNOTALLOWED,
      name,
      reason: `Unable to get information for Snapshot copies of volume "${name}" on Vserver "${svmName(array, svm)}". Reason: Volume not online.`,
      vserver: svmName(array, svm),
    }))
  return errors.length === 0 ? '' : written({ 'volume-errors': { 'volume-error': errors } })
}

const ESNAPSHOTNOTALLOWED = 13023

function kilobytes(bytes: number): number {
  return Math.ceil(bytes / 1024)
}

function age({ createdAt }: Snapshot): string {
  return String(createdAt).padStart(16, '0')
}
