/** Whether anybody uses a disk, without opening it: that may wait for an array that is away. */

import { isMountedAnywhere } from '../namespaces.ts'
import type { Places } from './places.ts'
import { disksOf, holdersOf } from './scsi.ts'
import type { Session } from './sessions.ts'
import { namesIn, readAttribute } from './sysfs.ts'

/** True when a disk of the session, or anything made of it, is mounted or part of something larger. */
export async function isInUse(places: Places, session: Session): Promise<boolean> {
  for (const { name } of await disksOf(session)) {
    if (await isDeviceInUse(places, name)) return true
  }
  return false
}

/**
 * True when the device is mounted in any mount namespace, or a device that is made of it is in use. A multipath map by
 * itself is no use of its paths, nor a partition of a map.
 */
export async function isDeviceInUse(places: Places, name: string): Promise<boolean> {
  const number = await readAttribute(places.sys, 'block', name, 'dev')
  if (number !== undefined && (await isMountedAnywhere(number))) return true
  for (const holder of await holdersOf(places, name)) {
    // One that has just gone holds nothing.
    if ((await readAttribute(places.sys, 'block', holder, 'dev')) === undefined) continue
    const uuid = (await readAttribute(places.sys, 'block', holder, 'dm/uuid')) ?? ''
    if (!MULTIPATH_PARTS.test(uuid) || (await isDeviceInUse(places, holder))) return true
  }
  for (const partition of await partitionsOf(places, name)) {
    const number = await readAttribute(places.sys, 'block', name, partition, 'dev')
    if (number !== undefined && (await isMountedAnywhere(number))) return true
  }
  return false
}

/** @see libmultipath's defaults.h and kpartx: `mpath-WWID` and `part1-mpath-WWID` */
const MULTIPATH_PARTS = /^(?:part\d+-)?mpath-/

async function partitionsOf({ sys }: Places, name: string): Promise<readonly string[]> {
  return (await namesIn(sys, 'block', name)).filter((entry) => entry.startsWith(name))
}
