/** SVMs, and the aggregates they may use. */

import { assignedTo, availableOf } from '../../operations/aggregates.ts'
import type { Aggregate } from '../../state/cluster.ts'
import type { Svm } from '../../state/svm.ts'
import { type Answer, type Call, listing, svmOf, svmsOf } from '../call.ts'
import { noSvm } from '../errors.ts'
import { sortedBy } from '../iterators.ts'
import { type Shape, since, writerOf } from '../records.ts'

/** vserver-get-iter. In an SVM just that one; in the cluster the admin SVM too. */
export function getSvms(call: Call): Answer {
  const { array, svm } = call
  const rows = svm ? [svm] : [...array.svms.values()]
  const keys = ({ name }: Svm) => [name]
  return listing(call, { record: 'vserver-info', shape: shapeOf(call), rows: sortedBy(rows, keys), keys })
}

/** vserver-get: the SVM it is called in. */
export function getSvm(call: Call): Answer {
  const desired = call.input.element('desired-attributes')?.children[0]
  const write = writerOf(shapeOf(call), desired, call.array.release)
  return `<attributes><vserver-info>${write(svmOf(call))}</vserver-info></attributes>`
}

/** vserver-show-aggr-get-iter. */
export function getAssignedAggregates(call: Call): Answer {
  const { array, input } = call
  const name = input.text('vserver')
  const svm = svmsOf(call).find((candidate) => candidate.name === name)
  if (!svm) throw noSvm()
  const shape: Shape<Aggregate> = {
    'aggregate-name': (aggregate) => aggregate.name,
    'aggregate-type': ({ diskType }) => typeOf(diskType),
    'available-size': (aggregate) => availableOf(array, aggregate),
    'is-nve-capable': since('9.1', ({ canEncrypt }) => canEncrypt),
    'snaplock-type': () => 'non_snaplock',
    'vserver-name': () => name,
  }
  const keys = (aggregate: Aggregate) => [aggregate.name]
  return listing(call, { record: 'show-aggregates', shape, rows: assignedTo(array, svm), keys })
}

/** An SVM without aggregates has neither list. */
function shapeOf(call: Call): Shape<Svm> {
  const { array } = call
  const rootOf = (svm: Svm) => (svm.root === undefined ? undefined : array.volumes.get(svm.root))
  return {
    'aggr-list': { 'aggr-name': (svm) => assignedTo(array, svm).map(({ name }) => name) },
    'allowed-protocols': { protocol: ({ type }) => (type === 'data' ? ['nfs', 'cifs', 'fcp', 'iscsi', 'ndmp'] : []) },
    comment: () => '',
    ipspace: () => 'Default',
    'is-config-locked-for-changes': () => false,
    language: ({ language }) => language,
    'max-volumes': ({ maxVolumes }) => maxVolumes ?? 'unlimited',
    'name-mapping-switch': { nmswitch: () => ['file'] },
    'name-server-switch': { nsswitch: () => ['file'] },
    'operational-state': ({ state, type }) => (type === 'data' ? state : undefined),
    'quota-policy': () => 'default',
    'root-volume': (svm) => rootOf(svm)?.name,
    'root-volume-aggregate': (svm) => rootOf(svm)?.aggregates[0],
    'root-volume-security-style': (svm) => rootOf(svm)?.securityStyle,
    'snapshot-policy': () => 'default',
    state: ({ state, type }) => (type === 'data' ? state : undefined),
    uuid: ({ uuid }) => uuid,
    'volume-delete-retention-hours': ({ retentionHours }) => retentionHours,
    'vserver-aggr-info-list': {
      'vserver-aggr-info': (svm) =>
        assignedTo(array, svm).map((aggregate) => ({
          'aggr-availsize': availableOf(array, aggregate),
          'aggr-is-cft-precommit': false,
          'aggr-name': aggregate.name,
        })),
    },
    'vserver-name': ({ name }) => name,
    'vserver-subtype': since('9.0', () => 'default'),
    'vserver-type': ({ type }) => type,
  }
}

function typeOf(diskType: Aggregate['diskType']): string {
  if (diskType === 'vmdisk') return 'vmdisk'
  return diskType.startsWith('ssd') ? 'ssd' : 'hdd'
}
