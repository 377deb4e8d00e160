/** Opens an SVM by REST. */

import { backgroundContext } from '../../../context.ts'
import type { DialectParts } from '../dialect.ts'
import type { Ontap } from '../ontap.ts'
import { restAggregates } from './aggregates.ts'
import { RestClient } from './client.ts'
import { restEvents } from './events.ts'
import { restExports } from './exports.ts'
import { restNetwork } from './network.ts'
import { restQtrees } from './qtrees.ts'
import { restQuotas } from './quotas.ts'
import { restRoles } from './roles.ts'
import { restSnapshots } from './snapshots.ts'
import { ensureSeen, findSvm } from './svm.ts'
import { restVolumes } from './volumes.ts'

/** @throws ConfigError CONFIG_INVALID, BackendError */
export async function openRest(parts: DialectParts): Promise<Ontap> {
  const { http, release, log, signal } = parts
  const client = new RestClient(parts)
  const svm = await findSvm(new RestClient({ ...parts, tries: 1 }), backgroundContext('open', log, signal), parts.svm)
  return {
    dialect: 'rest',
    release,
    svm,
    ensureSeen: (ctx) => ensureSeen(client, ctx, svm),
    volumes: restVolumes(client, svm, release),
    snapshots: restSnapshots(client),
    qtrees: restQtrees(client, svm),
    quotas: restQuotas(client, svm),
    exports: restExports(client, svm),
    aggregates: restAggregates(client, svm),
    network: restNetwork(client, svm),
    events: restEvents(client),
    roles: restRoles(client),
    close: () => http.close(),
  }
}
