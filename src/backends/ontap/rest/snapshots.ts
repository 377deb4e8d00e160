/** Snapshots of volumes, by REST. */

import type { Context } from '../../../context.ts'
import { BackendError } from '../../../errors.ts'
import type { Fields } from '../../fields.ts'
import type { OntapSnapshot, OntapSnapshots, OntapVolumeRef } from '../ontap.ts'
import type { Call } from './call.ts'
import type { RestClient } from './client.ts'
import { VanishedJob } from './jobs.ts'
import { bytesIn, textIn } from './maybe.ts'
import { exactly } from './query.ts'

const SNAPSHOTS = '/storage/volumes/{volume.uuid}/snapshots'

export function restSnapshots(client: RestClient): OntapSnapshots {
  async function uuidOf(ctx: Context, volume: OntapVolumeRef, name: string): Promise<string> {
    const found = await client.records(ctx, within(volume, 'GET', { query: { name: exactly(name) } }), (row) =>
      row.text('name') === name ? row.text('uuid') : undefined,
    )
    if (found[0] !== undefined) return found[0]
    throw new BackendError(
      'NOT_FOUND',
      `Volume "${volume.name}" on ${client.address} has no snapshot "${name}". See "volume snapshot show".`,
    )
  }

  async function isThere(ctx: Context, volume: OntapVolumeRef, name: string, comment: string): Promise<boolean> {
    const call = within(volume, 'GET', { query: { name: exactly(name), fields: 'comment' } })
    const found = await client.records(ctx, call, (row) => ({
      name: row.text('name'),
      comment: textIn(row, 'comment'),
    }))
    return found.some((snapshot) => snapshot.name === name && (snapshot.comment ?? '') === comment)
  }

  return {
    ofVolume: (ctx, volume) =>
      client.records(ctx, within(volume, 'GET', { query: { fields: 'name,create_time,size,comment' } }), readSnapshot),

    async create(ctx, volume, name, comment) {
      try {
        await client.change(ctx, within(volume, 'POST', { body: { name, comment }, job: 'awaited' }), 'if-refused')
      } catch (error) {
        if (!(error instanceof BackendError && error.cause instanceof VanishedJob)) throw error
        if (!(await isThere(ctx, volume, name, comment))) throw error
      }
    },

    async remove(ctx, volume, name) {
      const keys = { 'volume.uuid': volume.uuid, uuid: await uuidOf(ctx, volume, name) }
      await client.remove(ctx, { method: 'DELETE', path: `${SNAPSHOTS}/{uuid}`, keys, job: 'awaited' })
    },

    async restore(ctx, { uuid }, name) {
      const query = { 'restore_to.snapshot.name': name }
      await client.change(
        ctx,
        { method: 'PATCH', path: '/storage/volumes/{uuid}', keys: { uuid }, query, body: {}, job: 'awaited' },
        'if-refused',
      )
    },
  }
}

function within({ uuid }: OntapVolumeRef, method: Call['method'], rest: Partial<Call>): Call {
  return { method, path: SNAPSHOTS, keys: { 'volume.uuid': uuid }, ...rest }
}

function readSnapshot(row: Fields): OntapSnapshot {
  const size = bytesIn(row, 'size')
  return {
    name: row.text('name'),
    createdAt: row.date('create_time'),
    ...(size !== undefined && { size }),
    comment: textIn(row, 'comment') ?? '',
  }
}
