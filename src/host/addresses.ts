/** The addresses by which others reach this machine. */

import { BlockList } from 'node:net'
import { networkInterfaces } from 'node:os'

/** In the kernel's order; IPv6 without a zone. Docker's own networks are left out: each host has the same. */
export function ownAddresses(interfaces: Interfaces = networkInterfaces()): readonly string[] {
  const found = Object.entries(interfaces).flatMap(([name, addresses = []]) => (IS_DOCKERS.test(name) ? [] : addresses))
  const reachable = found.filter(({ internal, address, family }) => {
    return !internal && !OF_ONE_LINK.check(address, family === 'IPv6' ? 'ipv6' : 'ipv4')
  })
  return [...new Set(reachable.map(({ address }) => address))]
}

type Interfaces = Readonly<Record<string, readonly InterfaceAddress[] | undefined>>

interface InterfaceAddress {
  readonly address: string
  readonly family: string
  /** Loopback. */
  readonly internal: boolean
}

/** `docker0`, `docker_gwbridge`, the bridge of each network that somebody made, and containers' ends of them. */
const IS_DOCKERS = /^(?:docker0|docker_gwbridge|br-[0-9a-f]{12}|veth.*)$/

const OF_ONE_LINK = new BlockList()
OF_ONE_LINK.addSubnet('169.254.0.0', 16, 'ipv4')
OF_ONE_LINK.addSubnet('fe80::', 10, 'ipv6')
