/** Addresses. */

import type { Reply } from '../../../server.ts'
import type { Lif } from '../../state/svm.ts'
import { compare } from '../../volume-table.ts'
import { type RestCall, seenSvms } from '../call.ts'
import { noSuchEntry } from '../errors.ts'
import { list, type Resource, show } from '../records.ts'
import { flag, text } from '../shape.ts'

const INTERFACE: Resource<Lif> = {
  keys: ['uuid', 'name'],
  orderOf: ({ uuid }) => uuid,
  pathOf: ({ uuid }) => `/api/network/ip/interfaces/${uuid}`,
  shape: {
    uuid: text(({ uuid }) => uuid),
    name: text(({ name }) => name),
    'ip.address': text(({ address }) => address),
    'ip.netmask': text(({ prefixLength }) => String(prefixLength)),
    'ip.family': text(({ address }) => (address.includes(':') ? 'ipv6' : 'ipv4')),
    enabled: flag(({ enabled }) => enabled),
    state: text(({ up }) => (up ? 'up' : 'down')),
    scope: text(() => 'svm'),
    services: text(({ services }) => services),
    'service_policy.name': text(
      ({ services }) => `default-${services.includes('data_nfs') ? 'data-files' : 'management'}`,
    ),
    'svm.name': text(({ svm }, { svms }) => svms.get(svm)?.name),
    'svm.uuid': text(({ svm }) => svm),
    'ipspace.name': text(() => 'Default'),
    'location.is_home': flag(() => true),
    'location.node.name': text(({ node }) => node),
    'location.port.name': text(({ port }) => port),
    'location.home_node.name': text(({ node }) => node),
    'location.home_port.name': text(({ port }) => port),
    'location.auto_revert': flag(() => false),
    'location.failover': text(() => 'home_port_only'),
    vip: flag(() => false),
  },
}

export function listInterfaces(call: RestCall): Reply {
  return list(call, INTERFACE, visible(call))
}

/** @throws RestError 4 */
export function getInterface(call: RestCall): Reply {
  const lif = visible(call).find(({ uuid }) => uuid === call.params[0])
  if (!lif) throw noSuchEntry()
  return show(call, INTERFACE, lif)
}

function visible(call: RestCall): readonly Lif[] {
  const seen = seenSvms(call)
  return [...call.array.lifs.values()].filter(({ svm }) => seen.has(svm)).sort((a, b) => compare(a.uuid, b.uuid))
}
