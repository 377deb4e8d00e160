/** Snapshot policies and QoS policies, which only an administrator changes. */

import type { Reply } from '../../../server.ts'
import type { QosPolicy, SnapshotPolicy } from '../../state/cluster.ts'
import { compare } from '../../volume-table.ts'
import { type RestCall, seenSvms } from '../call.ts'
import { list, type Resource } from '../records.ts'
import { flag, number, text } from '../shape.ts'

const SNAPSHOT_POLICY: Resource<SnapshotPolicy> = {
  keys: ['uuid', 'name'],
  orderOf: ({ name }) => name,
  pathOf: ({ uuid }) => `/api/storage/snapshot-policies/${uuid}`,
  shape: {
    uuid: text(({ uuid }) => uuid),
    name: text(({ name }) => name),
    enabled: flag(() => true),
    scope: text(() => 'cluster'),
  },
}

export function listSnapshotPolicies(call: RestCall): Reply {
  const policies = [...call.array.snapshotPolicies.values()]
  return list(
    call,
    SNAPSHOT_POLICY,
    policies.sort((a, b) => compare(a.name, b.name)),
  )
}

const QOS_POLICY: Resource<QosPolicy> = {
  keys: ['uuid', 'name'],
  orderOf: ({ uuid }) => uuid,
  pathOf: ({ uuid }) => `/api/storage/qos/policies/${uuid}`,
  shape: {
    uuid: text(({ uuid }) => uuid),
    name: text(({ name }) => name),
    'svm.name': text(({ svm }, { svms }) => svms.get(svm)?.name),
    'svm.uuid': text(({ svm }) => svm),
    policy_class: text(() => 'user_defined'),
    'fixed.max_throughput_iops': number(({ adaptive }) => (adaptive ? undefined : 50_000)),
    'adaptive.expected_iops': number(({ adaptive }) => (adaptive ? 128 : undefined)),
    'adaptive.peak_iops': number(({ adaptive }) => (adaptive ? 512 : undefined)),
  },
}

export function listQosPolicies(call: RestCall): Reply {
  const seen = seenSvms(call)
  const policies = [...call.array.qosPolicies.values()].filter(({ svm }) => seen.has(svm))
  return list(
    call,
    QOS_POLICY,
    policies.sort((a, b) => compare(a.uuid, b.uuid)),
  )
}
