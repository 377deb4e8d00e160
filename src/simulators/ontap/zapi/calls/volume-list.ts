/** Volumes as volume-get-iter lists them. */

import { volumeSpace } from '../../operations/space.ts'
import type { Volume } from '../../state/volume.ts'
import type { OntapArray } from '../../state.ts'
import { type Answer, type Call, listing, svmName, svmOf } from '../call.ts'
import { type Shape, since } from '../records.ts'

/**
 * volume-get-iter. All kinds are listed: the root volume, mirrors, constituents of FlexGroups, and volumes in the
 * recovery queue, whose type is `del`. Clients say which they want.
 */
export function getVolumes(call: Call): Answer {
  const { array, svm } = call
  const volumes = array.volumes.all()
  return listing(call, {
    record: 'volume-attributes',
    shape: shapeOf(array),
    rows: svm ? volumes.filter((volume) => volume.svm === svm.uuid) : volumes,
    // As the table is ordered. What stands in a tag is nobody's business.
    keys: ({ svm, name }) => [svm, name],
  })
}

/** volume-get-root-name. */
export function getRootName(call: Call): Answer {
  const { root } = svmOf(call)
  return { volume: root === undefined ? undefined : call.array.volumes.get(root)?.name }
}

/** Volumes whose qtrees, snapshots and the like are listed: none that are deleted, hidden, or offline. */
export function liveVolumes({ array, svm }: Call): readonly Volume[] {
  return array.volumes
    .all()
    .filter(
      (volume) =>
        volume.type !== 'del' &&
        volume.style !== 'constituent' &&
        volume.state === 'online' &&
        (svm === undefined || volume.svm === svm.uuid),
    )
}

/** What says which volume something in an answer is about. */
export function volumeKey(array: OntapArray, { name, svm }: Volume) {
  return {
    'volume-attributes': { 'volume-id-attributes': { name, 'owning-vserver-name': svmName(array, svm) } },
  }
}

/** As a client would search for it. */
export function shapeOf(array: OntapArray): Shape<Volume> {
  const rootOf = ({ svm }: Volume) => array.svms.get(svm)?.root
  return {
    encrypt: since('9.1', ({ encryption }) => encryption),
    'encryption-state': since('9.1', ({ encryption }) => (encryption ? 'full' : 'none')),
    'volume-clone-attributes': cloneShape(array),
    'volume-comp-aggr-attributes': since('9.2', { 'tiering-policy': ({ tieringPolicy }) => tieringPolicy }),
    'volume-export-attributes': { policy: ({ exportPolicy }) => exportPolicy },
    'volume-id-attributes': {
      'aggr-list': { 'aggr-name': ({ style, aggregates }) => (style === 'flexgroup' ? aggregates : undefined) },
      comment: ({ comment }) => comment,
      'containing-aggregate-name': ({ style, aggregates }) => (style === 'flexgroup' ? undefined : aggregates[0]),
      'creation-time': ({ createdAt }) => Math.floor(createdAt / 1000),
      dsid: ({ dsid }) => dsid,
      'instance-uuid': ({ uuid }) => uuid,
      'junction-parent-name': (volume) =>
        volume.junction === undefined ? undefined : array.volumes.get(rootOf(volume) ?? '')?.name,
      'junction-path': ({ junction }) => junction,
      msid: ({ msid }) => msid,
      name: ({ name }) => name,
      node: ({ aggregates: [first = ''] }) => array.aggregates.get(first)?.node,
      'owning-vserver-name': ({ svm }) => svmName(array, svm),
      'owning-vserver-uuid': ({ svm }) => svm,
      style: () => 'flex',
      'style-extended': since('9.1', ({ style }) => (style === 'constituent' ? 'flexgroup_constituent' : style)),
      type: ({ type }) => type,
      uuid: ({ uuid }) => masterUuid(uuid),
    },
    'volume-language-attributes': { 'language-code': ({ language }) => language },
    'volume-mirror-attributes': {
      'is-data-protection-mirror': ({ type }) => type === 'dp',
      'is-load-sharing-mirror': ({ type }) => type === 'ls',
      'is-replica-volume': ({ type }) => type === 'dp' || type === 'ls',
    },
    'volume-qos-attributes': {
      'adaptive-policy-group-name': since('9.3', (volume) => qosOf(array, volume, true)),
      'policy-group-name': (volume) => qosOf(array, volume, false),
    },
    'volume-security-attributes': {
      style: ({ securityStyle }) => securityStyle,
      'volume-security-unix-attributes': {
        'group-id': ({ gid }) => gid,
        permissions: ({ mode }) => mode.toString(8),
        'user-id': ({ uid }) => uid,
      },
    },
    'volume-snapshot-attributes': {
      'auto-snapshots-enabled': ({ snapshotPolicy }) => snapshotPolicy !== 'none',
      'snapdir-access-enabled': ({ snapshotDirectory }) => snapshotDirectory,
      'snapshot-count': (volume) => online(volume, array.snapshots.get(volume.uuid)?.length ?? 0),
      'snapshot-policy': ({ snapshotPolicy }) => snapshotPolicy,
    },
    'volume-snaplock-attributes': { 'snaplock-type': () => 'non_snaplock' },
    'volume-space-attributes': spaceShape(array),
    'volume-state-attributes': {
      'is-cluster-volume': () => true,
      'is-constituent': ({ style }) => style === 'constituent',
      'is-inconsistent': () => false,
      'is-invalid': () => false,
      'is-junction-active': ({ junction }) => junction !== undefined,
      'is-node-root': () => false,
      'is-vserver-root': ({ isRoot }) => isRoot,
      state: ({ state }) => state,
    },
  }
}

