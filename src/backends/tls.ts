/**
 * Whether an array's certificate is trusted, decided on each connection before a byte of HTTP, and so the password, is
 * sent. In this order:
 *
 * 1. `insecureSkipVerify`: anything goes.
 * 2. `tlsFingerprint`: this very certificate, whoever signed it.
 * 3. `trustedCACertificate`: signed by this authority, for this name.
 * 4. Else signed by an authority the system trusts, for this name; or else the certificate it had when first met
 *    (pins.ts). An array once vouched for by an authority may not fall back to a certificate of its own making.
 */

import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { SecureContext, TLSSocket } from 'node:tls'
import { BackendError, ConfigError, reasonOf } from '../errors.ts'
import type { Log } from '../log.ts'
import type { Pins } from './pins.ts'
import type { ClientCertificate } from './tls-client.ts'
import type { TlsSettings } from './tls-settings.ts'

/** What connections to one array are made with. */
export interface Trust {
  readonly secureContext: SecureContext
  /** @throws BackendError CERTIFICATE_REFUSED when it is not trusted, HostError when pins cannot be read or written */
  judge(socket: TLSSocket): Promise<void>
}

export interface Judged {
  /** `host:port` */
  readonly address: string
  readonly pins: Pins
  readonly log: Log
}

/**
 * @param shown what this side shows of itself, if anything
 *
 * @throws ConfigError CONFIG_INVALID
 */
export async function openTrust(settings: TlsSettings, judged: Judged, shown?: ClientCertificate): Promise<Trust> {
  const { authorities, judge } = await rulesOf(settings, judged)
  const { createSecureContext } = await import('node:tls')
  return {
    secureContext: createSecureContext({
      minVersion: 'TLSv1.2',
      ...(authorities && { ca: [...authorities] }),
      ...(shown && { cert: shown.certificate, key: shown.key.reveal() }),
    }),
    judge: async (socket) => judge(seenOn(socket, judged.address)),
  }
}

interface Rules {
  /** PEM; absent: those that come with Node. */
  readonly authorities?: readonly string[]
  judge(seen: Seen): Promise<void>
}

/** What a connection shows of the other side. */
interface Seen {
  /** SHA-256, in capital hex digits with colons. */
  readonly sha256: string
  /** Why no authority vouches for it; undefined when one does. */
  readonly complaint?: string
}

async function rulesOf(settings: TlsSettings, judged: Judged): Promise<Rules> {
  const { insecureSkipVerify, tlsFingerprint, trustedCACertificate } = settings
  if (insecureSkipVerify) return anything(judged)
  if (tlsFingerprint !== undefined) return thisOne(fingerprintOf(tlsFingerprint), judged)
  if (trustedCACertificate !== undefined) return signedBy(await readAuthority(trustedCACertificate), judged)
  return systemOrFirstUse(await systemAuthorities(), judged)
}

function anything({ address, log }: Judged): Rules {
  log.warn(
    `The certificate of ${address} is not verified, as "insecureSkipVerify" asks: anyone on the way can read the password. Set "tlsFingerprint" or "trustedCACertificate" instead.`,
  )
  return { authorities: [], judge: async () => {} }
}

function thisOne(expected: string, { address }: Judged): Rules {
  return {
    authorities: [],
    async judge({ sha256 }) {
      if (sha256 === expected) return
      throw refusal(
        address,
        `its SHA-256 is ${sha256}, and "tlsFingerprint" asks for ${expected}`,
        'If the array was given a new certificate, set "tlsFingerprint" to that one',
      )
    },
  }
}

function signedBy(authority: string, { address }: Judged): Rules {
  return {
    authorities: [authority],
    async judge({ complaint }) {
      if (complaint === undefined) return
      throw refusal(
        address,
        `it was checked against "trustedCACertificate", and ${complaint}`,
        'Give the array a certificate of that authority for this address, or correct "trustedCACertificate"',
      )
    },
  }
}

