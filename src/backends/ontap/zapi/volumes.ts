/** Volumes of an SVM by ONTAPI. */

import type { OntapVolumes } from '../ontap.ts'
import type { Client } from './client.ts'
import { EBEINGSPLIT, ENOTACLONE } from './faults.ts'
import { beginningWith, exactly } from './patterns.ts'
import { changeVolume } from './volume-change.ts'
import { cloneVolume } from './volume-clone.ts'
import { remnantsOf } from './volume-clone-marks.ts'
import { createVolume } from './volume-create.ts'
import { findVolume, listVolumes } from './volume-find.ts'
import { removeVolume } from './volume-remove.ts'
import { hasFlexGroups, type VolumeRow } from './volume-rows.ts'

export function zapiVolumes(client: Client): OntapVolumes {
  return {
    find: (ctx, name) => findVolume(client, ctx, name),
    create: (ctx, volume) => createVolume(client, ctx, volume),
    clone: (ctx, clone) => cloneVolume(client, ctx, clone),
    remnantsOf: (ctx, intent) => remnantsOf(client, ctx, intent),
    change: (ctx, volume, change) => changeVolume(client, ctx, volume, change),
    remove: (ctx, volume, options) => removeVolume(client, ctx, volume, options),

    async withPrefix(ctx, prefix) {
      const query = { name: beginningWith(prefix), type: 'rw', ...(hasFlexGroups(client.release) && STYLES) }
      const rows = await listVolumes(client, ctx, { 'volume-id-attributes': query })
      return rows.filter((row) => isListed(row) && row.volume.name.startsWith(prefix)).map(({ volume }) => volume)
    },

    async clonesOf(ctx, { name }) {
      const query = { 'volume-clone-attributes': { 'volume-clone-parent-attributes': { name: exactly(name) } } }
      const rows = await listVolumes(client, ctx, query)
      return rows
        .filter(
          ({ volume: { clonedFrom, role }, type }) =>
            clonedFrom?.volume === name && type !== 'del' && role !== 'constituent',
        )
        .map(({ volume }) => volume.name)
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

function isListed({ volume, type }: VolumeRow): boolean {
  return type === 'rw' && volume.role === undefined
}
