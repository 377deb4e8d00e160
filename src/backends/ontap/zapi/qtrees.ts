/** Qtrees by ONTAPI. */

import type { Context } from '../../../context.ts'
import { BackendError } from '../../../errors.ts'
import type { OntapQtree, OntapQtreeRef, OntapQtrees } from '../ontap.ts'
import type { Client } from './client.ts'
import { known, type XmlFields } from './fields.ts'
import { ensureBegun, readBegun } from './jobs.ts'
import { beginningWith, exactly } from './patterns.ts'
import { modeText } from './volume-rows.ts'
import type { Input } from './xml.ts'

export function zapiQtrees(client: Client): OntapQtrees {
  const list = async (ctx: Context, volumePrefix: string, more: Input) => {
    const query = { ...more, ...(volumePrefix !== '' && { volume: beginningWith(volumePrefix) }) }
    const rows = await client.list(
      ctx,
      { api: 'qtree-list-iter', row: 'qtree-info', query, desired: WANTED },
      readQtree,
    )
    // Every volume has one without a name, which stands for what is in no other.
    return rows.filter(({ volume, name }) => name !== '' && volume.startsWith(volumePrefix))
  }

  /** A path may be another's by now. */
  async function ensureSame(ctx: Context, { volume, name, id }: OntapQtreeRef): Promise<void> {
    const rows = await list(ctx, volume, { qtree: exactly(name) })
    if (rows.some((row) => row.volume === volume && row.name === name && row.id === id)) return
    throw new BackendError(
      'NOT_FOUND',
      `SVM "${client.svm}" on ${client.address} has no qtree "${name}" in volume "${volume}" any more. See "volume qtree show".`,
    )
  }

  return {
    async create(ctx, { volume, name, unixPermissions, securityStyle, exportPolicy }) {
      const mode = modeText(unixPermissions)
      const input = { qtree: name, volume, mode, 'security-style': securityStyle, 'export-policy': exportPolicy }
      await client.run(ctx, { api: 'qtree-create', input }, 'if-refused')
    },

    async changeMode(ctx, { volume, name }, unixPermissions) {
      const input = { qtree: name, volume, mode: modeText(unixPermissions) }
      await client.run(ctx, { api: 'qtree-modify', input }, 'freely')
    },

    async rename(ctx, qtree, name) {
      if (qtree.id !== undefined) await ensureSame(ctx, qtree)
      const input = { qtree: pathOf(qtree), 'new-qtree-name': pathOf({ volume: qtree.volume, name }) }
      await client.run(ctx, { api: 'qtree-rename', input }, 'if-refused')
    },

    async remove(ctx, qtree) {
      const api = 'qtree-delete-async'
      const call = { api, input: { qtree: pathOf(qtree), force: true } }
      const begun = await client.remove(ctx, { call, read: readBegun })
      if (begun) ensureBegun(client, api, begun)
    },

    named: async (ctx, name, volumePrefix) =>
      (await list(ctx, volumePrefix, { qtree: exactly(name) })).filter((qtree) => qtree.name === name),

    inVolumes: (ctx, volumePrefix) => list(ctx, volumePrefix, {}),
  }
}

/** As quotas and some calls name a qtree. */
export function pathOf({ volume, name }: OntapQtreeRef): string {
  return `/vol/${volume}/${name}`
}

const WANTED = { 'export-policy': '', id: '', mode: '', qtree: '', 'security-style': '', volume: '' }

function readQtree(row: XmlFields): OntapQtree {
  const mode = row.optionalText('mode')
  return {
    volume: row.text('volume'),
    name: row.optionalText('qtree') ?? '',
    id: row.optionalCount('id') ?? 0,
    ...known({
      unixPermissions: mode !== undefined && /^[0-7]{1,5}$/.test(mode) ? Number.parseInt(mode, 8) : undefined,
      securityStyle: row.optionalText('security-style'),
      exportPolicy: row.optionalText('export-policy'),
    }),
  }
}
