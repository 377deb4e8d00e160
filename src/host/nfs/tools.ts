/** What NFS needs of this machine, and how long it waits for what. */

import type { Run } from '../../run.ts'
import { type Mount, readMounts } from '../mountinfo.ts'

export interface NfsTools {
  readonly run: Run
  /** The kernel's table. */
  mounts(): Promise<readonly Mount[]>
  readonly places: NfsPlaces
  readonly patience: NfsPatience
}

/** Elsewhere in tests. */
export interface NfsPlaces {
  /** Of 127.0.0.1. */
  readonly rpcbindPort: number
  /** Programs, as they are looked for in PATH. */
  readonly statd: string
  readonly startStatd: string
}

/** In milliseconds. Docker waits 120 s for a mount and 60 s for an unmount. */
export interface NfsPatience {
  /** One mount(8). */
  readonly mountMs: number
  /** From the first refusal that may pass to the last try. */
  readonly retryMs: number
  /** The longest pause between tries. */
  readonly pauseMs: number
  /** One umount(8), and a few seconds more to end one that hangs: before the 50 s after which Docker is answered. */
  readonly unmountMs: number
  /** An answer of a daemon of this machine, or of the server to one packet. */
  readonly answerMs: number
}

export function nfsTools(run: Run): NfsTools {
  return {
    run,
    mounts: () => readMounts(),
    places: { rpcbindPort: 111, statd: 'rpc.statd', startStatd: 'start-statd' },
    patience: { mountMs: 45_000, retryMs: 20_000, pauseMs: 2_000, unmountMs: 40_000, answerMs: 2_000 },
  }
}
