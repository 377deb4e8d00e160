/**
 * How long to wait for what another host may be making. Five calls of the array do that: a second or two.
 *
 * Who has a candidate of its own waits the least, so that who waits for that one does not lose patience first.
 */

import type { Patience } from './looks.ts'

const FIRST_MS = 100

/** Some three seconds: for one that has its quota and lacks its mode. */
export const SETTLING: Patience = { looks: 6, firstMs: FIRST_MS }

/** Some five seconds: for one that a crash here may have left. */
export const DISCARDING: Patience = { looks: 8, firstMs: FIRST_MS }

/** Some twelve seconds: for others’ candidates, with one of one’s own. */
export const RIVALLING: Patience = { looks: 15, firstMs: FIRST_MS }

/** Some twenty-five seconds: for others’ candidates, without. */
export const WAITING: Patience = { looks: 28, firstMs: FIRST_MS }
