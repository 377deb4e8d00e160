/** Volumes of an SVM by ONTAPI. */

import type { Context } from '../../../context.ts'
import type { OntapVolume, OntapVolumes } from '../ontap.ts'
import type { Client } from './client.ts'
import { EBEINGSPLIT, ENOTACLONE } from './faults.ts'
import { beginningWith, exactly } from './patterns.ts'
import { changeVolume } from './volume-change.ts'
import { cloneVolume } from './volume-clone.ts'
import { createVolume } from './volume-create.ts'
import { removeVolume } from './volume-remove.ts'
import { hasFlexGroups, readVolumeRow, VOLUME, type VolumeRow, wantedOf } from './volume-rows.ts'
import type { Input } from './xml.ts'

/** How the other verbs look a volume up. */
export type FindVolume = OntapVolumes['find']

export function zapiVolumes(client: Client): OntapVolumes {
  const wanted = wantedOf(client.release)
  const list = (ctx: Context, query: Input): Promise<readonly VolumeRow[]> =>
    client.list(ctx, { api: 'volume-get-iter', row: VOLUME, query, desired: wanted }, readVolumeRow)

  const find: FindVolume = async (ctx, name) => {
    const rows = await list(ctx, { 'volume-id-attributes': { name: exactly(name) } })
    return rows.find(({ volume, type }) => volume.name === name && type !== 'del')?.volume
  }

  return {
    find,
    create: (ctx, volume) => createVolume(client, find, ctx, volume),
    clone: (ctx, clone) => cloneVolume(client, find, ctx, clone),
    change: (ctx, volume, change) => changeVolume(client, find, ctx, volume, change),
    remove: (ctx, volume, options) => removeVolume(client, find, ctx, volume, options),

    async withPrefix(ctx, prefix) {
      const query = { name: beginningWith(prefix), type: 'rw', ...(hasFlexGroups(client.release) && STYLES) }
      const rows = await list(ctx, { 'volume-id-attributes': query })
      return rows.filter((row) => isListed(row) && row.volume.name.startsWith(prefix)).map(({ volume }) => volume)
    },

    async clonesOf(ctx, { name }) {
      const query = { 'volume-clone-attributes': { 'volume-clone-parent-attributes': { name: exactly(name) } } }
      const rows = await list(ctx, query)
      return rows
        .filter(
          ({ volume, type, isConstituent }) => volume.clonedFrom?.volume === name && type !== 'del' && !isConstituent,
        )
        .map(({ volume }: { readonly volume: OntapVolume }) => volume.name)
    },

    async split(ctx, { name }) {
      // It goes on for hours in the array, and is not waited for.
      const call = { api: 'volume-clone-split-start', input: { volume: name } }
      await client.run(ctx, call, 'freely', ({ errno, reason }) => DONE.includes(errno) || /being split/i.test(reason))
    },
  }
}

/** It is no clone any more, or is on its way. */
const DONE = [ENOTACLONE, EBEINGSPLIT]

/** The constituents of FlexGroups have a style of their own. */
const STYLES = { 'style-extended': 'flexvol|flexgroup' }

function isListed({ type, isRoot, isConstituent }: VolumeRow): boolean {
  return type === 'rw' && !isRoot && !isConstituent
}
