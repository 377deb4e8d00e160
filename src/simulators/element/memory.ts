/** What a simulated array remembers: itself and its certificate, in a file if it has one. */

import { type Certificate, makeCertificate } from '../certificate.ts'
import { StateFile } from '../state-file.ts'
import { preload } from './preload.ts'
import { settle } from './settle.ts'
import { type ElementArray, newArray, restore, type SavedArray, saved } from './state.ts'

export interface MemorySettings extends Pick<ElementArray, 'svip' | 'mvip' | 'apiVersion' | 'cloneMs'> {
  /** Absent: nothing outlives the process. */
  readonly stateFile?: string | undefined
  /** Made with so many volumes, unless it is there already. */
  readonly account?: string | undefined
  readonly volumes: number
}

export interface Memory {
  readonly array: ElementArray
  certificate(): Certificate
  renewCertificate(): void
  /** Resolves once the array as it is now is on disk. */
  save(): Promise<void>
}

/** @throws Error when the file cannot be used */
export async function openMemory(settings: MemorySettings): Promise<Memory> {
  const { stateFile, account, volumes, mvip } = settings
  const array = newArray(settings)
  const file = stateFile === undefined ? undefined : new StateFile<Saved>(stateFile)
  const past = await file?.read()
  if (past) restore(array, past.array)
  const known = [...array.accounts.values()].some(({ username }) => username === account)
  if (account !== undefined && !known) preload(array, account, volumes)
  settle(array)

  let certificate = past?.certificate ?? makeCertificate(mvip, SUBJECT)
  const memory: Memory = {
    array,
    certificate: () => certificate,
    renewCertificate: () => {
      certificate = makeCertificate(mvip, SUBJECT)
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

const SUBJECT = 'Simulated Element array'
