/** Volumes. What changes them is a job; what is wrong with a request is said at once, but for sizes and room. */

import { randomUUID } from 'node:crypto'
import type { Reply } from '../../../server.ts'
import { defined } from '../../defined.ts'
import { ArrayFault } from '../../faults.ts'
import { checkNewClone, type NewClone } from '../../operations/clones.ts'
import { volumeOf } from '../../operations/find.ts'
import type { VolumeChange } from '../../operations/volume-changes.ts'
import { checkNewVolume, type NewVolume } from '../../operations/volumes.ts'
import type { Work } from '../../operations/work.ts'
import { isAtLeast } from '../../releases.ts'
import type { Svm } from '../../state/svm.ts'
import type { Volume } from '../../state/volume.ts'
import { type RestCall, seenSvms, svmOf } from '../call.ts'
import { badValue, missing, noSuchEntry, RestError, unexpected } from '../errors.ts'
import { list, show } from '../records.ts'
import { byJob } from '../writes.ts'
import { modeIn } from './modes.ts'
import { VOLUME } from './volume-shape.ts'

/** Constituents only for those who ask for them; what is deleted, never. */
export function listVolumes(call: RestCall): Reply {
  const asked = new Map(call.query.others).get('is_constituent') === 'true'
  const seen = seenSvms(call)
  const rows = call.array.volumes
    .all()
    .filter(({ svm, type, style }) => type !== 'del' && seen.has(svm) && (style === 'constituent') === asked)
  return list(call, VOLUME, rows)
}

/** @throws RestError 4 */
export function getVolume(call: RestCall): Reply {
  return show(call, VOLUME, volumeAsked(call))
}

export function postVolume(call: RestCall): Promise<Reply> {
  const { array, body } = call
  const svm = svmOf(call)
  const name = body.text('name')
  if (name === undefined) throw missing('name')
  const uuid = randomUUID()
  const work: Work =
    body.flag('clone.is_flexclone') === true
      ? { kind: 'create-clone', clone: { ...newClone(call, svm, name), uuid } }
      : { kind: 'create-volume', volume: { ...newVolume(call, svm, name), uuid } }
  checkBody(call)
  if (work.kind === 'create-clone') checkNewClone(array, work.clone)
  else checkNewVolume(array, work.volume)
  const location = `/api/storage/volumes/?name=${encodeURIComponent(name)}`
  const records = call.query.returnRecords ? { num_records: 1, records: [{ uuid, name, svm: { name: svm.name } }] } : {}
  return byJob(call, 'POST', {
    svm: svm.uuid,
    work,
    location,
    records,
    status: 201,
    path: `/api/storage/volumes/${uuid}`,
  })
}

export function patchVolume(call: RestCall): Promise<Reply> {
  const { body, query } = call
  const volume = volumeAsked(call)
  const { uuid, svm } = volume
  const works: Work[] = []
  const snapshot = snapshotIn(call, 'restore_to.snapshot', uuid)
  if (snapshot !== undefined) works.push({ kind: 'restore-snapshot', volume: uuid, name: snapshot })
  const change = changeOf(call)
  if (Object.keys(change).length > 0) works.push({ kind: 'change-volume', volume: uuid, change })
  const quotas = body.flag('quota.enabled')
  if (quotas !== undefined) works.push({ kind: 'switch-quotas', volume: uuid, on: quotas })
  if (body.flag('clone.split_initiated') === true) works.push({ kind: 'split-clone', volume: uuid })
  checkBody(call)
  const stranger = query.others.find(([name]) => !name.startsWith('restore_to.'))
  if (stranger) throw unexpected(stranger[0])
  return byJob(call, 'PATCH', { svm, work: { kind: 'all', works }, status: 200 })
}

/** Takes an online, mounted volume. Without `force` it goes to the recovery queue. */
export function deleteVolume(call: RestCall): Promise<Reply> {
  const { uuid, svm } = volumeAsked(call)
  const others = new Map(call.query.others)
  const force = others.get('force')
  if (force !== undefined && !/^(?:true|false)$/.test(force)) throw badValue('force', force, 'true|false')
  for (const name of others.keys()) {
    if (name !== 'force' || !isAtLeast(call.array.release, FORCE)) throw unexpected(name)
  }
  const how = { unmountAndOffline: true, purge: force === 'true' }
  return byJob(call, 'DELETE', { svm, work: { kind: 'delete-volume', volume: uuid, how }, status: 200 })
}

/** Unsure which release was the first to have it. */
const FORCE = '9.12.1'

/** @throws RestError 4 */
export function volumeAsked(call: RestCall): Volume {
  const volume = call.array.volumes.get(call.params[0] ?? '')
  if (!volume || volume.type === 'del' || !seenSvms(call).has(volume.svm)) throw noSuchEntry()
  return volumeOf(call.array, volume.uuid)
}

function checkBody(call: RestCall): void {
  if (!call.query.ignoreUnknownFields) call.body.checkNothingElse()
}

