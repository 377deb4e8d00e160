/** The one line of config that says where an Element cluster is and who we are there. */

import { ConfigError } from '../../errors.ts'
import { Secret } from '../../secret.ts'

export interface Endpoint {
  /** `https://10.0.0.5`, `https://[2001:db8::5]:8443` */
  readonly origin: string
  readonly user: string
  readonly password: Secret
  /** The API version asked for: `7.0`. */
  readonly apiVersion: string
}

/**
 * Reads `https://user:password@mvip/json-rpc/7.0`; a slash at the end and a port are fine.
 *
 * User and password are percent-decoded, and `credentials`, which are not, win over them. Everything up to the last `@`
 * is taken for them, so that a password need not escape more than its `%`.
 *
 * @throws ConfigError CONFIG_INVALID, which shows nothing of the password
 */
export function parseEndpoint(
  text: string,
  credentials: { readonly username?: string; readonly password?: Secret } = {},
): Endpoint {
  const [, scheme, userinfo, rest] = /^([a-z][a-z0-9+.-]*):\/\/(?:(.*)@)?([^@]*)$/is.exec(text.trim()) ?? []
  if (scheme === undefined || rest === undefined) throw unusable('it is not a URL')
  if (scheme.toLowerCase() === 'http') {
    throw unusable('it begins with http://, and the password could be read on the way to the array')
  }
  if (scheme.toLowerCase() !== 'https') throw unusable('it does not begin with https://')

  const [, encodedUser = '', encodedPassword = ''] = /^([^:]*):?(.*)$/s.exec(userinfo ?? '') ?? []
  const user = credentials.username ?? decode(encodedUser)
  const password = credentials.password ?? new Secret(decode(encodedPassword))
  if (user === '') throw unusable('it names no user, and the setting "username" is not given')
  if (password.reveal() === '') throw unusable('it has no password, and the setting "password" is not given')

  // A URL parser takes the first name of the path for an address that is missing.
  const url = rest.startsWith('/') ? null : URL.parse(`https://${rest}`)
  if (!url) throw unusable('what follows the "@" is not an address and a path')
  const apiVersion = /^\/json-rpc\/(\d+\.\d+)\/?$/.exec(url.pathname)?.[1]
  if (apiVersion === undefined || url.search !== '' || url.hash !== '') {
    throw unusable('it does not end with /json-rpc/ and a version of the API')
  }
  return { origin: url.origin, user, password, apiVersion }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw unusable('its user or password has a "%" that is not followed by two hex digits of UTF-8; write it as %25')
  }
}

function unusable(reason: string): ConfigError {
  return new ConfigError(
    'CONFIG_INVALID',
    `Cannot use the setting "Endpoint": ${reason}. Write it like https://user:password@10.0.0.5/json-rpc/7.0, with the array's MVIP.`,
  )
}
