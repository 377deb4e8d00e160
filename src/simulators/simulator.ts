/** A simulated array while it runs: what tests and demos can do with every kind of one. */

import { fingerprintOf } from './certificate.ts'
import type { FaultSchedule } from './fault-schedule.ts'
import type { Memory } from './memory.ts'
import type { ArrayServer } from './server.ts'

export interface Simulator {
  /** SHA-256 of the certificate at the start, `AB:CD:…`. */
  readonly fingerprint: string
  /** Calls with the right password, by operation; those that met a fault too. */
  counts(): Readonly<Record<string, number>>
  resetCounts(): void
  /** @throws RangeError */
  addFault(text: string): void
  /** Lets calls go that are held. */
  clearFaults(): void
  advanceClock(ms: number): Promise<void>
  /** Makes and uses a new certificate. @returns its fingerprint */
  newCertificate(): Promise<string>
  /** Takes the array off the network. Volumes' bytes stay if there is a state file that knows them. */
  close(): Promise<void>
}

export interface SimulatorParts {
  readonly memory: Memory<unknown>
  readonly server: ArrayServer
  readonly faults: FaultSchedule
}

/** What is the same whatever the array. */
export function simulatorOf({ memory, server, faults }: SimulatorParts): Omit<Simulator, 'advanceClock' | 'close'> {
  return {
    fingerprint: fingerprintOf(memory.certificate()),
    counts: () => Object.fromEntries(server.counts),
    resetCounts: () => server.counts.clear(),
    addFault: (text) => faults.add(text),
    clearFaults: () => faults.clear(),
    async newCertificate() {
      memory.renewCertificate()
      server.useCertificate(memory.certificate())
      await memory.save()
      return fingerprintOf(memory.certificate())
    },
  }
}

/** @throws Error when the array has none */
export function needed<DataPlane>(dataPlane: DataPlane | undefined): DataPlane {
  if (dataPlane !== undefined) return dataPlane
  throw new Error('This array has no data plane: start it with one.')
}

/** Says that it is the data plane that has failed: what the kernel says does not tell. */
export function dataPlaneFailed(error: Error): never {
  throw new Error(`The data plane failed: ${error.message}`, { cause: error })
}
