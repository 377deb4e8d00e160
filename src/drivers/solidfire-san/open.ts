/** From a config to a driver that works: the cluster, the account, what the cluster allows. */

import type { Element, ElementAccount } from '../../backends/element/element.ts'
import { openElement } from '../../backends/element/open.ts'
import { backgroundContext, type Context } from '../../context.ts'
import { BackendError, hasCode } from '../../errors.ts'
import type { Driver, DriverSettings } from '../driver.ts'
import { type Config, credentialsOf, type Options } from './config.ts'
import { SolidfireDriver } from './driver.ts'
import type { NameSettings } from './names.ts'
import { Tenant } from './tenant.ts'

/** @throws BackendError; what it opened is closed then */
export async function openSolidfire(settings: DriverSettings<Config>): Promise<Driver<Options>> {
  const { config: own, stateDirectory, log, signal } = settings
  const { trustedCACertificate, tlsFingerprint, insecureSkipVerify, maxConcurrentRequests } = own
  const element = await openElement({
    endpoint: own.Endpoint,
    ...credentialsOf(own),
    tls: {
      insecureSkipVerify,
      ...(tlsFingerprint !== undefined && { tlsFingerprint }),
      ...(trustedCACertificate !== undefined && { trustedCACertificate }),
    },
    stateDirectory,
    maxConcurrentRequests,
    log,
    signal,
  })
  try {
    return await openDriver(element, settings)
  } catch (error) {
    await element.close()
    throw error
  }
}

async function openDriver(element: Element, settings: DriverSettings<Config>): Promise<Driver<Options>> {
  const { config: own, log, signal } = settings
  const ctx = backgroundContext('open', log, signal)
  const [account, limits] = await Promise.all([
    ensureAccount(element, ctx, own.TenantName),
    element.cluster.limits(ctx),
  ])
  const names: NameSettings = { prefix: settings.prefix, legacyPrefix: own.LegacyNamePrefix }
  const tenant = new Tenant(element, account.id, names)
  const volumes = await tenant.list(ctx)
  log.info('Found the account.', { tenant: account.username, accountId: account.id, volumes: volumes.size })
  return new SolidfireDriver({ element, tenant, limits, names, settings })
}

/** nDVP made an account whenever it could not find one, for whatever reason; here the array has to say that there is none. */
async function ensureAccount(element: Element, ctx: Context, username: string): Promise<ElementAccount> {
  const found = await element.accounts.find(ctx, username)
  if (found && found.status !== 'active') {
    throw new BackendError(
      'REFUSED',
      `Cannot use account "${username}" of the array: it is ${found.status}. Unlock it there, or name another as TenantName.`,
    )
  }
  if (found) return found
  ctx.log.info('The array has no such account; making it.', { tenant: username })
  try {
    return await element.accounts.create(ctx, username)
  } catch (error) {
    // Another host was faster.
    const made = hasCode(error, 'ALREADY_EXISTS') ? await element.accounts.find(ctx, username) : undefined
    if (!made) throw error
    return made
  }
}
