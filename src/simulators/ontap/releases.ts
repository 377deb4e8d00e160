/** The releases that can be simulated, and what came with which. */

export interface Release {
  readonly generation: number
  readonly major: number
  readonly minor: number
}

/** `9.15.1`, `9.15`, `8.3`. @throws RangeError */
export function parseRelease(text: string): Release {
  const [, generation, major, minor] = /^(\d+)\.(\d+)(?:\.(\d+))?$/.exec(text) ?? []
  const release = { generation: Number(generation), major: Number(major), minor: Number(minor ?? 0) }
  if (isAtLeast(release, '8.3') && !isAtLeast(release, '9.20')) return release
  throw new RangeError(`"${text}" is no release of ONTAP that can be simulated. Use one from 8.3 to 9.19.1.`)
}

/** `9.15.1`; without a last zero. */
export function textOf({ generation, major, minor }: Release): string {
  return minor === 0 ? `${generation}.${major}` : `${generation}.${major}.${minor}`
}

/** As the array says it. */
export function fullTextOf(release: Release): string {
  return `NetApp Release ${textOf(release)}: Fri Jun 07 11:41:13 UTC 2024`
}

export function isAtLeast(release: Release, text: string): boolean {
  const [generation = 0, major = 0, minor = 0] = text.split('.').map(Number)
  const difference = release.generation - generation || release.major - major || release.minor - minor
  return difference >= 0
}

/** First release with the REST API. */
export const REST = '9.6'
/** First release that refuses ONTAPI. */
const NO_ZAPI = '9.18'

export const hasRest = (release: Release): boolean => isAtLeast(release, REST)
export const hasZapi = (release: Release): boolean => !isAtLeast(release, NO_ZAPI)
