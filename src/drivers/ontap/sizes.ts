/** What users ask for is what containers can fill. ONTAP counts the snapshot reserve as part of a volume's size. */

import { type Bytes, MIB, roundUp } from '../../units.ts'

/** ONTAP's block. */
export const BLOCK = 4096

/** The least FlexVol. @see ONTAP, volume create, size */
export const LEAST_FLEXVOL = (20 * MIB) as Bytes

/** The size that leaves `usable` beside a reserve of so many percent. */
export function withReserve(usable: Bytes, reserve: number): Bytes {
  return roundUp(Math.ceil((usable * 100) / (100 - reserve)) as Bytes, BLOCK)
}

/** The usable size, in whole blocks: what `withReserve` was given. */
export function withoutReserve(size: Bytes, reserve: number): Bytes {
  const usable = Math.floor((size * (100 - reserve)) / 100)
  return (usable - (usable % BLOCK)) as Bytes
}
