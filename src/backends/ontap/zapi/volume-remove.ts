/** Removing a volume: the one of a UUID, though the array is only ever told a name. */

import type { Context } from '../../../context.ts'
import { BackendError, hasCode, reasonOf } from '../../../errors.ts'
import type { OntapVolumeRef } from '../ontap.ts'
import type { Client } from './client.ts'
import { ZapiFault } from './faults.ts'
import { destroyFlexGroup } from './flexgroup-remove.ts'
import { findVolume, noSuchVolume } from './volume-find.ts'
import { purgeAll, readDoomed } from './volume-purge.ts'

export async function removeVolume(
  client: Client,
  ctx: Context,
  ref: OntapVolumeRef,
  { purge, once = false }: { readonly purge: boolean; readonly once?: boolean },
): Promise<void> {
  if (!purge) return destroyVolume(client, ctx, await styled(client, ctx, ref), once)
  const { style, uuid, keptAs } = await readDoomed(client, ctx, ref)
  await destroyVolume(client, ctx, { name: ref.name, uuid, style }, once)
  await purgeAll(client, ctx, keptAs)
}

/** FlexGroups have calls of their own. */
async function styled(client: Client, ctx: Context, ref: OntapVolumeRef): Promise<Doomed> {
  const { name, uuid, style } = ref
  if (style !== undefined) return { name, uuid, style }
  const found = await findVolume(client, ctx, name)
  if (!found || (uuid !== '' && found.uuid !== uuid)) throw noSuchVolume(client, name)
  return found
}

/** The UUID is empty where it is not known; then the name alone says which one is meant. */
export type Doomed = Required<OntapVolumeRef>

export async function destroyVolume(client: Client, ctx: Context, doomed: Doomed, once = false): Promise<void> {
  try {
    await (doomed.style === 'flexvol'
      ? destroyFlexVol(client, ctx, doomed, once)
      : destroyFlexGroup(client, ctx, doomed, once))
  } catch (error) {
    // Of two numbers for what is missing, neither surely means the volume.
    if (error instanceof ZapiFault && hasCode(error, 'NOT_FOUND') && (await isThere(client.brief, ctx, doomed))) {
      throw new BackendError('REFUSED', `${reasonOf(error)}. Volume "${doomed.name}" is there, though.`, {
        cause: error,
      })
    }
    throw error
  }
}

async function destroyFlexVol(client: Client, ctx: Context, doomed: Doomed, once: boolean): Promise<void> {
  await client.remove(ctx, {
    call: { api: 'volume-destroy', input: { name: doomed.name, 'unmount-and-offline': true } },
    read: () => {},
    once,
    // By then somebody may have made another of that name.
    isThere: () => isThere(client.brief, ctx, doomed),
  })
}

export async function isThere(client: Client, ctx: Context, { name, uuid }: Doomed): Promise<boolean> {
  const found = await findVolume(client, ctx, name)
  return found !== undefined && (uuid === '' || found.uuid === uuid)
}
