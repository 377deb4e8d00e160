/**
 * At how many looks (looks.ts) in a row a host sees another's unfinished qtree until it takes its maker for gone. To
 * finish one takes five calls of the array, a second or two; while the maker is at it, it stays.
 *
 *     stage (rivals.ts)       who sees it                                what the host does after so many looks
 *     nearly                  any                          SETTLING      counts it as a volume, and never removes it
 *     candidate               settles its own intent       DISCARDING    removes it
 *     candidate               has a candidate of its own   RIVALLING     removes it, and goes on with its own
 *     candidate               has none, and waits          WAITING       removes it, and begins
 *
 * Pauses between looks grow from 0.1 s to 1 s: the seconds below are those of an array that answers at once.
 *
 * RIVALLING is shorter than WAITING, so that a host that waits does not remove the candidate of another that still waits
 * for a third to go.
 */

/** Seen about 3 s. */
export const SETTLING = 6

/** Seen about 5 s. The shortest for a candidate: mostly it is one this host itself made before it crashed. */
export const DISCARDING = 8

/** Seen about 12 s. */
export const RIVALLING = 15

/** Seen about 25 s. */
export const WAITING = 28
