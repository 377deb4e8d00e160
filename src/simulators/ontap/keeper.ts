/** Carries out and keeps what operations did. */

import type { Memory } from '../memory.ts'
import { dataPlaneFailed } from '../simulator.ts'
import { ArrayFault } from './faults.ts'
import type { Effect } from './state/effect.ts'
import type { OntapArray } from './state.ts'

/** What keeps the volumes' bytes and serves them to hosts. */
export interface OntapDataPlane {
  /** Carries out what operations did, one after the other. Rejects when the kernel refused one of them. */
  apply(effects: readonly Effect[]): Promise<void>
  setNfs(enabled: boolean): Promise<void>
  close(): Promise<void>
}

export interface Keeper {
  /** Resolves once all that operations did up to now is carried out and on disk. @throws ArrayFault simulator */
  readonly changed: () => Promise<void>
  /** Resolves once whatever is being carried out is done, well or not. */
  readonly quiet: () => Promise<void>
}

export function keeperOf(
  memory: Memory<OntapArray>,
  dataPlane: OntapDataPlane | undefined,
  report: (line: string) => void,
): Keeper {
  const { array } = memory
  let running: Promise<void> = Promise.resolve()
  return {
    async changed() {
      const applied = running.catch(() => {}).then(() => apply(array, dataPlane))
      running = applied
      await Promise.all([memory.save(), applied]).catch((error: Error) => failed(error, report))
    },
    quiet: () => running.catch(() => {}),
  }
}

async function apply(array: OntapArray, dataPlane: OntapDataPlane | undefined): Promise<void> {
  const effects = array.effects.splice(0)
  if (effects.length > 0) await dataPlane?.apply(effects).catch(dataPlaneFailed)
}

/** No array's own error: what failed is this machine's kernel or disk. */
function failed({ message }: Error, report: (line: string) => void): never {
  report(message)
  throw new ArrayFault('simulator', { message })
}
