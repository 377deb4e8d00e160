/** What a simulated array remembers: itself and its certificate, in a file if it has one. */

import { type Certificate, makeCertificate } from './certificate.ts'
import { StateFile } from './state-file.ts'

/** `A` is the array, `S` what of it is kept. */
export interface MemorySettings<A, S> {
  /** A new one. */
  readonly array: A
  /** Makes the new array what it was, or what it is to be at first. */
  readonly begin: (past: S | undefined) => void
  readonly saved: (array: A) => S
  /** Absent: nothing outlives the process. */
  readonly stateFile?: string | undefined
  /** Whose certificate it is, and the address it is for. */
  readonly subject: string
  readonly address: string
}

export interface Memory<A> {
  readonly array: A
  certificate(): Certificate
  renewCertificate(): void
  /** Resolves once the array as it is now is on disk. @throws Error, naming the file, when that cannot be */
  save(): Promise<void>
}

/** @throws Error, naming the file, when it cannot be used */
export async function openMemory<A, S>(settings: MemorySettings<A, S>): Promise<Memory<A>> {
  const { array, begin, saved, stateFile, subject, address } = settings
  const file = stateFile === undefined ? undefined : new StateFile<Saved<S>>(stateFile)
  const past = await file?.read()
  begin(past?.array)

  let certificate = past?.certificate ?? makeCertificate(address, subject)
  const memory: Memory<A> = {
    array,
    certificate: () => certificate,
    renewCertificate: () => {
      certificate = makeCertificate(address, subject)
    },
    save: async () => file?.save(() => ({ version: 1, certificate, array: saved(array) })),
  }
  await memory.save()
  return memory
}

interface Saved<S> {
  readonly version: 1
  readonly certificate: Certificate
  readonly array: S
}
