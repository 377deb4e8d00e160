/** Levels of ONTAPI, which each release answers with and refuses newer ones than. */

import type { Release } from '../releases.ts'

/** The part behind `1.`: 30 for 8.3, 100 for 9.0, 191 for 9.9.1, 201 for 9.10.1 and all later releases. */
export function levelOf({ generation, major, minor }: Release): number {
  return generation < 9 ? major * 10 + minor : Math.min(FROZEN, 100 + major * 10 + minor)
}

const FROZEN = 201

/** `vfiler` in a request came with this one. */
export const TUNNEL_LEVEL = 15
