/**
 * A self-signed certificate, as arrays come with one.
 *
 * Written in DER by hand: the libraries that do it would make the executable's script half as long again (766 kB
 * measured), and every daemon reads that script at its start.
 *
 * @see RFC 5280 for the structure, RFC 5480 and 5758 for keys and signatures on P-256
 */

import { generateKeyPairSync, randomBytes, sign, X509Certificate } from 'node:crypto'
import { isIP, isIPv4 } from 'node:net'

/** PEM texts. */
export interface Certificate {
  readonly key: string
  readonly cert: string
}

/** Valid from a day ago for ten years, for `address`, for 127.0.0.1 and for localhost. */
export function makeCertificate(address: string, subject: string): Certificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const name = sequence(set(sequence(COMMON_NAME, text(subject))))
  const now = Date.now()
  const content = sequence(
    tagged(0, integer(Buffer.from([VERSION_3]))),
    integer(Buffer.concat([Buffer.from([1]), randomBytes(15)])),
    sequence(ECDSA_WITH_SHA256),
    name,
    sequence(time(now - DAY_MS), time(now + 3650 * DAY_MS)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    tagged(3, sequence(sequence(SUBJECT_ALT_NAME, octets(alternatives(address))))),
  )
  const signature = sign('sha256', content, privateKey)
  const der = sequence(content, sequence(ECDSA_WITH_SHA256), bits(signature))
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${lines(der.toString('base64'))}\n-----END CERTIFICATE-----\n`,
  }
}

/** SHA-256 of the certificate, as `AB:CD:…`. */
export function fingerprintOf({ cert }: Certificate): string {
  return new X509Certificate(cert).fingerprint256
}

/** Of 64 characters each, none empty: OpenSSL takes no empty line. */
function lines(base64: string): string {
  return base64.replace(/.{64}(?=.)/g, '$&\n')
}

const DAY_MS = 86_400_000
const VERSION_3 = 2

function der(tag: number, ...contents: readonly Buffer[]): Buffer {
  const content = Buffer.concat(contents)
  const size = content.length
  const length = size < 0x80 ? [size] : size < 0x100 ? [0x81, size] : [0x82, size >> 8, size & 0xff]
  return Buffer.concat([Buffer.from([tag, ...length]), content])
}

const sequence = (...parts: readonly Buffer[]) => der(0x30, ...parts)
const set = (...parts: readonly Buffer[]) => der(0x31, ...parts)
const integer = (value: Buffer) => der(0x02, value)
const text = (value: string) => der(0x0c, Buffer.from(value))
const octets = (value: Buffer) => der(0x04, value)
const bits = (value: Buffer) => der(0x03, Buffer.from([0]), value)
const tagged = (number: number, value: Buffer) => der(0xa0 + number, value)
const identifier = (hex: string) => der(0x06, Buffer.from(hex, 'hex'))

const COMMON_NAME = identifier('550403')
const SUBJECT_ALT_NAME = identifier('551d11')
const ECDSA_WITH_SHA256 = identifier('2a8648ce3d040302')

/** UTCTime, `YYMMDDhhmmssZ`: right until 2049. */
function time(ms: number): Buffer {
  return der(0x17, Buffer.from(new Date(ms).toISOString().replace(/^..|[-:T]|\.\d+/g, '')))
}

function alternatives(address: string): Buffer {
  const addresses = [...new Set(['127.0.0.1', address])].filter((text) => isIP(text) !== 0)
  return sequence(der(0x82, Buffer.from('localhost')), ...addresses.map((text) => der(0x87, addressBytes(text))))
}

function addressBytes(address: string): Buffer {
  if (isIPv4(address)) return Buffer.from(address.split('.').map(Number))
  // Whatever its notation, a URL has it without one of IPv4 in it.
  const [head = '', tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::')
  const groups = (text: string) => (text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16)))
  const [before, after] = [groups(head), groups(tail ?? '')]
  const all = [...before, ...Array.from({ length: 8 - before.length - after.length }, () => 0), ...after]
  return Buffer.from(all.flatMap((group) => [group >> 8, group & 0xff]))
}
