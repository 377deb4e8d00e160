/** Which SVM is meant, and whether it must be told with each call. */

import type { Context } from '../../../context.ts'
import type { OntapSvm } from '../ontap.ts'
import { chooseSvm } from '../svm-choice.ts'
import type { Client } from './client.ts'
import { known } from './fields.ts'

export interface ZapiSvm extends OntapSvm {
  readonly rootVolume?: string
  /** The LIF is one of the cluster, where calls name their SVM. */
  readonly onClusterLif: boolean
  /** What the cluster is called as an owner of users and roles; only its own LIFs show it. */
  readonly clusterName?: string
}

interface Seen extends OntapSvm {
  readonly rootVolume?: string
  /** `data`, `admin`, `node`, `system`. */
  readonly type: string
}

/**
 * An SVM's own LIF shows that SVM alone; one of the cluster shows the cluster itself besides, and its nodes.
 *
 * @param client of no SVM
 * @param asked the one the config names
 *
 * @throws ConfigError CONFIG_INVALID, BackendError NOT_FOUND
 */
export async function findSvm(client: Client, ctx: Context, asked: string | undefined): Promise<ZapiSvm> {
  const seen = await listSvms(client, ctx)
  const data = seen.filter(({ type }) => type === 'data')
  const { name, uuid } = await chooseSvm(client.address, asked, data, async () => data)
  const rootVolume = data.find((svm) => svm.name === name)?.rootVolume
  const clusterName = seen.find(({ type }) => type === 'admin')?.name
  return { name, uuid, onClusterLif: seen.length > 1, ...known({ rootVolume, clusterName }) }
}

function listSvms(client: Client, ctx: Context): Promise<readonly Seen[]> {
  const listing = {
    api: 'vserver-get-iter',
    row: 'vserver-info',
    desired: { 'root-volume': '', uuid: '', 'vserver-name': '', 'vserver-type': '' },
    scope: 'cluster' as const,
  }
  return client.list(ctx, listing, (row) => ({
    name: row.text('vserver-name'),
    uuid: row.optionalText('uuid') ?? '',
    type: row.optionalText('vserver-type') ?? 'data',
    ...known({ rootVolume: row.optionalText('root-volume') }),
  }))
}
