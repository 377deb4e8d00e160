/** Qtrees, by REST. */

import type { Context } from '../../../context.ts'
import { BackendError } from '../../../errors.ts'
import type { Fields } from '../../fields.ts'
import type { Repeat } from '../../repeat.ts'
import type { OntapQtree, OntapQtreeRef, OntapQtrees, OntapSvm } from '../ontap.ts'
import type { Call } from './call.ts'
import type { RestClient } from './client.ts'
import { VanishedJob } from './jobs.ts'
import { countIn, part, textIn } from './maybe.ts'
import { readMode, writtenMode } from './modes.ts'
import { beginningWith, exactly, type Query } from './query.ts'

const QTREES = '/storage/qtrees'
const QTREE = '/storage/qtrees/{volume.uuid}/{id}'

const FIELDS = 'id,name,volume.name,volume.uuid,unix_permissions,security_style,export_policy.name'

/** Rows of a page. */
const PAGE = 5_000

export function restQtrees(client: RestClient, svm: OntapSvm): OntapQtrees {
  const list = (query: Query): Call => ({
    method: 'GET',
    path: QTREES,
    query: { 'svm.uuid': svm.uuid, ...query, fields: FIELDS },
  })

  async function keysOf(
    ctx: Context,
    { volume, name, id, volumeUuid }: OntapQtreeRef,
  ): Promise<NonNullable<Call['keys']>> {
    if (id !== undefined && volumeUuid !== undefined) return { 'volume.uuid': volumeUuid, id }
    const call = list({ 'volume.name': exactly(volume), name: exactly(name) })
    const [keys] = await client.records(ctx, call, (row) =>
      row.text('name') === name ? { 'volume.uuid': row.fields('volume').text('uuid'), id: row.count('id') } : undefined,
    )
    if (keys) return keys
    throw new BackendError(
      'NOT_FOUND',
      `SVM "${svm.name}" on ${client.address} has no qtree "${name}" in volume "${volume}". See "volume qtree show".`,
    )
  }

  async function patch(ctx: Context, qtree: OntapQtreeRef, body: object, repeat: Repeat): Promise<void> {
    const keys = await keysOf(ctx, qtree)
    await client.change(ctx, { method: 'PATCH', path: QTREE, keys, body, job: 'awaited' }, repeat)
  }

  return {
    async create(ctx, qtree) {
      const { volume, name, unixPermissions, securityStyle, exportPolicy } = qtree
      const body = {
        svm: { uuid: svm.uuid },
        volume: { name: volume },
        name,
        unix_permissions: writtenMode(unixPermissions),
        security_style: securityStyle,
        ...(exportPolicy !== undefined && { export_policy: { name: exportPolicy } }),
      }
      try {
        await client.change(ctx, { method: 'POST', path: QTREES, body, job: 'awaited' }, 'if-refused')
      } catch (error) {
        if (!(error instanceof BackendError && error.cause instanceof VanishedJob)) throw error
        await keysOf(ctx, qtree)
      }
    },

    changeMode: (ctx, qtree, mode) => patch(ctx, qtree, { unix_permissions: writtenMode(mode) }, 'freely'),
    // Numbers are given again: by the second time it may be that of another qtree.
    rename: (ctx, qtree, name) => patch(ctx, qtree, { name }, 'if-refused'),

    async remove(ctx, qtree) {
      const keys = await keysOf(ctx, qtree)
      await client.remove(ctx, { method: 'DELETE', path: QTREE, keys, job: 'begun' }, [], 'if-refused')
    },

    async named(ctx, name, volumePrefix) {
      const call = list({ 'volume.name': beginningWith(volumePrefix), name: exactly(name) })
      return client.records(ctx, call, (row) => (row.text('name') === name ? readQtree(row) : undefined))
    },

    inVolumes(ctx, volumePrefix) {
      const call = list({ 'volume.name': beginningWith(volumePrefix), max_records: PAGE })
      return client.records(ctx, call, (row) => (row.count('id') === 0 ? undefined : readQtree(row)))
    },
  }
}

function readQtree(row: Fields): OntapQtree {
  const mode = readMode(countIn(row, 'unix_permissions'))
  const securityStyle = textIn(row, 'security_style')
  const exportPolicy = textIn(part(row, 'export_policy'), 'name')
  return {
    volume: row.fields('volume').text('name'),
    volumeUuid: row.fields('volume').text('uuid'),
    name: row.text('name'),
    id: row.count('id'),
    ...(mode !== undefined && { unixPermissions: mode }),
    ...(securityStyle !== undefined && { securityStyle }),
    ...(exportPolicy !== undefined && { exportPolicy }),
  }
}
