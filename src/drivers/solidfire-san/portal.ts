/** Where the volumes are reached. */

import { isIP } from 'node:net'
import { ConfigError } from '../../errors.ts'

const ISCSI_PORT = 3260

/**
 * The setting SVIP as a portal: `10.0.0.7`, `10.0.0.7:3260`, `svip.example`, `[2001:db8::7]:3260` or a bare IPv6 address
 * to `address:port`, IPv6 in brackets. nDVP needed the port for finding the disk, and broke on it at login.
 *
 * @throws ConfigError CONFIG_INVALID
 */
export function portalOf(svip: string): string {
  const text = svip.trim()
  if (isIP(text) === 6) return `[${text}]:${ISCSI_PORT}`
  const [, bracketed, plain, port = String(ISCSI_PORT)] =
    /^(?:\[([^\]]+)\]|([^:[\]\s/]+))(?::(\d{1,5}))?$/.exec(text) ?? []
  const isAddress = bracketed === undefined ? plain !== undefined && isHost(plain) : isIP(bracketed) === 6
  if (isAddress && Number(port) >= 1 && Number(port) <= MAX_PORT) {
    return `${bracketed === undefined ? plain : `[${bracketed}]`}:${Number(port)}`
  }
  throw new ConfigError(
    'CONFIG_INVALID',
    `setting "SVIP" is ${JSON.stringify(svip)}; expected the storage address with or without a port, such as 10.0.0.7 or 10.0.0.7:3260.`,
  )
}

const MAX_PORT = 65_535

/** Four numbers are an address and nothing else. */
function isHost(text: string): boolean {
  if (/^[\d.]+$/.test(text)) return isIP(text) === 4
  return /^[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$/.test(text)
}
