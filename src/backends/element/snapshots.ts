/** Snapshots of single volumes of an Element cluster. */

import type { Context } from '../../context.ts'
import { BackendError } from '../../errors.ts'
import type { Fields } from '../fields.ts'
import type { Client } from './client.ts'
import type { ElementSnapshot, ElementSnapshots } from './element.ts'

export function elementSnapshots(client: Client): ElementSnapshots {
  const ofVolume = (ctx: Context, volumeID: number) =>
    client.list(ctx, { method: 'ListSnapshots', params: { volumeID } }, 'snapshots', readSnapshot)

  return {
    ofVolume,

    async create(ctx, volumeID, name, attributes) {
      const params = { volumeID, name, ...(attributes && { attributes }) }
      const read = (result: Fields) => ({
        id: result.count('snapshotID'),
        snapshot: result.has('snapshot') ? readSnapshot(result.fields('snapshot')) : undefined,
      })
      const { id, snapshot } = await client.call(ctx, { method: 'CreateSnapshot', params }, 'if-refused', read)
      // Early versions show only the ID.
      const found = snapshot ?? (await ofVolume(ctx, volumeID)).find((other) => other.id === id)
      if (found) return found
      throw new BackendError(
        'NOT_FOUND',
        `The array made snapshot ${id} of volume ${volumeID}, and then had no such snapshot.`,
      )
    },

    remove: (ctx, id) => client.remove(ctx, { method: 'DeleteSnapshot', params: { snapshotID: id } }),

    async restore(ctx, volumeID, snapshotID) {
      const params = { volumeID, snapshotID, saveCurrentState: false }
      await client.call(ctx, { method: 'RollbackToSnapshot', params }, 'if-refused', () => {})
    },
  }
}

function readSnapshot(snapshot: Fields): ElementSnapshot {
  return {
    id: snapshot.count('snapshotID'),
    volumeId: snapshot.count('volumeID'),
    name: snapshot.text('name'),
    createdAt: snapshot.date('createTime'),
    size: snapshot.bytes('totalSize'),
    attributes: snapshot.object('attributes'),
  }
}
