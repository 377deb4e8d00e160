/**
 * What tells a clone in the making from all others. No call that makes one can give it a comment, so another thing has to
 * say whose it is until it has one: a FlexVol its name, which is changed at the end; a FlexGroup, which has its own name
 * from the beginning, its junction.
 */

import type { Context } from '../../../context.ts'
import { nameInTheMaking } from '../clone-names.ts'
import type { OntapVolume, OntapVolumeRef } from '../ontap.ts'
import { atLeast } from '../releases.ts'
import type { Client } from './client.ts'
import { exactly } from './patterns.ts'
import { findVolume, listVolumes } from './volume-find.ts'

export function junctionInTheMaking(intent: string): string {
  return `/${nameInTheMaking(intent)}`
}

/** @see OntapVolumes.remnantsOf */
export async function remnantsOf(client: Client, ctx: Context, intent: string): Promise<readonly OntapVolumeRef[]> {
  const flexvol = await findVolume(client, ctx, nameInTheMaking(intent))
  const flexgroup = hasFlexGroupClones(client) ? await flexGroupInTheMaking(client, ctx, intent) : undefined
  return [flexvol, flexgroup].filter((volume) => volume !== undefined)
}

export function hasFlexGroupClones({ release }: Client): boolean {
  return atLeast(release, '9.7')
}

async function flexGroupInTheMaking(client: Client, ctx: Context, intent: string): Promise<OntapVolume | undefined> {
  const path = junctionInTheMaking(intent)
  const rows = await listVolumes(client, ctx, { 'volume-id-attributes': { 'junction-path': exactly(path) } })
  return rows.find(({ volume, type }) => volume.junctionPath === path && type !== 'del' && !volume.role)?.volume
}
