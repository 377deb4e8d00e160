/** Addresses and the networks they are in. */

import { BlockList, isIP } from 'node:net'
import { ConfigError } from '../../errors.ts'

/** @param network as `parseNetwork` takes it */
export function isWithin(address: string, network: string): boolean {
  const { base, bits, family } = parseNetwork(network)
  if (isIP(address) !== (family === 'ipv4' ? 4 : 6)) return false
  const list = new BlockList()
  list.addSubnet(base, bits, family)
  return list.check(address, family)
}

/** `10.0.0.0/8`, `::/0`. @throws ConfigError CONFIG_INVALID */
export function parseNetwork(text: string) {
  const [, base = '', digits = ''] = /^([0-9A-Fa-f.:]+)\/(\d{1,3})$/.exec(text) ?? []
  const version = isIP(base)
  const bits = Number(digits)
  if (version !== 0 && bits <= (version === 4 ? 32 : 128)) {
    return { base, bits, family: version === 4 ? ('ipv4' as const) : ('ipv6' as const) }
  }
  throw new ConfigError(
    'CONFIG_INVALID',
    `${JSON.stringify(text)} is no network; write an address and a number of bits, such as 10.0.0.0/8 or ::/0.`,
  )
}
