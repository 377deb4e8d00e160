/** An ONTAP cluster as it is at the start: what is in its file, or new. */

import { type Memory, openMemory } from '../memory.ts'
import { restore, type SavedArray, saved } from './saved.ts'
import { settle } from './settle.ts'
import { newArray, type OntapArray } from './state.ts'

export interface OntapSettings extends Pick<OntapArray, 'release' | 'durations' | 'lif'> {
  /** Address that the certificate is for. */
  readonly address: string
  /** Absent: nothing outlives the process. */
  readonly stateFile?: string | undefined
  /** Fills an array that is new. */
  readonly prepare: (array: OntapArray) => void
  /** Makes the array of the file one that is reached as the options say. */
  readonly resume: (array: OntapArray) => void
}

/** @throws Error when the file cannot be used; RangeError when the array in it is another one than is asked for */
export function openOntapMemory(settings: OntapSettings): Promise<Memory<OntapArray>> {
  const { stateFile, address, prepare, resume } = settings
  const array = newArray(settings)
  const begin = (past: SavedArray | undefined) => {
    if (past) {
      restore(array, past)
      resume(array)
    } else prepare(array)
    settle(array)
  }
  return openMemory({ array, begin, saved, stateFile, subject: 'Simulated ONTAP', address })
}
