/** Changing a volume: its size, its place in the namespace, and what else is given. */

import type { Context } from '../../../context.ts'
import { hasCode } from '../../../errors.ts'
import type { Bytes } from '../../../units.ts'
import type { OntapVolumeChange, OntapVolumeRef } from '../ontap.ts'
import type { Client } from './client.ts'
import { ENOTMOUNTED, hasErrno, ZapiFault } from './faults.ts'
import { readBegun, waitUntilDone } from './jobs.ts'
import { findVolume, noSuchVolume } from './volume-find.ts'
import { modifyVolume, type StyledVolume } from './volume-modify.ts'

export async function changeVolume(
  client: Client,
  ctx: Context,
  ref: OntapVolumeRef,
  change: OntapVolumeChange,
): Promise<void> {
  const volume = await withStyle(client, ctx, ref)
  const { size, junctionPath, ...attributes } = change
  await modifyVolume(client, ctx, volume, attributes)
  if (size !== undefined) await resize(client, ctx, volume, size)
  if (junctionPath !== undefined) await mountVolume(client, ctx, volume.name, junctionPath)
}

/** FlexGroups have calls of their own. */
async function withStyle(client: Client, ctx: Context, { name, uuid, style }: OntapVolumeRef): Promise<StyledVolume> {
  if (style !== undefined) return { name, style, ...(uuid !== '' && { uuid }) }
  const volume = await findVolume(client, ctx, name)
  if (!volume) throw noSuchVolume(client, name)
  return volume
}

async function resize(client: Client, ctx: Context, { name, style }: StyledVolume, size: Bytes) {
  if (style === 'flexvol') {
    await client.run(ctx, { api: 'volume-size', input: { volume: name, 'new-size': String(size) } }, 'freely')
    return
  }
  const api = 'volume-size-async'
  const input = { 'volume-name': name, 'new-size': String(size) }
  const begun = await client.call(ctx, { api, input }, 'freely', readBegun)
  await waitUntilDone(
    client,
    ctx,
    api,
    begun,
    async (work) => ((await findVolume(client, work, name))?.size ?? 0) >= size,
  )
}

/** Puts a volume where it is to be in the namespace, wherever it was. */
export async function mountVolume(client: Client, ctx: Context, name: string, junctionPath: string): Promise<void> {
  const mount = () =>
    client.run(ctx, { api: 'volume-mount', input: { 'volume-name': name, 'junction-path': junctionPath } }, 'freely')
  try {
    await mount()
  } catch (error) {
    if (!(error instanceof ZapiFault) || hasCode(error, 'NOT_FOUND', 'UNAUTHORIZED')) throw error
    // It may be there already: an answer may have been lost.
    const found = await findVolume(client, ctx, name)
    if (found?.junctionPath === junctionPath) return
    if (found?.junctionPath === undefined) throw error
    await unmountVolume(client, ctx, name)
    await mount()
  }
}

export async function unmountVolume(client: Client, ctx: Context, name: string): Promise<void> {
  const call = { api: 'volume-unmount', input: { 'volume-name': name } }
  await client.run(ctx, call, 'freely', (fault) => hasErrno(fault, ENOTMOUNTED))
}
