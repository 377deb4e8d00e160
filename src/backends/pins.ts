/**
 * What is known of each array's certificate from the first time it was met.
 *
 * A file in the state directory:
 *   {"version":1,"certificates":{"10.0.0.5:443":{"sha256":"3F:…","since":"2025-05-01T12:00:00.000Z"}}}
 *
 * Invariants:
 * - it is read at each question, so that an entry taken out by hand counts from the next connection on;
 * - an entry is never changed, only added: taking one out is the operator's consent;
 * - questions are answered one after the other: of several first connections one pins, and the others are compared.
 */

import { readFile } from 'node:fs/promises'
import { replaceFile } from '../durable-file.ts'
import { errnoOf, HostError, reasonOf } from '../errors.ts'

export interface Pin {
  /** SHA-256 of the certificate as X509Certificate prints it; absent when an authority vouched for it. */
  readonly sha256?: string
  readonly since: string
}

export class Pins {
  readonly path: string
  /** Nothing is written: what is new is pinned only as long as this object lives. */
  readonly readOnly: boolean
  readonly #unwritten = new Map<string, Pin>()
  #last: Promise<unknown> = Promise.resolve()

  constructor(path: string, { readOnly = false }: { readonly readOnly?: boolean } = {}) {
    this.path = path
    this.readOnly = readOnly
  }

  /**
   * What is pinned for `address` (`host:port`); when nothing is, `sha256` is from now on, or that an authority vouches.
   *
   * @throws HostError STATE_UNREADABLE | STATE_UNWRITABLE
   */
  findOrAdd(address: string, sha256: string | undefined): Promise<{ readonly pin: Pin; readonly added: boolean }> {
    const answer = this.#last.then(() => this.#findOrAdd(address, sha256))
    this.#last = answer.catch(() => {})
    return answer
  }

  async #findOrAdd(address: string, sha256: string | undefined) {
    const certificates = await this.#read()
    const known = certificates.get(address) ?? this.#unwritten.get(address)
    if (known) return { pin: known, added: false }
    const pin: Pin = { ...(sha256 !== undefined && { sha256 }), since: new Date().toISOString() }
    if (this.readOnly) {
      this.#unwritten.set(address, pin)
      return { pin, added: true }
    }
    const all = Object.fromEntries([...certificates, [address, pin]])
    await replaceFile(this.path, `${JSON.stringify({ version: 1, certificates: all }, null, 2)}\n`)
    return { pin, added: true }
  }

  async #read(): Promise<ReadonlyMap<string, Pin>> {
    let text: string
    try {
      text = await readFile(this.path, 'utf8')
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return new Map()
      throw this.#unreadable(reasonOf(error), error)
    }
    let value: unknown
    try {
      value = JSON.parse(text)
    } catch (error) {
      throw this.#unreadable(`it is not JSON (${reasonOf(error)})`, error)
    }
    const { version, certificates } = (value ?? {}) as { version?: unknown; certificates?: unknown }
    if (version !== 1) throw this.#unreadable(`its version is ${JSON.stringify(version)}, not 1`)
    if (!isObject(certificates)) throw this.#unreadable('it has no "certificates"')
    return new Map(Object.entries(certificates).map(([address, pin]) => [address, this.#pinOf(address, pin)]))
  }

  #pinOf(address: string, pin: unknown): Pin {
    if (isObject(pin)) {
      const { sha256, since } = pin
      if (typeof since === 'string' && sha256 === undefined) return { since }
      if (typeof since === 'string' && typeof sha256 === 'string') return { sha256, since }
    }
    throw this.#unreadable(`its entry "${address}" is not a certificate`)
  }

  #unreadable(reason: string, cause?: unknown): HostError {
    return new HostError(
      'STATE_UNREADABLE',
      `Cannot read the pinned certificates in ${this.path}: ${reason}. Mend it, or move it aside to trust each array's certificate anew.`,
      { cause },
    )
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
