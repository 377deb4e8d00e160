/** SVMs, as far as a user sees them. Only data SVMs are listed. */

import type { Reply } from '../../../server.ts'
import { assignedTo, availableOf } from '../../operations/aggregates.ts'
import { dataSvms } from '../../operations/find.ts'
import type { NfsService, Svm } from '../../state/svm.ts'
import { now } from '../../state.ts'
import { compare } from '../../volume-table.ts'
import { type RestCall, seenSvms } from '../call.ts'
import { noSuchEntry } from '../errors.ts'
import { list, type Resource, show } from '../records.ts'
import { flag, list as items, number, text } from '../shape.ts'

const SVM: Resource<Svm> = {
  keys: ['uuid', 'name'],
  orderOf: ({ name }) => name,
  pathOf: ({ uuid }) => `/api/svm/svms/${uuid}`,
  shape: {
    uuid: text(({ uuid }) => uuid),
    name: text(({ name }) => name),
    state: text(({ state }) => state),
    subtype: text(() => 'default'),
    language: text(({ language }) => language),
    comment: text(() => ''),
    'ipspace.name': text(() => 'Default'),
    'snapshot_policy.name': text(() => 'default'),
    /** No list at all when none is delegated. */
    aggregates: items(['name', 'uuid', 'available_size', 'type'], (svm, array) =>
      assignedTo(array, svm).map((aggregate) => ({
        name: aggregate.name,
        uuid: aggregate.uuid,
        available_size: availableOf(array, aggregate),
        type: aggregate.diskType.startsWith('ssd') ? 'ssd' : 'hdd',
      })),
    ),
    'nfs.enabled': flag(({ nfs }) => nfs.enabled),
    'nfs.allowed': flag(({ nfs }) => nfs.enabled, { since: '9.7' }),
    'cifs.enabled': flag(() => false),
    'iscsi.enabled': flag(() => false),
    max_volumes: text(({ maxVolumes }) => String(maxVolumes ?? 'unlimited'), { since: '9.9.1' }),
    retention_period: number(({ retentionHours }) => retentionHours, { since: '9.9.1' }),
  },
}

export function listSvms(call: RestCall): Reply {
  return list(call, SVM, visible(call))
}

/** @throws RestError 4 */
export function getSvm(call: RestCall): Reply {
  return show(call, SVM, svmNumbered(call))
}

interface Service {
  readonly svm: Svm
  readonly nfs: NfsService
}

const NFS: Resource<Service> = {
  keys: ['svm.uuid', 'svm.name'],
  orderOf: ({ svm }) => svm.name,
  pathOf: ({ svm }) => `/api/protocols/nfs/services/${svm.uuid}`,
  shape: {
    'svm.uuid': text(({ svm }) => svm.uuid),
    'svm.name': text(({ svm }) => svm.name),
    enabled: flag(({ nfs }) => nfs.enabled),
    state: text(({ nfs }) => (nfs.enabled ? 'online' : 'offline'), { since: '9.8' }),
    'protocol.v3_enabled': flag(({ nfs }) => nfs.versions.includes('3')),
    'protocol.v40_enabled': flag(({ nfs }) => nfs.versions.includes('4.0')),
    'protocol.v41_enabled': flag(({ nfs }) => nfs.versions.includes('4.1')),
    'transport.tcp_enabled': flag(() => true),
    'transport.udp_enabled': flag(() => false),
    vstorage_enabled: flag(() => false),
    'metric.timestamp': text((_, array) => new Date(now(array)).toISOString(), { expensive: true }),
  },
}

export function listNfsServices(call: RestCall): Reply {
  return list(
    call,
    NFS,
    visible(call).map((svm) => ({ svm, nfs: svm.nfs })),
  )
}

/** @throws RestError 4 */
export function getNfsService(call: RestCall): Reply {
  const svm = svmNumbered(call)
  return show(call, NFS, { svm, nfs: svm.nfs })
}

function visible(call: RestCall): readonly Svm[] {
  const seen = seenSvms(call)
  return dataSvms(call.array)
    .filter(({ uuid }) => seen.has(uuid))
    .sort((a, b) => compare(a.name, b.name))
}

function svmNumbered(call: RestCall): Svm {
  const svm = visible(call).find(({ uuid }) => uuid === call.params[0])
  if (!svm) throw noSuchEntry()
  return svm
}
