/** What the array keeps of volumes that are removed. */

import type { Context } from '../../../context.ts'
import { hasCode, reasonOf } from '../../../errors.ts'
import type { OntapVolumeRef, OntapVolumeStyle } from '../ontap.ts'
import type { Client } from './client.ts'
import { beginningWith, exactly } from './patterns.ts'
import { noSuchVolume } from './volume-find.ts'
import { hasFlexGroups, VOLUME } from './volume-rows.ts'

interface Kept {
  readonly style: OntapVolumeStyle
  readonly uuid: string
  /** What it will be called in the recovery queue, where a FlexGroup is one volume for each constituent, too. */
  readonly keptAs: readonly string[]
}

/**
 * The recovery queue tells volumes of one name apart by their numbers.
 *
 * @throws BackendError NOT_FOUND, also when the volume of that name is another one
 */
export async function readDoomed(client: Client, ctx: Context, { name, uuid }: OntapVolumeRef): Promise<Kept> {
  const listing = {
    api: 'volume-get-iter',
    row: VOLUME,
    ...(hasFlexGroups(client.release) ? withParts(name) : of(name)),
  }
  const rows = await client.list(ctx, listing, (row) => {
    const id = row.fields('volume-id-attributes')
    return {
      name: id.text('name'),
      type: id.optionalText('type'),
      style: id.optionalText('style-extended'),
      uuid: id.optionalText('instance-uuid') ?? '',
      dsid: id.optionalText('dsid'),
    }
  })
  const live = rows.filter(({ type }) => type !== 'del')
  const volume = live.find((row) => row.name === name)
  if (!volume || (uuid !== '' && volume.uuid !== uuid)) throw noSuchVolume(client, name)
  const style = volume.style === 'flexgroup' ? 'flexgroup' : 'flexvol'
  const parts = style === 'flexvol' ? [] : live.filter((row) => isPart(row, name))
  const keptAs = [volume, ...parts].flatMap(({ name, dsid }) => (dsid === undefined ? [] : [`${name}_${dsid}`]))
  return { style, uuid: volume.uuid, keptAs }
}

const DESIRED = { dsid: '', 'instance-uuid': '', name: '', type: '' }

function of(name: string) {
  return {
    query: { 'volume-id-attributes': { name: exactly(name) } },
    desired: { 'volume-id-attributes': DESIRED },
  }
}

/** Constituents are `g1__0001` and so on. A list may leave them out unless their style is asked for. */
function withParts(name: string) {
  const query = { name: `${exactly(name)}|${beginningWith(`${name}__`)}`, 'style-extended': ALL_STYLES }
  return {
    query: { 'volume-id-attributes': query },
    desired: { 'volume-id-attributes': { ...DESIRED, 'style-extended': '' } },
  }
}

const ALL_STYLES = 'flexvol|flexgroup|flexgroup_constituent'

function isPart(row: { readonly name: string; readonly style: string | undefined }, group: string): boolean {
  if (row.style !== 'flexgroup_constituent' || !row.name.startsWith(`${group}__`)) return false
  return /^\d+$/.test(row.name.slice(group.length + 2))
}

/** Takes more than an SVM's users have, as a rule: then the array does it by itself after a while (12 h). */
export async function purgeAll(client: Client, ctx: Context, names: readonly string[]): Promise<void> {
  for (const name of names) {
    const input = { 'volume-name': name, 'vserver-name': client.svm }
    try {
      await client.run(ctx, { api: 'volume-recovery-queue-purge', input }, 'freely')
    } catch (error) {
      ctx.signal.throwIfAborted()
      if (hasCode(error, 'NOT_FOUND')) continue
      const words = `A deleted volume stays in the array's recovery queue for a while: ${reasonOf(error)}.`
      ctx.log.warn(words, { volume: name })
      return
    }
  }
}
