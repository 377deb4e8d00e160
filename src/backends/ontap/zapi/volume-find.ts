/** Looking volumes up. */

import type { Context } from '../../../context.ts'
import { BackendError } from '../../../errors.ts'
import type { OntapVolume } from '../ontap.ts'
import type { Client } from './client.ts'
import { exactly } from './patterns.ts'
import { readVolumeRow, VOLUME, type VolumeRow, wantedOf } from './volume-rows.ts'
import type { Input } from './xml.ts'

/** Of exactly this name, and not in the recovery queue. */
export async function findVolume(client: Client, ctx: Context, name: string): Promise<OntapVolume | undefined> {
  const rows = await listVolumes(client, ctx, { 'volume-id-attributes': { name: exactly(name) } })
  return rows.find(({ volume, type }) => volume.name === name && type !== 'del')?.volume
}

/** All that fit a query: of all types, and with those in the recovery queue. */
export function listVolumes(client: Client, ctx: Context, query: Input): Promise<readonly VolumeRow[]> {
  const desired = wantedOf(client.release)
  return client.list(ctx, { api: 'volume-get-iter', row: VOLUME, query, desired }, readVolumeRow)
}

export function noSuchVolume({ address }: Client, name: string): BackendError {
  return new BackendError('NOT_FOUND', `The array ${address} has no volume "${name}" in this SVM.`)
}
