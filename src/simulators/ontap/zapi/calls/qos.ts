/** QoS policies. Adaptive ones are listed by an API of their own. */

import type { QosPolicy } from '../../state/cluster.ts'
import { type Answer, type Call, listing, svmName } from '../call.ts'
import { sortedBy } from '../iterators.ts'
import type { Shape } from '../records.ts'

/** qos-policy-group-get-iter. */
export function getPolicies(call: Call): Answer {
  return policies(call, 'qos-policy-group-info', false)
}

/** qos-adaptive-policy-group-get-iter. */
export function getAdaptivePolicies(call: Call): Answer {
  return policies(call, 'qos-adaptive-policy-group-info', true)
}

function policies(call: Call, record: string, adaptive: boolean): string {
  const { array, svm } = call
  const rows = [...array.qosPolicies.values()].filter(
    (policy) => policy.adaptive === adaptive && (svm === undefined || policy.svm === svm.uuid),
  )
  const shape: Shape<QosPolicy> = {
    'num-workloads': ({ name, svm }) =>
      array.volumes.all().filter((volume) => volume.qosPolicy === name && volume.svm === svm).length,
    'policy-group': ({ name }) => name,
    uuid: ({ uuid }) => uuid,
    vserver: ({ svm }) => svmName(array, svm),
  }
  const keys = ({ svm, name }: QosPolicy) => [svmName(array, svm), name]
  return listing(call, { record, shape, rows: sortedBy(rows, keys), keys })
}
