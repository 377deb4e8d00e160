/**
 * How long to wait for what another host may be making, in looks (looks.ts). Five calls of the array do that: a second
 * or two.
 *
 * Who has a candidate of its own waits the least, so that who waits for that one does not lose patience first.
 */

/** Some three seconds: for one that has its quota and lacks its mode. */
export const SETTLING = 6

/** Some five seconds: for one that a crash here may have left. */
export const DISCARDING = 8

/** Some twelve seconds: for others’ candidates, with one of one’s own. */
export const RIVALLING = 15

/** Some twenty-five seconds: for others’ candidates, without. */
export const WAITING = 28
