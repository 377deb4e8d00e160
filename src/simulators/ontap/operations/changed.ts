/** What the bytes' keepers are told. */

import type { OntapArray } from '../state.ts'

/** Once for any number of changes that were not yet carried out. */
export function changed(array: OntapArray, kind: 'exports'): void {
  if (array.effects.at(-1)?.kind !== kind) array.effects.push({ kind })
}
