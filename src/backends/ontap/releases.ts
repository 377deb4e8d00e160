/** Releases of ONTAP: which API they have, and comparing them. */

import type { OntapRelease } from './ontap.ts'

/** The first whose REST has all that is needed: from it on REST is taken unless the config says otherwise. */
export const REST_SINCE = '9.12.1'
/** The last that has ZAPI. */
export const ZAPI_UP_TO = '9.17'

/** True from that release on: `atLeast(release, '9.13.1')`. */
export function atLeast({ generation, major, minor }: OntapRelease, least: string): boolean {
  const [leastGeneration = 0, leastMajor = 0, leastMinor = 0] = least.split('.').map(Number)
  return (generation - leastGeneration || major - leastMajor || minor - leastMinor) >= 0
}

/** `9.15.1` */
export function numbersOf({ generation, major, minor }: OntapRelease): string {
  return `${generation}.${major}.${minor}`
}
