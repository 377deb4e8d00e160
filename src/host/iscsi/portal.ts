/** Portals: an address and a port of a target. */

import { isIPv6, SocketAddress } from 'node:net'

export interface Portal {
  /** Without brackets. */
  readonly address: string
  readonly port: number
}

/** Reads `10.0.0.7:3260` and `[fd00::7]:3260`, as publications and iscsiadm write them. */
export function parsePortal(text: string): Portal {
  const [, bracketed, plain, port] = /^(?:\[(.+)\]|(.+?))(?::(\d+))?$/.exec(text) ?? []
  return { address: bracketed ?? plain ?? text, port: Number(port ?? ISCSI_PORT) }
}

/** True for the same address and port, in whichever way an IPv6 address is written. */
export function samePortal(one: Portal, other: Portal): boolean {
  return one.port === other.port && canonical(one.address) === canonical(other.address)
}

export function printPortal({ address, port }: Portal): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}

/** @see RFC 7143, 6.2 */
const ISCSI_PORT = 3260

function canonical(address: string): string {
  const [bare = '', zone] = address.toLowerCase().split('%')
  if (!isIPv6(bare)) return address.toLowerCase()
  return [new SocketAddress({ address: bare, family: 'ipv6' }).address, zone].filter(Boolean).join('%')
}
