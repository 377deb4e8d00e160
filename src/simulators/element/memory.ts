/** An Element array as it is at the start: what is in its file, or new. */

import { type Memory, openMemory } from '../memory.ts'
import { preload } from './preload.ts'
import { settle } from './settle.ts'
import { type ElementArray, newArray, restore, type SavedArray, saved } from './state.ts'

export interface ElementSettings extends Pick<ElementArray, 'svip' | 'mvip' | 'apiVersion' | 'cloneMs'> {
  /** Absent: nothing outlives the process. */
  readonly stateFile?: string | undefined
  /** Made with so many volumes, unless it is there already. */
  readonly account?: string | undefined
  readonly volumes: number
}

/** @throws Error when the file cannot be used */
export function openElementMemory(settings: ElementSettings): Promise<Memory<ElementArray>> {
  const { stateFile, account, volumes, mvip } = settings
  const array = newArray(settings)
  const begin = (past: SavedArray | undefined) => {
    if (past) restore(array, past)
    const known = [...array.accounts.values()].some(({ username }) => username === account)
    if (account !== undefined && !known) preload(array, account, volumes)
    settle(array)
  }
  return openMemory({ array, begin, saved, stateFile, subject: 'Simulated Element array', address: mvip })
}
