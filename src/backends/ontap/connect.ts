/** Opens an SVM of an ONTAP. This file alone knows that there are two dialects, and chooses. */

import { join } from 'node:path'
import { backgroundContext, type Context } from '../../context.ts'
import { BackendError, ConfigError, type ErrorCode, hasCode, reasonOf } from '../../errors.ts'
import { type Http, type Login, openHttp } from '../http.ts'
import { Pins } from '../pins.ts'
import { readClientCertificate } from '../tls-client.ts'
import { parseAddress } from './address.ts'
import type { DialectParts } from './dialect.ts'
import type { Ontap, OntapRelease } from './ontap.ts'
import { atLeast, numbersOf } from './releases.ts'
import type { OntapCredentials, OntapSettings } from './settings.ts'

const TRIES = 6
const FIRST_PAUSE_MS = 1_000

/** Of those that speak ZAPI. */
const OLDEST = '8.3.0'
/** The first whose REST has all that is needed. */
const REST_SINCE = '9.12.1'
/** The first where REST is taken unless the config says otherwise. */
const REST_PREFERRED_SINCE = '9.15.1'
/** The first that surely has no ZAPI. */
const ZAPI_UNTIL = '9.100.0'

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
  const { release, hasRest } = await releaseOf(parts.http, ctx)
  ensureSupported(parts.http, release)
  if (hasRest && atLeast(release, REST_PREFERRED_SINCE)) return rest(parts, release)
  try {
    return await zapi(parts, release)
  } catch (error) {
    // Administrators switch ZAPI off, or give a user no right to it.
    if (!hasRest || !atLeast(release, REST_SINCE) || !hasCode(error, ...NO_SUCH_DIALECT)) throw error
    ctx.log.info('ZAPI is not to be had; using REST.', { address: parts.http.address, error: reasonOf(error) })
    return rest(parts, release)
  }
}

/** How an array, or a user's lack of rights, may say that a dialect is not for us. */
const NO_SUCH_DIALECT: readonly ErrorCode[] = ['TOO_OLD', 'UNAUTHORIZED', 'REFUSED', 'MALFORMED']

/** REST is asked first; users who may use only ZAPI are refused there. */
async function releaseOf(
  http: Http,
  ctx: Context,
): Promise<{ readonly release: OntapRelease; readonly hasRest: boolean }> {
  try {
    return { release: await releaseByRest(http, ctx), hasRest: true }
  } catch (refusal) {
    if (!hasCode(refusal, 'TOO_OLD', 'UNAUTHORIZED')) throw refusal
    const release = await releaseByZapi(http, ctx).catch((error: unknown) => {
      if (hasCode(refusal, 'UNAUTHORIZED') && hasCode(error, ...NO_SUCH_DIALECT)) throw refusal
      throw hasCode(error, 'TOO_OLD', 'REFUSED', 'MALFORMED') ? noOntap(http, error) : error
    })
    return { release, hasRest: false }
  }
}

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
  const refuse = async (error: unknown): Promise<never> => {
    if (!hasCode(error, 'TOO_OLD', 'REFUSED', 'MALFORMED')) throw error
    const release = await releaseByRest(http, ctx).catch(() => {
      throw error
    })
    throw withoutZapi(http, release, reasonOf(error))
  }
  const release = await releaseByZapi(http, ctx).catch(refuse)
  ensureSupported(http, release)
  if (atLeast(release, ZAPI_UNTIL)) throw withoutZapi(http, release, 'that release has none')
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

function withoutZapi({ address }: Http, release: OntapRelease, why: string): ConfigError {
  return new ConfigError(
    'CONFIG_INVALID',
    `Cannot use ZAPI with ${address}, which runs ONTAP ${numbersOf(release)}: ${why}. Take "useREST" out of the config, so that REST is used.`,
  )
}
