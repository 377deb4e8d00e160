/** The setting `dataLIF`: what hosts mount from. */

import { isIP } from 'node:net'
import { ConfigError } from '../../errors.ts'

const HOST_NAME =
  /^(?=.{1,253}$)[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*\.?$/

/**
 * A name or an address, IPv6 with or without brackets.
 *
 * @returns the same without brackets
 * @throws ConfigError CONFIG_INVALID
 */
export function parseDataLif(text: string): string {
  const bare = text.replace(/^\[(.*)\]$/, '$1')
  if (isIP(bare) !== 0 && !bare.includes('%')) return bare
  // What is made of digits and dots alone is meant for an address.
  if (HOST_NAME.test(text) && !/^[\d.]+$/.test(text)) return text
  throw new ConfigError(
    'CONFIG_INVALID',
    `setting "dataLIF" is ${JSON.stringify(text)}; write a name, an IPv4 or an IPv6 address, without a port or a zone.`,
  )
}
