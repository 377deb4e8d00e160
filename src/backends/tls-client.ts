/** The certificate by which an array knows us, where that is used instead of a password. */

import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { ConfigError, errnoOf, reasonOf } from '../errors.ts'
import { Secret } from '../secret.ts'

export interface ClientCertificate {
  /** PEM: ours, and those of the authorities between, if any. */
  readonly certificate: string
  /** PEM. */
  readonly key: Secret
}

/**
 * Reads the settings "clientCertificate" and "clientPrivateKey": PEM, PEM in base64, or the absolute path of a PEM file.
 *
 * @throws ConfigError CONFIG_INVALID, which shows nothing of the key
 */
export async function readClientCertificate(certificate: string, key: Secret): Promise<ClientCertificate> {
  const pem = await pemOf('clientCertificate', certificate)
  const keyPem = new Secret(await pemOf('clientPrivateKey', key.reveal()))
  const parsed = readCertificate(pem)
  if (!parsed.checkPrivateKey(readKey(keyPem))) {
    throw unusable('clientPrivateKey', 'it is not the key of the certificate in "clientCertificate"')
  }
  return { certificate: pem, key: keyPem }
}

/** By which arrays tell whose a certificate is; undefined when it has none, or cannot be read. */
export async function commonNameOf(certificate: string): Promise<string | undefined> {
  const pem = await pemOf('clientCertificate', certificate).catch(() => '')
  try {
    return /^CN=(.+)$/m.exec(new X509Certificate(pem).subject)?.[1]
  } catch {
    return undefined
  }
}

async function pemOf(setting: string, value: string): Promise<string> {
  if (value.includes('-----BEGIN')) return value
  if (!value.startsWith('/')) return Buffer.from(value, 'base64').toString('latin1')
  try {
    return await readFile(value, 'latin1')
  } catch (error) {
    // Without the path: it may be the key in some other notation.
    throw unusable(setting, `a path was expected, as it begins with "/", and ${errnoOf(error) ?? 'it is none'}`)
  }
}

function readCertificate(pem: string): X509Certificate {
  if (!pem.includes('-----BEGIN CERTIFICATE-----')) throw unusable('clientCertificate', 'it has no certificate in PEM')
  try {
    return new X509Certificate(pem)
  } catch (error) {
    throw unusable('clientCertificate', reasonOf(error))
  }
}

function readKey(pem: Secret): ReturnType<typeof createPrivateKey> {
  const text = pem.reveal()
  if (/-----BEGIN ENCRYPTED|Proc-Type: 4,ENCRYPTED/.test(text)) {
    throw unusable('clientPrivateKey', 'it is protected by a passphrase, and nobody is here to type it')
  }
  if (!/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text)) throw unusable('clientPrivateKey', 'it has no key in PEM')
  try {
    return createPrivateKey(text)
  } catch {
    // What OpenSSL says is of no help, and might quote.
    throw unusable('clientPrivateKey', 'its key cannot be read')
  }
}

function unusable(setting: string, reason: string): ConfigError {
  return new ConfigError(
    'CONFIG_INVALID',
    `Cannot use the setting "${setting}": ${reason}. Give a certificate and its key, each in PEM, the same in base64, or the absolute path of such a file.`,
  )
}
