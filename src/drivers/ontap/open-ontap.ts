/** From settings to an SVM that answers. */

import { openOntap } from '../../backends/ontap/connect.ts'
import type { Ontap } from '../../backends/ontap/ontap.ts'
import type { DriverSettings } from '../driver.ts'
import { type AccessSettings, credentialsOf } from './access.ts'

type SvmSettings = Pick<DriverSettings<AccessSettings>, 'config' | 'stateDirectory' | 'log' | 'signal'>

/** Opens an SVM, and a driver on it. If that fails, nothing it has begun goes on, and the SVM is closed. */
export async function openOn<S extends SvmSettings, D>(
  settings: S,
  open: (ontap: Ontap, settings: S) => Promise<D>,
): Promise<D> {
  const ontap = await openSvm(settings)
  const opening = new AbortController()
  try {
    return await open(ontap, { ...settings, signal: AbortSignal.any([settings.signal, opening.signal]) })
  } catch (error) {
    opening.abort(error)
    await ontap.close()
    throw error
  }
}

/**
 * @param readOnly leave `stateDirectory` as it is
 *
 * @throws ConfigError CONFIG_INVALID, BackendError
 */
export function openSvm(
  { config, stateDirectory, log, signal }: SvmSettings,
  { readOnly = false }: { readonly readOnly?: boolean } = {},
): Promise<Ontap> {
  const { managementLIF, svm, useREST, trustedCACertificate, tlsFingerprint, insecureSkipVerify } = config
  return openOntap({
    managementLIF,
    credentials: credentialsOf(config),
    ...(svm !== undefined && { svm }),
    ...(useREST !== undefined && { useREST }),
    tls: {
      insecureSkipVerify,
      ...(tlsFingerprint !== undefined && { tlsFingerprint }),
      ...(trustedCACertificate !== undefined && { trustedCACertificate }),
    },
    stateDirectory,
    ...(readOnly && { readOnly }),
    maxConcurrentRequests: config.maxConcurrentRequests,
    log,
    signal,
  })
}
