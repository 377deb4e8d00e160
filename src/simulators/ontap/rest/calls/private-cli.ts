/**
 * The command line through REST, as far as clients need it. Words of a command are the path; parameters are fields, their
 * hyphens written as they are or as `_`. Records have them with `_`.
 *
 * @see docs.netapp.com, "Access the ONTAP CLI through the REST API": /api/private/cli
 */

import type { Reply } from '../../../server.ts'
import { recoverFromQueue, recoveryQueue } from '../../operations/deletion.ts'
import { dataSvms, svmNamed, volumeNamed } from '../../operations/find.ts'
import { updateLoadSharing } from '../../operations/mirrors.ts'
import { changeVolume } from '../../operations/volume-changes.ts'
import type { Svm } from '../../state/svm.ts'
import type { Volume } from '../../state/volume.ts'
import { now, type OntapArray } from '../../state.ts'
import { compare } from '../../volume-table.ts'
import { type RestCall, seenSvms } from '../call.ts'
import { missing, noSvm, RestError } from '../errors.ts'
import { list, type Resource } from '../records.ts'
import { flag, text } from '../shape.ts'
import { atOnce, byJob } from '../writes.ts'

const vserverOf = ({ svm }: Volume, { svms }: OntapArray) => svms.get(svm)?.name

const QUEUED: Resource<Volume> = {
  keys: ['vserver', 'volume'],
  orderOf: ({ svm, name }) => `${svm} ${name}`,
  shape: {
    vserver: text(vserverOf),
    volume: text(({ name }) => name),
    deletion_request_time: text(({ deletedAt = 0 }) => new Date(deletedAt).toUTCString()),
    retention_hours: text(({ svm }, { svms }) => String(svms.get(svm)?.retentionHours ?? 0)),
  },
}

/** volume recovery-queue show */
export function listQueue(call: RestCall): Reply {
  const queued = visible(call).flatMap(({ uuid }) => recoveryQueue(call.array, uuid))
  return list(
    underscored(call),
    QUEUED,
    queued.sort((a, b) => compare(QUEUED.orderOf(a), QUEUED.orderOf(b))),
  )
}

/** volume recovery-queue purge */
export function purgeQueued(call: RestCall): Promise<Reply> {
  const { svm, volume } = volumeNamedIn(call)
  const found = recoveryQueue(call.array, svm.uuid).some(({ name }) => name === volume)
  if (!found) throw new RestError(404, 4, "entry doesn't exist")
  return byJob(call, 'POST', {
    svm: svm.uuid,
    work: { kind: 'purge-volume', svm: svm.uuid, name: volume },
    status: 200,
  })
}

/** volume recovery-queue recover */
export function recoverQueued(call: RestCall): Promise<Reply> {
  const { svm, volume } = volumeNamedIn(call)
  recoverFromQueue(call.array, svm.uuid, volume)
  return atOnce(call, 200)
}

const VOLUME: Resource<Volume> = {
  keys: ['vserver', 'volume'],
  orderOf: ({ svm, name }) => `${svm} ${name}`,
  shape: {
    vserver: text(vserverOf),
    volume: text(({ name }) => name),
    state: text(({ state }) => state),
    type: text(({ type }) => type.toUpperCase()),
    comment: text(({ comment }) => comment),
    junction_path: text(({ junction }) => junction),
    snapdir_access: flag(({ snapshotDirectory }) => snapshotDirectory),
    policy: text(({ exportPolicy }) => exportPolicy),
  },
}

/** volume show */
export function listCliVolumes(call: RestCall): Reply {
  const seen = seenSvms(call)
  const volumes = call.array.volumes
    .all()
    .filter(({ svm, type, style }) => seen.has(svm) && type !== 'del' && style !== 'constituent')
  return list(underscored(call), VOLUME, volumes)
}

