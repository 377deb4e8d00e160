/** Which version of its API is spoken with an Element cluster. */

import type { Context } from '../../context.ts'
import { BackendError } from '../../errors.ts'
import type { Http } from '../http.ts'
import { Client } from './client.ts'
import { UnknownVersion } from './json-rpc.ts'

/** The first that this driver can do with. */
const OLDEST = '7.0'

/** The first that lists volumes by name. */
const WANTED = '8.0'

/** Every cluster is thought to have kept it, so it tells which others there are. */
const FIRST = '1.0'

/**
 * The version asked for, if it is 8.0 or later; else the first from 8.0 on that the array has, for the sake of
 * ListVolumes; else one of 7.
 *
 * @throws BackendError TOO_OLD, naming what the array has; as any call
 */
export async function negotiate(http: Http, ctx: Context, asked: string): Promise<string> {
  for (const version of new Set([asked, WANTED, FIRST])) {
    try {
      return choose(http.address, asked, await supported(http, ctx, version), version === asked)
    } catch (error) {
      if (!(error instanceof UnknownVersion)) throw error
    }
  }
  throw new BackendError(
    'MALFORMED',
    `Cannot find the API of Element on ${http.address}: it knows neither /json-rpc/${asked} nor an earlier version. Check that the setting "Endpoint" is the MVIP of an Element cluster.`,
  )
}

export function atLeast(version: string, least: string): boolean {
  return compare(version, least) >= 0
}

/** One try: whoever opens this will come again, and says meanwhile what is amiss. */
function supported(http: Http, ctx: Context, version: string): Promise<readonly string[]> {
  const client = new Client({ http, version, tries: 1, firstPauseMs: 0 })
  return client.call(ctx, { method: 'GetAPI', params: {} }, 'freely', (result) => result.texts('supportedVersions'))
}

/** @param answered the array answered to the version asked for, whatever it lists */
function choose(address: string, asked: string, listed: readonly string[], answered: boolean): string {
  const versions = listed.filter((version) => /^\d+\.\d+$/.test(version)).sort(compare)
  if (atLeast(asked, WANTED) && (answered || versions.includes(asked))) return asked
  const latest = versions.at(-1)
  if (latest === undefined || !atLeast(latest, OLDEST)) {
    throw new BackendError(
      'TOO_OLD',
      `Cannot use the array ${address}: the latest version of its API is ${latest ?? 'unknown'}, and ${OLDEST} is the first that has what is needed. Update Element.`,
    )
  }
  if (atLeast(asked, WANTED)) {
    throw new BackendError(
      'TOO_OLD',
      `The array ${address} has no version ${asked} of the API, which the setting "Endpoint" asks for. It has ${versions.filter((version) => atLeast(version, OLDEST)).join(', ')}: write one of these.`,
    )
  }
  const wanted = versions.find((version) => atLeast(version, WANTED))
  if (wanted !== undefined) return wanted
  return answered && atLeast(asked, OLDEST) ? asked : latest
}

function compare(a: string, b: string): number {
  const [majorA = 0, minorA = 0] = a.split('.').map(Number)
  const [majorB = 0, minorB = 0] = b.split('.').map(Number)
  return majorA - majorB || minorA - minorB
}
