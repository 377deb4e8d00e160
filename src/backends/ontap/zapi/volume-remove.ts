/** Removing a volume, and what the array keeps of it. */

import type { Context } from '../../../context.ts'
import { BackendError, hasCode, reasonOf } from '../../../errors.ts'
import type { OntapVolumeRef } from '../ontap.ts'
import type { Client } from './client.ts'
import { EVOLUMEOFFLINE, hasErrno } from './faults.ts'
import { readBegun, waitUntilDone } from './jobs.ts'
import { exactly } from './patterns.ts'
import { unmountVolume, withStyle } from './volume-change.ts'
import { noSuchVolume, type StyledVolume } from './volume-modify.ts'
import { hasFlexGroups, VOLUME } from './volume-rows.ts'
import type { FindVolume } from './volumes.ts'

export async function removeVolume(
  client: Client,
  find: FindVolume,
  ctx: Context,
  ref: OntapVolumeRef,
  { purge }: { readonly purge: boolean },
): Promise<void> {
  if (!purge) return destroyVolume(client, find, ctx, await withStyle(client, find, ctx, ref))
  const { style, keptAs } = await readDoomed(client, ctx, ref.name)
  await destroyVolume(client, find, ctx, { name: ref.name, style })
  for (const name of keptAs) await purgeVolume(client, ctx, name)
}

export async function destroyVolume(
  client: Client,
  find: FindVolume,
  ctx: Context,
  { name, style }: StyledVolume,
): Promise<void> {
  if (style === 'flexvol') {
    await client.remove(ctx, { api: 'volume-destroy', input: { name, 'unmount-and-offline': true } }, () => {})
    return
  }
  await ensureWithoutClones(client, ctx, name)
  await unmountVolume(client, ctx, name)
  const offline = { api: 'volume-offline', input: { name } }
  await client.run(ctx, offline, 'freely', (fault) => hasErrno(fault, EVOLUMEOFFLINE))
  const api = 'volume-destroy-async'
  const begun = await client.remove(ctx, { api, input: { 'volume-name': name } }, readBegun)
  const gone = async (work: Context) => (await find(work, name)) === undefined
  if (begun) await waitUntilDone(client, ctx, api, begun, gone)
}

/**
 * That a FlexGroup has clones would show only once it is offline; and where jobs cannot be seen, not at all. Those in the
 * recovery queue count.
 */
async function ensureWithoutClones(client: Client, ctx: Context, name: string): Promise<void> {
  const attributes = 'volume-clone-attributes'
  const parent = 'volume-clone-parent-attributes'
  const listing = {
    api: 'volume-get-iter',
    row: VOLUME,
    query: { [attributes]: { [parent]: { name: exactly(name) } } },
    desired: { [attributes]: { [parent]: { name: '' } }, 'volume-id-attributes': { name: '' } },
  }
  const rows = await client.list(ctx, listing, (row) => ({
    parent: row.fields(attributes).fields(parent).optionalText('name'),
    clone: row.fields('volume-id-attributes').text('name'),
  }))
  const clones = rows.filter((row) => row.parent === name).map(({ clone }) => clone)
  if (clones.length === 0) return
  throw new BackendError(
    'HAS_DEPENDENTS',
    `The array ${client.address} keeps volume "${name}", as it has clones: ${clones.join(', ')}. Remove or split them first.`,
  )
}

interface Doomed {
  readonly style: StyledVolume['style']
  /** What it is called in the recovery queue, where a FlexGroup is one volume for each constituent. */
  readonly keptAs: readonly string[]
}

const STYLE = { 'style-extended': '' }

/** The recovery queue tells volumes of one name apart by their numbers. */
async function readDoomed(client: Client, ctx: Context, name: string): Promise<Doomed> {
  const listing = {
    api: 'volume-get-iter',
    row: VOLUME,
    query: { 'volume-id-attributes': { name: exactly(name) } },
    desired: { 'volume-id-attributes': { dsid: '', name: '', type: '', ...(hasFlexGroups(client.release) && STYLE) } },
  }
  const rows = await client.list(ctx, listing, (row) => row.fields('volume-id-attributes'))
  const id = rows.find((row) => row.text('name') === name && row.optionalText('type') !== 'del')
  if (!id) throw noSuchVolume(client, name)
  const dsid = id.optionalText('dsid')
  const style = id.optionalText('style-extended') === 'flexgroup' ? 'flexgroup' : 'flexvol'
  return { style, keptAs: dsid === undefined ? [] : [`${name}_${dsid}`] }
}

/** Takes more than an SVM's users have, as a rule: then the array does it by itself after a while (12 h). */
async function purgeVolume(client: Client, ctx: Context, name: string): Promise<void> {
  const input = { 'volume-name': name, 'vserver-name': client.svm }
  try {
    await client.run(ctx, { api: 'volume-recovery-queue-purge', input }, 'freely')
  } catch (error) {
    ctx.signal.throwIfAborted()
    if (hasCode(error, 'NOT_FOUND')) return
    ctx.log.warn(`A deleted volume stays in the array's recovery queue for a while: ${reasonOf(error)}.`, {
      volume: name,
    })
  }
}
