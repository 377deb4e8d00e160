/** Snapshots of a volume by ONTAPI. */

import type { Context } from '../../../context.ts'
import { BackendError } from '../../../errors.ts'
import type { Bytes } from '../../../units.ts'
import { KIB } from '../../../units.ts'
import type { OntapSnapshot, OntapSnapshots } from '../ontap.ts'
import type { Client } from './client.ts'
import { known, type XmlFields } from './fields.ts'
import { exactly } from './patterns.ts'
import { findVolume, noSuchVolume } from './volume-find.ts'

export function zapiSnapshots(client: Client): OntapSnapshots {
  return {
    async ofVolume(ctx, { name }) {
      const listing = {
        api: 'snapshot-get-iter',
        row: 'snapshot-info',
        query: { volume: exactly(name) },
        desired: { 'access-time': '', comment: '', 'cumulative-total': '', name: '', total: '', volume: '' },
      }
      const rows = await client.list(ctx, listing, (row) => ({
        volume: row.optionalText('volume'),
        row: readSnapshot(row),
      }))
      const snapshots = rows.filter(({ volume }) => volume === undefined || volume === name).map(({ row }) => row)
      if (snapshots.length === 0) await ensureReadable(client, ctx, name)
      return snapshots
    },

    async create(ctx, { name }, snapshot, comment) {
      const input = { volume: name, snapshot, ...(comment !== '' && { comment }) }
      await client.run(ctx, { api: 'snapshot-create', input }, 'if-refused')
    },

    async remove(ctx, { name }, snapshot) {
      const call = { api: 'snapshot-delete', input: { volume: name, snapshot } }
      await client.remove(ctx, { call, read: () => {} })
    },

    async restore(ctx, { name }, snapshot) {
      await client.run(ctx, { api: 'snapshot-restore-volume', input: { volume: name, snapshot } }, 'if-refused')
    },
  }
}

function readSnapshot(row: XmlFields): OntapSnapshot {
  const kib = row.optionalCount('total')
  return {
    name: row.text('name'),
    createdAt: row.optionalDate('access-time') ?? new Date(0),
    comment: row.optionalText('comment') ?? '',
    ...known({ size: kib === undefined ? undefined : ((kib * KIB) as Bytes) }),
  }
}

/** The list of a volume that is not there, or not online, is empty as well. */
async function ensureReadable(client: Client, ctx: Context, name: string): Promise<void> {
  const volume = await findVolume(client, ctx, name)
  if (!volume) throw noSuchVolume(client, name)
  if (volume.state === 'online') return
  throw new BackendError(
    'REFUSED',
    `The array ${client.address} does not show the snapshots of volume "${name}": it is ${volume.state}. Bring it online.`,
  )
}
