/** What a simulated array remembers: itself and its certificate, in a file if it has one. */

import { type Certificate, makeCertificate } from '../certificate.ts'
import { StateFile } from '../state-file.ts'
import { restore, type SavedArray, saved } from './saved.ts'
import { settle } from './settle.ts'
import { newArray, type OntapArray } from './state.ts'

export interface MemorySettings extends Pick<OntapArray, 'release' | 'durations' | 'lif'> {
  /** Address that the certificate is for. */
  readonly address: string
  /** Absent: nothing outlives the process. */
  readonly stateFile?: string | undefined
  /** Fills an array that is new. */
  readonly prepare: (array: OntapArray) => void
}

export interface Memory {
  readonly array: OntapArray
  certificate(): Certificate
  renewCertificate(): void
  /** Resolves once the array as it is now is on disk. */
  save(): Promise<void>
}

/** @throws Error when the file cannot be used */
export async function openMemory(settings: MemorySettings): Promise<Memory> {
  const { stateFile, address, prepare } = settings
  const array = newArray(settings)
  const file = stateFile === undefined ? undefined : new StateFile<Saved>(stateFile)
  const past = await file?.read()
  if (past) restore(array, past.array)
  else prepare(array)
  settle(array)

  let certificate = past?.certificate ?? makeCertificate(address, SUBJECT)
  const memory: Memory = {
    array,
    certificate: () => certificate,
    renewCertificate: () => {
      certificate = makeCertificate(address, SUBJECT)
    },
    save: async () => file?.save(() => ({ version: 1, certificate, array: saved(array) })),
  }
  await memory.save()
  return memory
}

interface Saved {
  readonly version: 1
  readonly certificate: Certificate
  readonly array: SavedArray
}

const SUBJECT = 'Simulated ONTAP'
