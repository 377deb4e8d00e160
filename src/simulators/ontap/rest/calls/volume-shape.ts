/** Volumes as the API shows them. An offline one lacks what only an online one knows. */

import { parentNameOf, parentSvmNameOf, splitProgress } from '../../operations/clones.ts'
import { snapshotsOf } from '../../operations/find.ts'
import { volumeSpace } from '../../operations/space.ts'
import type { Volume } from '../../state/volume.ts'
import type { OntapArray } from '../../state.ts'
import type { Resource } from '../records.ts'
import { flag, list, number, type Shape, text } from '../shape.ts'
import { timeText } from '../times.ts'
import { digitsOf } from './modes.ts'

const online = ({ state }: Volume) => state === 'online'

const SPACE: Shape<Volume> = {
  size: number(({ size }) => size),
  'space.size': number(({ size }) => size),
  'space.available': number((volume, array) => (online(volume) ? volumeSpace(array, volume).available : undefined)),
  'space.used': number((volume, array) => (online(volume) ? volumeSpace(array, volume).used : undefined)),
  'space.afs_total': number(
    (volume, array) => (online(volume) ? volume.size - volumeSpace(array, volume).reserve : undefined),
    { since: '9.9.1' },
  ),
  'space.snapshot.reserve_percent': number(({ snapshotReserve }) => snapshotReserve),
  'space.snapshot.used': number((volume, array) =>
    online(volume) ? volumeSpace(array, volume).snapshotUsed : undefined,
  ),
  'space.logical_space.used': number((volume, array) => volumeSpace(array, volume).used, { since: '9.9.1' }),
  'space.logical_space.enforcement': flag(() => false, { since: '9.9.1' }),
  'space.logical_space.reporting': flag(() => false, { since: '9.9.1' }),
  'guarantee.type': text(({ guarantee }) => guarantee),
  'guarantee.honored': flag(() => true),
}

const NAS: Shape<Volume> = {
  'nas.path': text(({ junction }) => junction),
  'nas.export_policy.name': text(({ exportPolicy }) => exportPolicy),
  'nas.export_policy.id': number(({ exportPolicy, svm }, array) => policyId(array, svm, exportPolicy)),
  'nas.security_style': text((volume) => (online(volume) ? volume.securityStyle : undefined)),
  'nas.unix_permissions': number((volume) => (online(volume) ? digitsOf(volume.mode) : undefined)),
  'nas.uid': number((volume) => (online(volume) ? volume.uid : undefined)),
  'nas.gid': number((volume) => (online(volume) ? volume.gid : undefined)),
  'nas.junction_parent.name': text(
    ({ junction, svm }, { svms, volumes }) =>
      junction === undefined || junction === '/' ? undefined : volumes.get(svms.get(svm)?.root ?? '')?.name,
    { since: '9.9.1' },
  ),
  access_time_enabled: flag(() => true, { since: '9.8' }),
  snapshot_directory_access_enabled: flag(({ snapshotDirectory }) => snapshotDirectory, { since: '9.13.1' }),
}

const CLONE: Shape<Volume> = {
  'clone.is_flexclone': flag(({ clone }) => clone !== undefined),
  'clone.parent_volume.name': text((volume, array) => parentNameOf(array, volume)),
  'clone.parent_volume.uuid': text(({ clone }) => clone?.parent),
  'clone.parent_snapshot.name': text(({ clone }) => clone?.snapshot),
  'clone.parent_snapshot.uuid': text(
    ({ clone }, array) =>
      clone && snapshotsOf(array, clone.parent).find((snapshot) => snapshot.name === clone.snapshot)?.uuid,
  ),
  'clone.parent_svm.name': text((volume, array) => parentSvmNameOf(array, volume)),
  'clone.split_initiated': flag(({ clone }) => (clone ? clone.splitUntil !== undefined : undefined)),
  'clone.split_complete_percent': number((volume, array) => splitProgress(array, volume)),
  'clone.has_flexclone': flag(({ uuid }, { volumes }) => volumes.clonesOf(uuid).length > 0, { since: '9.10.1' }),
}

export const VOLUME: Resource<Volume> = {
  keys: ['uuid', 'name'],
  orderOf: ({ svm, name }) => `${svm} ${name}`,
  pathOf: ({ uuid }) => `/api/storage/volumes/${uuid}`,
  shape: {
    uuid: text(({ uuid }) => uuid),
    name: text(({ name }) => name),
    comment: text(({ comment }) => comment),
    create_time: text(({ createdAt }) => timeText(createdAt)),
    language: text(({ language }) => language),
    state: text(({ state }) => state),
    style: text(({ style }) => (style === 'constituent' ? 'flexgroup_constituent' : style)),
    type: text(({ type }) => type),
    is_svm_root: flag(({ isRoot }) => isRoot),
    msid: number(({ msid }) => msid, { since: '9.11.1' }),
    'svm.name': text(({ svm }, { svms }) => svms.get(svm)?.name),
    'svm.uuid': text(({ svm }) => svm),
    aggregates: list(['name', 'uuid'], ({ aggregates }, array) =>
      aggregates.map((name) => ({ name, uuid: array.aggregates.get(name)?.uuid })),
    ),
    ...SPACE,
    ...NAS,
    ...CLONE,
    'snapshot_policy.name': text(({ snapshotPolicy }) => snapshotPolicy),
    'snapshot_policy.uuid': text(
      ({ snapshotPolicy }, { snapshotPolicies }) => snapshotPolicies.get(snapshotPolicy)?.uuid,
    ),
    snapshot_count: number(({ uuid }, array) => snapshotsOf(array, uuid).length, { since: '9.10.1' }),
    'encryption.enabled': flag(({ encryption }) => encryption),
    'tiering.policy': text(({ tieringPolicy }) => tieringPolicy.replace('-', '_')),
    'qos.policy.name': text(({ qosPolicy }) => qosPolicy),
    'quota.state': text((volume) => (online(volume) ? volume.quota.state : undefined)),
    'quota.enabled': flag(({ quota }) => quota.state !== 'off', { since: '9.12.1' }),
    'error_state.is_inconsistent': flag(() => false),
    'error_state.has_bad_blocks': flag(() => false),
    'autosize.mode': text(() => 'off', { expensive: true }),
    'efficiency.compression': text(() => 'none', { expensive: true }),
    is_object_store: flag(() => false),
    'flexgroup.uuid': text(({ flexgroup }) => flexgroup, { since: '9.10.1', expensive: true }),
    'flexgroup.name': text(({ flexgroup }, { volumes }) => flexgroup && volumes.get(flexgroup)?.name, {
      since: '9.10.1',
      expensive: true,
    }),
    is_constituent: flag(({ style }) => style === 'constituent', { since: '9.10.1', expensive: true }),
    constituents_per_aggregate: number(
      ({ uuid, style, aggregates }, { volumes }) =>
        style === 'flexgroup' ? volumes.constituentsOf(uuid).length / aggregates.length : undefined,
      { since: '9.8', expensive: true },
    ),
    constituents: list(
      ['name', 'aggregates.name', 'space.size'],
      ({ uuid }, { volumes }) =>
        volumes.constituentsOf(uuid).map(({ name, aggregates, size }) => ({
          name,
          'aggregates.name': aggregates[0],
          'space.size': size,
        })),
      { since: '9.9.1', expensive: true },
    ),
  },
}

function policyId({ exportPolicies }: OntapArray, svm: string, name: string): number | undefined {
  for (const policy of exportPolicies.values()) {
    if (policy.svm === svm && policy.name === name) return policy.id
  }
  return undefined
}
