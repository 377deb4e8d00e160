/** Opens an Element cluster: connections, trust, and the version of the API. */

import { join } from 'node:path'
import { backgroundContext } from '../../context.ts'
import { openHttp } from '../http.ts'
import { Pins } from '../pins.ts'
import { elementAccessGroups } from './access-groups.ts'
import { elementAccounts } from './accounts.ts'
import { Client } from './client.ts'
import { elementCluster } from './cluster.ts'
import type { Element, ElementSettings } from './element.ts'
import { parseEndpoint } from './endpoint.ts'
import { elementSnapshots } from './snapshots.ts'
import { negotiate } from './versions.ts'
import { elementVolumes } from './volumes.ts'

/** What OpenStack's driver does: six tries, the pauses doubling from one second. */
const TRIES = 6
const FIRST_PAUSE_MS = 1_000

/**
 * Resolves once the array has answered, which it is asked only once.
 *
 * @throws ConfigError CONFIG_INVALID, BackendError
 */
export async function openElement(settings: ElementSettings): Promise<Element> {
  const { tls, stateDirectory, maxConcurrentRequests, log, signal, firstPauseMs = FIRST_PAUSE_MS } = settings
  const { origin, user, password, apiVersion: asked } = parseEndpoint(settings.endpoint.reveal(), settings)
  const pins = new Pins(join(stateDirectory, 'certificates.json'))
  const http = await openHttp({ origin, user, password, tls, pins, maxConcurrentRequests, log })
  try {
    const version = await negotiate(http, backgroundContext('open', log, signal), asked)
    log.info('Array found.', { address: http.address, apiVersion: version, ...(version !== asked && { asked }) })
    const client = new Client({ http, version, tries: TRIES, firstPauseMs })
    return {
      apiVersion: version,
      volumes: elementVolumes(client),
      accounts: elementAccounts(client),
      snapshots: elementSnapshots(client),
      accessGroups: elementAccessGroups(client),
      cluster: elementCluster(client),
      close: () => http.close(),
    }
  } catch (error) {
    await http.close()
    throw error
  }
}
