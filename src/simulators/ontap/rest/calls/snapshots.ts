/** Snapshots of a volume. */

import type { Reply } from '../../../server.ts'
import { defined } from '../../defined.ts'
import { snapshotsOf } from '../../operations/find.ts'
import { checkSnapshotName } from '../../operations/names.ts'
import { ownersOf } from '../../operations/snapshots.ts'
import type { Snapshot } from '../../state/volume.ts'
import type { RestCall } from '../call.ts'
import { missing, noSuchEntry } from '../errors.ts'
import { list, type Resource, show } from '../records.ts'
import { number, text } from '../shape.ts'
import { timeText } from '../times.ts'
import { byJob } from '../writes.ts'
import { volumeAsked } from './volumes.ts'

const SNAPSHOT: Resource<Snapshot> = {
  keys: ['uuid', 'name'],
  orderOf: ({ createdAt, uuid }) => `${String(createdAt).padStart(16, '0')} ${uuid}`,
  pathOf: ({ volume, uuid }) => `/api/storage/volumes/${volume}/snapshots/${uuid}`,
  shape: {
    uuid: text(({ uuid }) => uuid),
    name: text(({ name }) => name),
    create_time: text(({ createdAt }) => timeText(createdAt)),
    comment: text(({ comment }) => comment || undefined),
    size: number(({ size }) => size, { since: '9.9.1' }),
    state: text(() => 'valid'),
    snapmirror_label: text(({ mirrorLabel }) => mirrorLabel || undefined),
    version_uuid: text(({ uuid }) => uuid, { since: '9.11.1' }),
    owners: text((snapshot, array) => {
      const owners = ownersOf(array, snapshot).map((owner) => owner.replaceAll(' ', '_'))
      return owners.length > 0 ? owners : undefined
    }),
    'volume.name': text(({ volume }, { volumes }) => volumes.get(volume)?.name),
    'volume.uuid': text(({ volume }) => volume),
    'svm.name': text(({ volume }, { volumes, svms }) => svms.get(volumes.get(volume)?.svm ?? '')?.name),
    'svm.uuid': text(({ volume }, { volumes }) => volumes.get(volume)?.svm),
  },
}

export function listSnapshots(call: RestCall): Reply {
  return list(call, SNAPSHOT, inOrder(snapshotsOf(call.array, volumeAsked(call).uuid)))
}

/** @throws RestError 4 */
export function getSnapshot(call: RestCall): Reply {
  return show(call, SNAPSHOT, snapshotAsked(call))
}

/** Whether the name is free is found out by the job. */
export function postSnapshot(call: RestCall): Promise<Reply> {
  const { body } = call
  const volume = volumeAsked(call)
  const name = body.text('name')
  if (name === undefined) throw missing('name')
  const snapshot = { name, ...defined({ comment: body.text('comment'), mirrorLabel: body.text('snapmirror_label') }) }
  body.text('expiry_time')
  if (!call.query.ignoreUnknownFields) body.checkNothingElse()
  checkSnapshotName(name)
  const location = `/api/storage/volumes/${volume.uuid}/snapshots/?name=${encodeURIComponent(name)}`
  const work = { kind: 'create-snapshot', volume: volume.uuid, snapshot } as const
  return byJob(call, 'POST', { svm: volume.svm, work, location, status: 201 })
}

export function patchSnapshot(call: RestCall): Promise<Reply> {
  const { body } = call
  const volume = volumeAsked(call)
  const { name } = snapshotAsked(call)
  const to = body.text('name') ?? name
  if (!call.query.ignoreUnknownFields) body.checkNothingElse()
  const work = { kind: 'rename-snapshot', volume: volume.uuid, name, to } as const
  return byJob(call, 'PATCH', { svm: volume.svm, work, status: 200 })
}

export function deleteSnapshot(call: RestCall): Promise<Reply> {
  const volume = volumeAsked(call)
  const work = { kind: 'delete-snapshot', volume: volume.uuid, name: snapshotAsked(call).name } as const
  return byJob(call, 'DELETE', { svm: volume.svm, work, status: 200 })
}

function snapshotAsked(call: RestCall): Snapshot {
  const snapshots = snapshotsOf(call.array, volumeAsked(call).uuid)
  const snapshot = snapshots.find(({ uuid }) => uuid === call.params[1])
  if (!snapshot) throw noSuchEntry()
  return snapshot
}

function inOrder(snapshots: readonly Snapshot[]): readonly Snapshot[] {
  return [...snapshots].sort((a, b) => (SNAPSHOT.orderOf(a) < SNAPSHOT.orderOf(b) ? -1 : 1))
}
