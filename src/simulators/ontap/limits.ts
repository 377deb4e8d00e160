/** Limits of ONTAP. */

const MIB = 1024 * 1024

/** @see docs.netapp.com, "volume create": 20 MB */
export const SMALLEST_VOLUME = 20 * MIB
/** Of one constituent. */
export const SMALLEST_CONSTITUENT = 200 * MIB
export const LARGEST_VOLUME = 100 * 1024 ** 4
export const CONSTITUENTS_PER_AGGREGATE = 4

export const LONGEST_VOLUME_NAME = 203
/** Its constituents are called `NAME__0001`. */
export const LONGEST_FLEXGROUP_NAME = 197
export const LONGEST_QTREE_NAME = 64
export const LONGEST_SNAPSHOT_NAME = 255
export const LONGEST_POLICY_NAME = 256
export const LONGEST_COMMENT = 1023

export const MOST_QTREES = 4994
/** From 9.4. */
export const MOST_SNAPSHOTS = 1023
export const MOST_SNAPSHOTS_BEFORE_9_4 = 255
