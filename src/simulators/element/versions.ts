/** Versions of the API, which the path of a request names. */

/**
 * As clusters list them; from 12.2 on by the names of releases (unsure whether each is an API version of its own).
 */
export const VERSIONS: readonly string[] = [
  ...['1.0', '2.0', '3.0', '4.0', '5.0', '5.1', '6.0'],
  ...['7.0', '7.1', '7.2', '7.3', '7.4'],
  ...['8.0', '8.1', '8.2', '8.3', '8.4', '8.5', '8.6', '8.7'],
  ...['9.0', '9.1', '9.2', '9.3', '9.4', '9.5', '9.6'],
  ...['10.0', '10.1', '10.2', '10.3', '10.4', '10.5', '10.6', '10.7'],
  ...['11.0', '11.1', '11.3', '11.5', '11.7', '11.8'],
  ...['12.0', '12.2', '12.3', '12.5', '12.7', '12.8'],
]

export const DEFAULT_VERSION = '12.0'

/** The oldest that can be simulated as an array's newest. */
export const OLDEST_CURRENT = '7.0'

/** Those of an array whose newest is `current`. @throws RangeError */
export function versionsUpTo(current: string): readonly string[] {
  if (!VERSIONS.includes(current) || !atLeast(current, OLDEST_CURRENT)) {
    const known = VERSIONS.filter((version) => atLeast(version, OLDEST_CURRENT))
    throw new RangeError(`"${current}" is no version of the Element API. Known: ${known.join(', ')}.`)
  }
  return VERSIONS.slice(0, VERSIONS.indexOf(current) + 1)
}

export function atLeast(version: string, least: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [leastMajor = 0, leastMinor = 0] = least.split('.').map(Number)
  return major > leastMajor || (major === leastMajor && minor >= leastMinor)
}