/** Sizes: `size` counts the snapshot reserve, `size-total` does not. Of an offline volume only `size` is known. */
function spaceShape(array: OntapArray): Shape<Volume> {
  return {
    'is-space-guarantee-enabled': ({ guarantee }) => guarantee === 'volume',
    'percentage-snapshot-reserve': ({ snapshotReserve }) => snapshotReserve,
    size: ({ size }) => size,
    'size-available': (volume) => online(volume, volumeSpace(array, volume).available),
    'size-total': (volume) => online(volume, volume.size - volumeSpace(array, volume).reserve),
    'size-used': (volume) => online(volume, volumeSpace(array, volume).used),
    'size-used-by-snapshots': (volume) => online(volume, volumeSpace(array, volume).snapshotUsed),
    'space-guarantee': ({ guarantee }) => guarantee,
  }
}

function cloneShape(array: OntapArray): Shape<Volume> {
  const parentOf = ({ clone }: Volume) => (clone ? array.volumes.get(clone.parent) : undefined)
  return {
    'clone-child-count': ({ uuid }) => array.volumes.clonesOf(uuid).length || undefined,
    'volume-clone-parent-attributes': {
      name: (volume) => parentOf(volume)?.name,
      'snapshot-name': ({ clone }) => clone?.snapshot,
      uuid: (volume) => uuidOf(parentOf(volume)),
      'vserver-name': (volume) => (volume.clone ? svmName(array, volume.svm) : undefined),
    },
  }
}

function online<T>({ state }: Volume, value: T): T | undefined {
  return state === 'online' ? value : undefined
}

function qosOf(array: OntapArray, { svm, qosPolicy }: Volume, adaptive: boolean): string | undefined {
  const policy = [...array.qosPolicies.values()].find((policy) => policy.name === qosPolicy && policy.svm === svm)
  return policy?.adaptive === adaptive ? qosPolicy : undefined
}

function uuidOf(volume: Volume | undefined): string | undefined {
  return volume && masterUuid(volume.uuid)
}

/** `uuid` is of the data set and not what REST calls so; that is `instance-uuid`. */
function masterUuid(uuid: string): string {
  const [first = '', ...rest] = uuid.split('-')
  return [[...first].reverse().join(''), ...rest].join('-')
}
