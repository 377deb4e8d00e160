/** An array that is in use already. */

import { addAccount } from './calls/accounts.ts'
import { createVolume } from './calls/volumes.ts'
import { Params } from './params.ts'
import type { ElementArray } from './state.ts'
import { DEFAULT_VERSION } from './versions.ts'

/**
 * Adds an account, and volumes `bench-0`, `bench-1` and so on of 1 GB, with the attribute `docker-name` that Docker's
 * volumes have. More volumes than an array takes raise its limits.
 */
export function preload(array: ElementArray, account: string, volumes: number): void {
  const { volumeCountMax, volumesPerAccountCountMax } = array.limits
  if (volumes > volumesPerAccountCountMax) {
    array.limits = {
      ...array.limits,
      volumeCountMax: Math.max(volumeCountMax, 2 * volumes),
      volumesPerAccountCountMax: 2 * volumes,
    }
  }
  const { accountID } = addAccount(array, new Params({ username: account }), DEFAULT_VERSION)
  for (let number = 0; number < volumes; number += 1) {
    const name = `bench-${number}`
    const params = { name, accountID, totalSize: 1e9, enable512e: true, attributes: { 'docker-name': name } }
    createVolume(array, new Params(params), DEFAULT_VERSION)
  }
}
