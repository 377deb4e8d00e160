/** What each dialect keeps to, held against the simulated array. */

import type { Subject } from './contract-scene.ts'
import { nounsContract } from './nouns.contract.ts'
import { troubleContract } from './trouble.contract.ts'
import { volumesContract } from './volumes.contract.ts'

export function ontapContract(subject: Subject): void {
  volumesContract(subject)
  nounsContract(subject)
  troubleContract(subject)
}
