/** Opens an SVM by ONTAPI. */

import { backgroundContext } from '../../../context.ts'
import type { DialectParts } from '../dialect.ts'
import type { Ontap } from '../ontap.ts'
import { zapiAggregates } from './aggregates.ts'
import { Client } from './client.ts'
import { zapiEvents } from './events.ts'
import { zapiExports } from './exports.ts'
import { zapiNetwork } from './network.ts'
import { zapiQtrees } from './qtrees.ts'
import { zapiQuotas } from './quotas.ts'
import { levelOf } from './release.ts'
import { zapiRoles } from './roles.ts'
import { zapiSnapshots } from './snapshots.ts'
import { findSvm } from './svm.ts'
import { zapiVolumes } from './volumes.ts'

export { releaseByZapi } from './release.ts'

/**
 * Resolves once the SVM was found, for which the array is asked only once.
 *
 * @throws ConfigError CONFIG_INVALID when the SVM cannot be told, BackendError
 */
export async function openZapi(parts: DialectParts): Promise<Ontap> {
  const { http, release, tries, firstPauseMs, log, signal } = parts
  const settings = { http, release, version: levelOf(release), firstPauseMs }
  const ctx = backgroundContext('open', log, signal)
  const svm = await findSvm(new Client({ ...settings, tries: 1 }), ctx, parts.svm)
  const client = new Client({ ...settings, tries, svm: svm.name, onClusterLif: svm.onClusterLif })
  return {
    dialect: 'zapi',
    release,
    svm: { name: svm.name, uuid: svm.uuid },
    // An SVM that is not seen is refused by each call on it: there is no list that is empty for that.
    ensureSeen: async () => {},
    volumes: zapiVolumes(client),
    snapshots: zapiSnapshots(client),
    qtrees: zapiQtrees(client),
    quotas: zapiQuotas(client),
    exports: zapiExports(client),
    aggregates: zapiAggregates(client),
    network: zapiNetwork(client, svm.rootVolume),
    events: zapiEvents(client),
    roles: zapiRoles(client, svm),
    close: () => http.close(),
  }
}