/** volume modify: which one is in the query or in the body. */
export async function patchCliVolume(call: RestCall): Promise<Reply> {
  const asked = underscored(call)
  const { svm, volume } = volumeNamedIn(call)
  const { uuid } = volumeNamed(call.array, svm.uuid, volume)
  const snapshotDirectory = asked.body.flag('snapdir_access')
  const comment = asked.body.text('comment')
  for (const name of ['vserver', 'volume']) asked.body.text(name)
  asked.body.checkNothingElse()
  changeVolume(call.array, uuid, {
    ...(snapshotDirectory !== undefined && { snapshotDirectory }),
    ...(comment !== undefined && { comment }),
  })
  return atOnce(call, 200, { num_records: 1 })
}

const MIRROR: Resource<{ readonly svm: Svm; readonly mirror: Volume; readonly root: Volume }> = {
  keys: ['source_path', 'destination_path'],
  orderOf: ({ mirror }) => mirror.name,
  shape: {
    source_path: text(({ svm, root }) => `${svm.name}:${root.name}`),
    destination_path: text(({ svm, mirror }) => `${svm.name}:${mirror.name}`),
    source_vserver: text(({ svm }) => svm.name),
    source_volume: text(({ root }) => root.name),
    destination_vserver: text(({ svm }) => svm.name),
    destination_volume: text(({ mirror }) => mirror.name),
    vserver: text(({ svm }) => svm.name),
    type: text(() => 'LS'),
    state: text(() => 'snapmirrored'),
    status: text(({ svm }, array) => (isUpdating(svm, array) ? 'transferring' : 'idle')),
    healthy: flag(() => true),
  },
}

/** snapmirror show: the only way to see load-sharing mirrors. */
export function listMirrors(call: RestCall): Reply {
  const { array } = call
  const rows = visible(call).flatMap((svm) =>
    (svm.loadSharing?.mirrors ?? []).map((uuid) => ({
      svm,
      mirror: array.volumes.get(uuid)!,
      root: array.volumes.get(svm.root ?? '')!,
    })),
  )
  return list(underscored(call), MIRROR, rows)
}

/** snapmirror update-ls-set */
export async function updateMirrors(call: RestCall): Promise<Reply> {
  const { array } = call
  const { body } = underscored(call)
  const path = body.text('source_path')
  if (path === undefined) throw missing('source_path')
  body.checkNothingElse()
  const [name = ''] = path.replace(/^\/\//, '').split(/[:/]/)
  updateLoadSharing(array, svmSeen(call, name))
  return atOnce(call, 200, { num_records: 1 })
}

function isUpdating({ loadSharing }: Svm, array: OntapArray): boolean {
  return loadSharing?.updatingUntil !== undefined && loadSharing.updatingUntil > now(array)
}

function visible(call: RestCall): readonly Svm[] {
  const seen = seenSvms(call)
  return dataSvms(call.array).filter(({ uuid }) => seen.has(uuid))
}

function svmSeen(call: RestCall, name: string): Svm {
  const svm = svmNamed(call.array, name)
  if (seenSvms(call).has(svm.uuid)) return svm
  throw noSvm(name)
}

/** In the query or in the body. An SVM's own user need not say which SVM. */
function volumeNamedIn(call: RestCall): { readonly svm: Svm; readonly volume: string } {
  const given = new Map(call.query.others)
  const vserver = given.get('vserver') ?? call.body.text('vserver')
  const volume = given.get('volume') ?? call.body.text('volume')
  if (volume === undefined) throw missing('volume')
  if (vserver !== undefined) return { svm: svmSeen(call, vserver), volume }
  if (!call.svm) throw missing('vserver')
  return { svm: call.svm, volume }
}

/** The same request with `_` for `-` in all names. */
function underscored(call: RestCall): RestCall {
  const plain = (name: string) => name.replaceAll('-', '_')
  const { query, body } = call
  return {
    ...call,
    query: {
      ...query,
      fields: query.fields.map(plain),
      others: query.others.map(([name, value]) => [plain(name), value] as const),
    },
    body: body.renamed(plain),
  }
}
