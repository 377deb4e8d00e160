/** Comparing releases of ONTAP. */

import type { OntapRelease } from './ontap.ts'

/** True from that release on: `atLeast(release, '9.13.1')`. */
export function atLeast({ generation, major, minor }: OntapRelease, least: string): boolean {
  const [leastGeneration = 0, leastMajor = 0, leastMinor = 0] = least.split('.').map(Number)
  return (generation - leastGeneration || major - leastMajor || minor - leastMinor) >= 0
}

/** `9.15.1` */
export function numbersOf({ generation, major, minor }: OntapRelease): string {
  return `${generation}.${major}.${minor}`
}
