/** Addresses, and who serves NFS on them. */

import type { Lif, Svm } from '../../state/svm.ts'
import { type Answer, type Call, listing, svmName, svmsOf } from '../call.ts'
import { sortedBy } from '../iterators.ts'
import { type Shape, since } from '../records.ts'

/** net-interface-get-iter. */
export function getInterfaces(call: Call): Answer {
  const { array, svm } = call
  const rows = [...array.lifs.values()].filter((lif) => svm === undefined || lif.svm === svm.uuid)
  const shape: Shape<Lif> = {
    address: ({ address }) => address,
    'address-family': ({ address }) => (address.includes(':') ? 'ipv6' : 'ipv4'),
    'administrative-status': ({ enabled }) => (enabled ? 'up' : 'down'),
    'current-node': ({ node }) => node,
    'current-port': ({ port }) => port,
    'data-protocols': { 'data-protocol': protocolsOf },
    'failover-group': () => 'Default',
    'failover-policy': () => 'system_defined',
    'firewall-policy': ({ services }) => (services.includes('management_https') ? 'mgmt' : 'data'),
    'home-node': ({ node }) => node,
    'home-port': ({ port }) => port,
    'interface-name': ({ name }) => name,
    'is-home': () => true,
    'lif-uuid': ({ uuid }) => uuid,
    netmask: netmaskOf,
    'netmask-length': ({ prefixLength }) => prefixLength,
    'operational-status': ({ up }) => (up ? 'up' : 'down'),
    role: (lif) => (array.svms.get(lif.svm)?.type === 'admin' ? 'cluster_mgmt' : 'data'),
    'service-names': since('9.6', { 'lif-service-name': ({ services }) => services.map(serviceName) }),
    vserver: (lif) => svmName(array, lif.svm),
  }
  const keys = ({ svm, name }: Lif) => [svmName(array, svm), name]
  return listing(call, { record: 'net-interface-info', shape, rows: sortedBy(rows, keys), keys })
}

/** nfs-service-get-iter. SVMs that never had the service are not in it. */
export function getNfsServices(call: Call): Answer {
  const shape: Shape<Svm> = {
    'is-nfs-access-enabled': ({ nfs }) => nfs.enabled,
    'is-nfsv3-enabled': ({ nfs }) => nfs.versions.includes('3'),
    'is-nfsv40-enabled': ({ nfs }) => nfs.versions.includes('4.0'),
    'is-nfsv41-enabled': ({ nfs }) => nfs.versions.includes('4.1'),
    'is-tcp-enabled': () => true,
    vserver: ({ name }) => name,
  }
  const keys = ({ name }: Svm) => [name]
  return listing(call, { record: 'nfs-info', shape, rows: sortedBy(svmsOf(call), keys), keys })
}

/** `none` for an address that serves no data. */
function protocolsOf({ services }: Lif): readonly string[] {
  const protocols = ['nfs', 'cifs', 'iscsi', 'fcache'].filter((name) => services.includes(`data_${name}`))
  return protocols.length > 0 ? protocols : ['none']
}

/** ZAPI names services with hyphens where REST has underscores. */
function serviceName(service: string): string {
  return service.replaceAll('_', '-')
}

function netmaskOf({ address, prefixLength }: Lif): string {
  if (address.includes(':')) return `ffff:ffff:ffff:ffff::`
  const bits = '1'.repeat(prefixLength).padEnd(32, '0')
  return [0, 8, 16, 24].map((at) => Number.parseInt(bits.slice(at, at + 8), 2)).join('.')
}