function newVolume(call: RestCall, svm: Svm, name: string): NewVolume {
  const { body } = call
  const aggregates = aggregatesOf(call)
  const style = body.oneOf('style', ['flexvol', 'flexgroup']) ?? (aggregates.length > 1 ? 'flexgroup' : 'flexvol')
  if (aggregates.length === 0 && !body.has('style')) {
    throw new RestError(400, 787_140, 'One of "aggregates.uuid", "aggregates.name", or "style" must be provided.')
  }
  const perAggregate = body.number('constituents_per_aggregate')
  if (perAggregate !== undefined && style === 'flexvol') {
    throw new RestError(400, 13_109_290, 'constituents_per_aggregate is for FlexGroups only.')
  }
  body.oneOf('state', ['online'])
  const settings = settingsOf(call)
  const type = body.oneOf('type', ['rw', 'dp'])
  const encryption = body.flag('encryption.enabled')
  const path = body.text('nas.path')
  return {
    svm: svm.uuid,
    name,
    style,
    aggregates,
    ...defined({ constituentsPerAggregate: perAggregate, size: sizeOf(call), type, encryption }),
    ...settings,
    ...(path && { junction: path }),
  }
}

function newClone(call: RestCall, svm: Svm, name: string): NewClone {
  const { body } = call
  const parent = parentIn(call, svm)
  const path = body.text('nas.path')
  return {
    svm: svm.uuid,
    name,
    parent: parent.name,
    ...defined({
      snapshot: snapshotIn(call, 'clone.parent_snapshot', parent.uuid),
      comment: body.text('comment'),
      guarantee: body.oneOf('guarantee.type', ['none', 'volume']),
      exportPolicy: body.text('nas.export_policy.name'),
      qosPolicy: body.text('qos.policy.name'),
    }),
    ...(path && { junction: path }),
  }
}

/** By name or UUID; of the same SVM, as cloning into another is not simulated. @throws RestError, ArrayFault no-parent */
function parentIn({ array, body }: RestCall, svm: Svm): Volume {
  const [name, uuid] = [body.text('clone.parent_volume.name'), body.text('clone.parent_volume.uuid')]
  const [svmName = svm.name, svmUuid = svm.uuid] = [
    body.text('clone.parent_svm.name'),
    body.text('clone.parent_svm.uuid'),
  ]
  const asked = name ?? uuid
  if (!asked) throw missing('clone.parent_volume')
  const volume = name === undefined ? array.volumes.get(asked) : array.volumes.named(svm.uuid, name)
  const isRight = volume?.svm === svm.uuid && svmName === svm.name && svmUuid === svm.uuid
  if (isRight && (uuid === undefined || volume.uuid === uuid)) return volume
  throw new ArrayFault('no-parent', { volume: asked, svm: svmName })
}

function changeOf(call: RestCall): VolumeChange {
  const { body } = call
  const path = body.text('nas.path')
  const { qosPolicy, ...settings } = settingsOf(call)
  return {
    ...defined({
      name: body.text('name'),
      size: sizeOf(call),
      state: body.oneOf('state', ['online', 'offline', 'restricted']),
    }),
    ...settings,
    ...(path !== undefined && { junction: path === '' ? null : path }),
    ...(qosPolicy !== undefined && { qosPolicy: qosPolicy === '' || qosPolicy === 'none' ? null : qosPolicy }),
  }
}

/** What a new volume and a change have in common. */
function settingsOf({ body, array }: RestCall) {
  if (body.has('snapshot_directory_access_enabled') && !isAtLeast(array.release, '9.13.1')) {
    throw unexpected('snapshot_directory_access_enabled')
  }
  return defined({
    guarantee: body.oneOf('guarantee.type', ['none', 'volume']),
    snapshotPolicy: body.text('snapshot_policy.name'),
    snapshotReserve: body.number('space.snapshot.reserve_percent'),
    comment: body.text('comment'),
    securityStyle: body.oneOf('nas.security_style', ['unix', 'ntfs', 'mixed']),
    mode: modeIn(body, 'nas.unix_permissions'),
    uid: body.number('nas.uid'),
    gid: body.number('nas.gid'),
    exportPolicy: body.text('nas.export_policy.name'),
    snapshotDirectory: body.flag('snapshot_directory_access_enabled'),
    tieringPolicy: readTiering(body.oneOf('tiering.policy', ['none', 'snapshot_only', 'auto', 'all'])),
    qosPolicy: body.text('qos.policy.name'),
  })
}

/** ZAPI has a hyphen where this API has an underscore. */
function readTiering(
  policy: 'none' | 'snapshot_only' | 'auto' | 'all' | undefined,
): Volume['tieringPolicy'] | undefined {
  return policy === 'snapshot_only' ? 'snapshot-only' : policy
}

function sizeOf({ body }: RestCall): number | undefined {
  const [size, inSpace] = [body.size('size'), body.size('space.size')]
  return size ?? inSpace
}

function aggregatesOf({ array, body }: RestCall): readonly string[] {
  return body.namesIn('aggregates').map(({ name, uuid }) => {
    const named = [...array.aggregates.values()].find((aggregate) => aggregate.uuid === uuid)?.name
    return name ?? named ?? uuid ?? ''
  })
}

/** Name of the snapshot of a volume that is named, or told by its UUID, in query or body. It is looked for by the job. */
function snapshotIn({ array, query, body }: RestCall, field: string, volume: string): string | undefined {
  const others = new Map(query.others)
  const name = others.get(`${field}.name`) ?? body.text(`${field}.name`)
  const uuid = others.get(`${field}.uuid`) ?? body.text(`${field}.uuid`)
  return name ?? (uuid && (array.snapshots.get(volume)?.find((snapshot) => snapshot.uuid === uuid)?.name ?? uuid))
}
