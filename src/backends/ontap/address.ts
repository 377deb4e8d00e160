/** Where an ONTAP is managed, as configs write it. */

import { isIP, isIPv6 } from 'node:net'
import { ConfigError } from '../../errors.ts'

/**
 * Reads `10.0.0.5`, `svm1.example`, `2001:db8::5` or `[2001:db8::5]`; a port may follow, after an IPv6 address only one
 * in brackets.
 *
 * @returns the origin: `https://[2001:db8::5]:8443`
 *
 * @throws ConfigError CONFIG_INVALID
 */
export function parseAddress(setting: string): string {
  const text = setting.trim()
  if (text === '') throw unusable(text, 'it is empty')
  if (text.includes('://')) throw unusable(text, 'it is a URL, and only an address belongs there')
  if (text.includes('%')) throw unusable(text, 'an address of one link only ("%") cannot be used')
  if (isIPv6(text)) return `https://[${text}]`
  const [, bracketed, plain, port] = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::(\d{1,5}))?$/.exec(text) ?? []
  if (bracketed !== undefined && isIPv6(bracketed)) return originOf(text, `[${bracketed}]`, port)
  if (plain !== undefined && isHost(plain)) return originOf(text, plain, port)
  throw unusable(text, 'it is neither a name nor an address')
}

function originOf(text: string, host: string, port: string | undefined): string {
  if (port === undefined) return `https://${host}`
  if (Number(port) < 1 || Number(port) > 65_535) throw unusable(text, `there is no port ${port}`)
  return `https://${host}:${Number(port)}`
}

const LABEL = /^[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?$/

/** Numbers are an address only when there are four: `10.1` is read as 10.0.0.1 by some. */
function isHost(text: string): boolean {
  if (text.length > 253) return false
  const labels = text.replace(/\.$/, '').split('.')
  if (!labels.every((label) => label.length <= 63 && LABEL.test(label))) return false
  return !/^(?:\d+|0x[0-9a-f]*)$/i.test(labels.at(-1) ?? '') || isIP(text) === 4
}

function unusable(text: string, reason: string): ConfigError {
  return new ConfigError(
    'CONFIG_INVALID',
    `Cannot use the setting "managementLIF" ${JSON.stringify(text)}: ${reason}. Write the name or address of the SVM's or cluster's management LIF, such as 10.0.0.5, svm1.example or 2001:db8::5; with a port 10.0.0.5:8443 or [2001:db8::5]:8443.`,
  )
}