function systemOrFirstUse(authorities: readonly string[] | undefined, { address, pins, log }: Judged): Rules {
  return {
    ...(authorities && { authorities }),
    async judge({ sha256, complaint }) {
      const { pin, added } = await pins.findOrAdd(address, complaint === undefined ? undefined : sha256)
      const cure = `If that is meant, take the entry "${address}" out of ${pins.path}, or set "tlsFingerprint" to the new one`
      if (added && pin.sha256 !== undefined) {
        log.warn(
          `The certificate of ${address} is trusted because it is the first one seen there; no authority vouches for it (${complaint}). ${pins.readOnly ? 'The first start of the plugin pins it' : 'From now on only this one is accepted'}: SHA-256 ${sha256}. Compare it with the array's own.`,
          { address, sha256, file: pins.path },
        )
      } else if (pin.sha256 === undefined && complaint !== undefined) {
        throw refusal(
          address,
          `an authority vouched for the one it had on ${pin.since}, and now ${complaint}; SHA-256 ${sha256}`,
          cure,
        )
      } else if (pin.sha256 !== undefined && pin.sha256 !== sha256) {
        throw refusal(
          address,
          `it is another one than on ${pin.since}: SHA-256 ${sha256}, and pinned is ${pin.sha256}`,
          cure,
        )
      }
    },
  }
}

function refusal(address: string, found: string, cure: string): BackendError {
  return new BackendError(
    'CERTIFICATE_REFUSED',
    `Cannot trust the certificate of ${address}, so the password was not sent: ${found}. ${cure}; else somebody may be listening in between.`,
  )
}

function seenOn(socket: TLSSocket, address: string): Seen {
  const certificate = socket.getPeerX509Certificate()
  if (!certificate) throw refusal(address, 'it showed none', 'Check the port')
  const sha256 = certificate.fingerprint256
  if (socket.authorized) return { sha256 }
  // A code of OpenSSL's or Node's, whatever the type says.
  return { sha256, complaint: complaintOf(String(socket.authorizationError), certificate) }
}

function complaintOf(code: string, { subjectAltName, validTo }: X509Certificate): string {
  switch (code) {
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
      return 'it is self-signed'
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
      return 'it is signed by an unknown authority'
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return `it is for another name (${subjectAltName ?? 'it gives none'})`
    case 'CERT_HAS_EXPIRED':
      return `it expired on ${validTo}`
    default:
      return `it does not verify (${code})`
  }
}

const SHA256 = /^[0-9A-F]{64}$/

/** As X509Certificate prints it. */
function fingerprintOf(text: string): string {
  const digits = text.replace(/[:\s]/g, '').toUpperCase()
  if (SHA256.test(digits)) return digits.replace(/..(?!$)/g, '$&:')
  throw new ConfigError(
    'CONFIG_INVALID',
    'Cannot use the setting "tlsFingerprint": it is not a SHA-256. Write its 64 hex digits, with or without colons, such as "openssl x509 -noout -fingerprint -sha256" prints them.',
  )
}

/** PEM of the authorities in the setting. */
async function readAuthority(setting: string): Promise<string> {
  const [from, text] = await authorityText(setting)
  const found = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
  try {
    if (found.length === 0) throw new Error('it has no certificate in PEM')
    for (const pem of found) new X509Certificate(pem)
  } catch (error) {
    throw badAuthority(from, reasonOf(error))
  }
  return found.join('\n')
}

/** Where the text is from, and the text. */
async function authorityText(setting: string): Promise<readonly [string, string]> {
  if (setting.includes('-----BEGIN')) return ['the text given', setting]
  if (!setting.startsWith('/')) return ['the base64 given', Buffer.from(setting, 'base64').toString('latin1')]
  try {
    return [setting, await readFile(setting, 'latin1')]
  } catch (error) {
    throw badAuthority(setting, reasonOf(error))
  }
}

function badAuthority(from: string, reason: string): ConfigError {
  return new ConfigError(
    'CONFIG_INVALID',
    `Cannot use the setting "trustedCACertificate" (${from}): ${reason}. Give certificates in PEM, the same in base64, or the absolute path of such a file.`,
  )
}

/** Where distributions keep what they trust, as one PEM file: Debian, Arch and Alpine; Fedora and RHEL; SUSE. */
const SYSTEM_AUTHORITIES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  '/etc/ssl/ca-bundle.pem',
]

/**
 * Those of this system; undefined when it has none.
 *
 * Not tls.getCACertificates('system'): that reads hundreds of files while everything else waits (90 ms, and each
 * authority several times).
 */
async function systemAuthorities(): Promise<readonly string[] | undefined> {
  for (const path of SYSTEM_AUTHORITIES) {
    const text = await readFile(path, 'latin1').catch(() => '')
    if (text !== '') return [text]
  }
  return undefined
}
