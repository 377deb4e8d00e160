/** Opens an SVM of an ONTAP. This file alone chooses between the two dialects; rights.ts has the rights for both. */

import { join } from 'node:path'
import { backgroundContext, type Context } from '../../context.ts'
import { BackendError, ConfigError, type ErrorCode, hasCode, reasonOf } from '../../errors.ts'
import { type Http, type Login, openHttp } from '../http.ts'
import { Pins } from '../pins.ts'
import { readClientCertificate } from '../tls-client.ts'
import { parseAddress } from './address.ts'
import type { DialectParts } from './dialect.ts'
import type { Ontap, OntapRelease } from './ontap.ts'
import { atLeast, numbersOf, REST_SINCE, ZAPI_UP_TO } from './releases.ts'
import type { OntapCredentials, OntapSettings } from './settings.ts'

const TRIES = 6
const FIRST_PAUSE_MS = 1_000

/** Of those that speak ZAPI. */
const OLDEST = '8.3.0'

/**
 * Resolves once the array has answered. Each call is made once: whoever opens this will come again.
 *
 * @throws ConfigError CONFIG_INVALID, BackendError
 */
export async function openOntap(settings: OntapSettings): Promise<Ontap> {
  const { tls, stateDirectory, maxConcurrentRequests, log, signal, svm, firstPauseMs = FIRST_PAUSE_MS } = settings
  const origin = parseAddress(settings.managementLIF)
  const login = await loginOf(settings.credentials)
  const pins = new Pins(join(stateDirectory, 'certificates.json'), { readOnly: settings.readOnly ?? false })
  const http = await openHttp({ origin, ...login, tls, pins, maxConcurrentRequests, log })
  const parts = { http, tries: TRIES, firstPauseMs, log, signal, ...(svm !== undefined && { svm }) }
  try {
    const ontap = await openBy(settings.useREST, parts, backgroundContext('open', log, signal))
    const { dialect, release } = ontap
    log.info('Array found.', { address: http.address, svm: ontap.svm.name, release: release.text, dialect })
    return ontap
  } catch (error) {
    await http.close()
    throw error
  }
}

async function loginOf(credentials: OntapCredentials): Promise<Login> {
  if ('username' in credentials) return { user: credentials.username, password: credentials.password }
  const { clientCertificate, clientPrivateKey } = credentials
  return { clientCertificate: await readClientCertificate(clientCertificate, clientPrivateKey) }
}

type Parts = Omit<DialectParts, 'release'>

function openBy(useREST: boolean | undefined, parts: Parts, ctx: Context): Promise<Ontap> {
  if (useREST === undefined) return openBest(parts, ctx)
  return useREST ? openOnlyRest(parts, ctx) : openOnlyZapi(parts, ctx)
}

async function openBest(parts: Parts, ctx: Context): Promise<Ontap> {
  const { http } = parts
  let release: OntapRelease
  try {
    release = await releaseByRest(http, ctx)
    if (atLeast(release, REST_SINCE)) return await rest(parts, release)
  } catch (refusal) {
    if (!hasCode(refusal, 'TOO_OLD', 'UNAUTHORIZED')) throw refusal
    return openWithoutRest(parts, ctx, refusal)
  }
  ensureSupported(http, release)
  return zapi(parts, release)
}

/**
 * There is no REST, or it is not for this user: those of nDVP and Trident may have been given ZAPI alone.
 *
 * @param refusal what REST said; it is what counts for a user whom neither lets in
 */
async function openWithoutRest(parts: Parts, ctx: Context, refusal: unknown): Promise<Ontap> {
  const { http, log } = parts
  const isDenied = hasCode(refusal, 'UNAUTHORIZED')
  const release = await releaseByZapi(http, ctx).catch((error: unknown) => {
    if (isDenied && hasCode(error, 'UNAUTHORIZED', ...NO_ZAPI)) throw refusal
    throw hasCode(error, ...NO_ZAPI) ? noOntap(http, error) : error
  })
  ensureSupported(http, release)
  const ontap = await zapi(parts, release).catch((error: unknown) => {
    throw isDenied && hasCode(error, 'UNAUTHORIZED') ? refusal : error
  })
  if (isDenied && atLeast(release, REST_SINCE)) {
    log.warn(
      `The array refuses REST to this user, and ZAPI is used instead, which ends with ONTAP ${ZAPI_UP_TO}. Give the user the application "http" and the role that "netappdvp role" prints for REST; or set "useREST" to false.`,
      { address: http.address, refusal: reasonOf(refusal) },
    )
  }
  return ontap
}

/** How what answers may say that it has no ZAPI. */
const NO_ZAPI: readonly ErrorCode[] = ['TOO_OLD', 'REFUSED', 'MALFORMED']

async function openOnlyRest(parts: Parts, ctx: Context): Promise<Ontap> {
  const { http } = parts
  const release = await releaseByRest(http, ctx).catch(async (error: unknown) => {
    if (!hasCode(error, 'TOO_OLD')) throw error
    throw tooOldForRest(
      http,
      await releaseByZapi(http, ctx).catch(() => {
        throw error
      }),
    )
  })
  if (!atLeast(release, REST_SINCE)) throw tooOldForRest(http, release)
  return rest(parts, release)
}

async function openOnlyZapi(parts: Parts, ctx: Context): Promise<Ontap> {
  const { http } = parts
  const release = await releaseByZapi(http, ctx).catch(async (error: unknown) => {
    if (!hasCode(error, ...NO_ZAPI)) throw error
    throw withoutZapi(
      http,
      await releaseByRest(http, ctx).catch(() => {
        throw error
      }),
      error,
    )
  })
  ensureSupported(http, release)
  return zapi(parts, release)
}

async function rest(parts: Parts, release: OntapRelease): Promise<Ontap> {
  const { openRest } = await import('./rest/open.ts')
  return openRest({ ...parts, release })
}

async function zapi(parts: Parts, release: OntapRelease): Promise<Ontap> {
  const { openZapi } = await import('./zapi/open.ts')
  return openZapi({ ...parts, release })
}

async function releaseByRest(http: Http, ctx: Context): Promise<OntapRelease> {
  const { releaseByRest: ask } = await import('./rest/release.ts')
  return ask(http, ctx)
}

async function releaseByZapi(http: Http, ctx: Context): Promise<OntapRelease> {
  const { releaseByZapi: ask } = await import('./zapi/open.ts')
  return ask(http, ctx)
}

function noOntap({ address }: Http, cause: unknown): BackendError {
  return new BackendError(
    'MALFORMED',
    `Cannot find an ONTAP at ${address}: there is neither REST nor ZAPI. Check that the setting "managementLIF" is a management LIF of ONTAP.`,
    { cause },
  )
}

function ensureSupported({ address }: Http, release: OntapRelease): void {
  if (atLeast(release, OLDEST)) return
  throw new BackendError(
    'TOO_OLD',
    `Data ONTAP 8.3 or later is required. ${address} runs ${release.text}: update ONTAP.`,
  )
}

function tooOldForRest({ address }: Http, release: OntapRelease): BackendError {
  return new BackendError(
    'TOO_OLD',
    `Cannot use REST with ${address}, which runs ONTAP ${numbersOf(release)}: the first that will do is ${REST_SINCE}. Take "useREST" out of the config, so that ZAPI is used, or update ONTAP.`,
  )
}

function withoutZapi({ address }: Http, release: OntapRelease, cause: unknown): ConfigError {
  return new ConfigError(
    'CONFIG_INVALID',
    `Cannot use ZAPI with ${address}, which runs ONTAP ${numbersOf(release)} and does not answer by it. Take "useREST" out of the config, so that REST is used.`,
    { cause },
  )
}
